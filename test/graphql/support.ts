import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { MetricService } from '../../src/graphql/context.ts';
import { answer, folderWith, serve, type TestService } from '../support/service.ts';

/** A catalog and the data beside it: files as they are written, and selects by the name of the Parquet file they fill. */
export interface Written {
  readonly catalog: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly parquet?: Readonly<Record<string, string>>;
}

/** Writes a catalog with its data and serves it at a fixed moment; gone after the tests of the file. */
export async function serveWritten({ catalog, files = {}, parquet = {} }: Written, now: string): Promise<TestService> {
  const directory = folderWith({ 'catalog.yaml': catalog, ...files });
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const [name, select] of Object.entries(parquet)) {
    await connection.run(`copy (${select}) to '${join(directory, name)}' (format parquet)`);
  }
  connection.closeSync();
  instance.closeSync();
  return serve(directory, now);
}

/** Codes of a document's faults, in order; empty: it has none. */
export async function codes(
  service: MetricService,
  document: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<readonly unknown[]> {
  return (await answer(service, document, variables)).errors.map(({ extensions }) => extensions?.code);
}

/** Every value inside of an answer that is no JSON number, and every text that shows one; empty for a sound answer. */
export function unsound(value: unknown, path = '$'): readonly string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path} = ${value}`];
  if (typeof value === 'string') return /\b(NaN|Infinity)\b/.test(value) ? [`${path} = ${value}`] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => unsound(inner, `${path}.${key}`));
}
