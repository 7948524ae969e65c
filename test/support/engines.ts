import { describe, vi } from 'vitest';
import { serveWritten, type Written } from '../graphql/support.ts';
import { serveFiles, type TestService } from './service.ts';
import { copyToTrino, TRINO_URL, trinoSchema } from './trino.ts';

// A Trino that has just started, or that others use as well, takes its time.
if (TRINO_URL !== null) vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** The engines that must give the same numbers. */
export type EngineName = 'DuckDB' | 'Trino';

/** Describes an engine's part of a test; that of Trino is skipped where there is none. */
export function describeOn(engine: EngineName, body: () => void): void {
  if (engine === 'DuckDB' || TRINO_URL !== null) describe(`on ${engine}`, body);
  else describe.skip('on Trino (skipped: TRINO_URL is not set; eval "$(scripts/trino start)" sets it)', body);
}

/** `engine` of a catalog in YAML: Trino, with names of tables looked up in one of its catalogs. */
export const trinoEngine = (catalog: string): string => `{ kind: trino, server: "${TRINO_URL}", catalog: ${catalog} }`;

/** Serves a catalog over what DuckDB selects: over the Parquet files that it names, or over the same rows in Iceberg. */
export async function serveWrittenOn(
  engine: EngineName,
  { catalog, parquet }: Required<Pick<Written, 'catalog' | 'parquet'>>,
  now: string,
): Promise<TestService> {
  if (engine === 'DuckDB') return serveWritten({ catalog, parquet }, now);
  const schema = await trinoSchema('iceberg');
  const tableOf = (file: string) => `iceberg.${schema}.${file.replace('.parquet', '')}`;
  await copyToTrino(Object.fromEntries(Object.entries(parquet).map(([file, select]) => [tableOf(file), select])));
  const placed = catalog
    .replace('{ kind: duckdb }', trinoEngine('iceberg'))
    .replaceAll(/file: (\w+\.parquet)/g, (_, file: string) => `table: ${tableOf(file)}`);
  return serveFiles(placed, now);
}
