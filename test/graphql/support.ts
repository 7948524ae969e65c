import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { GraphQLError } from 'graphql';
import { afterAll } from 'vitest';
import type { MetricService, RequestOptions } from '../../src/graphql/context.ts';
import { formatError } from '../../src/graphql/errors.ts';
import { executeDocument } from '../../src/graphql/execute.ts';
import { openService } from '../../src/server/open-service.ts';

export type Service = Awaited<ReturnType<typeof openService>>;

const clean: (() => unknown)[] = [];
afterAll(async () => {
  for (const undo of clean.splice(0).reverse()) await undo();
});

/** A catalog and the data beside it: text as it is written, selects by the name of the Parquet file they fill. */
export interface Written {
  readonly catalog: string;
  readonly text?: Readonly<Record<string, string>>;
  readonly parquet?: Readonly<Record<string, string>>;
}

/** Writes a folder that is gone after the tests of the file. */
export async function folderOf({ catalog, text = {}, parquet = {} }: Written): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'liftql-'));
  clean.push(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, content] of Object.entries({ 'catalog.yaml': catalog, ...text })) {
    writeFileSync(join(directory, name), content);
  }
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const [name, select] of Object.entries(parquet)) {
    await connection.run(`copy (${select}) to '${join(directory, name)}' (format parquet)`);
  }
  connection.closeSync();
  instance.closeSync();
  return directory;
}

/** Opens a folder the way the server does; closed after the tests of the file. */
export async function open(directory: string, now = '2026-06-01T00:00:00Z'): Promise<Service> {
  const service = await openService(directory, { env: {}, clock: () => new Date(now) });
  clean.push(() => service.close());
  return service;
}

export async function serviceOf(written: Written, now?: string): Promise<Service> {
  return open(await folderOf(written), now);
}

export interface Fault {
  readonly message: string;
  readonly code: unknown;
  readonly path: readonly (string | number)[];
}

export interface Reply<T> {
  readonly data: T | null | undefined;
  readonly faults: readonly Fault[];
}

/** A document's answer with its faults as a client sees them. A bug of ours is no answer: it is thrown. */
export async function ask<T>(
  service: MetricService,
  document: string,
  variables: Readonly<Record<string, unknown>> = {},
  options: RequestOptions = {},
): Promise<Reply<T>> {
  const { result } = await executeDocument(service, { document, variables }, options);
  const faults = (result.errors ?? []).map((error) => {
    const { message, extensions, path } = formatError(error.toJSON(), error, (_, bug) => {
      throw new Error(`A bug reached the edge at ${error.path?.join('.')}`, { cause: bug });
    });
    return { message, code: extensions?.code, path: path ?? [] };
  });
  return { data: result.data as T | null | undefined, faults };
}

/** The answer of a document that must have no faults. */
export async function data<T>(
  service: MetricService,
  document: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<T> {
  const reply = await ask<T>(service, document, variables);
  if (reply.faults.length > 0) throw new GraphQLError(reply.faults.map(({ message }) => message).join('\n'));
  return reply.data!;
}

/** Codes of the faults of a document, in order. */
export async function codes(
  service: MetricService,
  document: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<readonly unknown[]> {
  return (await ask(service, document, variables)).faults.map(({ code }) => code);
}

/** Every value inside of an answer that is no JSON number, and every text that shows one; empty for a sound answer. */
export function unsound(value: unknown, path = '$'): readonly string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path} = ${value}`];
  if (typeof value === 'string') return /\b(NaN|Infinity)\b/.test(value) ? [`${path} = ${value}`] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => unsound(inner, `${path}.${key}`));
}
