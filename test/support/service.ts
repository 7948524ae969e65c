import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { GraphQLFormattedError } from 'graphql';
import { afterAll } from 'vitest';
import type { MetricService, RequestOptions } from '../../src/graphql/context.ts';
import { formatError } from '../../src/graphql/errors.ts';
import { type DocumentRequest, executeDocument } from '../../src/graphql/execute.ts';
import { explainDocument } from '../../src/graphql/explain.ts';
import { openService } from '../../src/server/open-service.ts';

export type TestService = Awaited<ReturnType<typeof openService>>;

/** Files by name, relative to the catalog's folder; plain text is one file `catalog.yaml`. */
export type CatalogFiles = string | Readonly<Record<string, string | Uint8Array>>;

const undo: (() => unknown)[] = [];
afterAll(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** To be done after the tests of the file, last first. */
export function later(step: () => unknown): void {
  undo.push(step);
}

/** A new folder with these files; removed after the tests of the file. */
export function folderWith(files: CatalogFiles): string {
  const directory = mkdtempSync(join(tmpdir(), 'liftql-test-'));
  later(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(typeof files === 'string' ? { 'catalog.yaml': files } : files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return directory;
}

/** Serves a catalog's folder at a fixed moment; closed after the tests of the file. */
export async function serve(directory: string, now: string): Promise<TestService> {
  const service = await openService(directory, { env: {}, clock: () => new Date(now) });
  later(() => service.close());
  return service;
}

/** Serves a catalog made of these files. */
export function serveFiles(files: CatalogFiles, now: string): Promise<TestService> {
  return serve(folderWith(files), now);
}

/** What a document answers, shaped as the test expects it. Nobody checks the shape: a wrong one fails the test. */
// biome-ignore lint/suspicious/noExplicitAny: the document decides the shape
export type Data = any;

/** Runs a document that must succeed. */
export async function ask(
  service: MetricService,
  document: string,
  variables: DocumentRequest['variables'] = null,
  options: RequestOptions = {},
): Promise<Data> {
  const { data, errors } = await answer(service, document, variables, options);
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return data;
}

/** Runs a document that may fail in part; errors are as a client is told them. */
export async function answer(
  service: MetricService,
  document: string,
  variables: DocumentRequest['variables'] = null,
  options: RequestOptions = {},
): Promise<{ readonly data: Data; readonly errors: readonly GraphQLFormattedError[] }> {
  const { result } = await executeDocument(service, { document, variables }, options);
  const masked = (_: string, error: unknown) => {
    throw error;
  };
  const errors = (result.errors ?? []).map((error) => formatError(error.toJSON(), error, masked));
  return { data: result.data, errors };
}

/** The statements that a document would run. */
export function explain(service: MetricService, document: string, variables: DocumentRequest['variables'] = null) {
  return explainDocument(service, { document, variables });
}
