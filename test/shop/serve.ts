import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type EngineName, trinoEngine } from '../support/engines.ts';
import { serve, serveFiles, type TestService } from '../support/service.ts';
import { copyToTrino, trinoSchema } from '../support/trino.ts';

const DIRECTORY = fileURLToPath(new URL('../fixtures/shop', import.meta.url));
/** The moment that the shop is served at. */
export const SHOP_NOW = '2026-06-01T00:00:00Z';

/** The shop's catalog over its files, or over the same rows in Iceberg. */
export async function serveShop(engine: EngineName): Promise<TestService> {
  return engine === 'DuckDB' ? serve(DIRECTORY, SHOP_NOW) : serveFiles(await shopOnTrino(), SHOP_NOW);
}

/** The shop's catalog over its rows in new tables of Iceberg. */
export async function shopOnTrino(): Promise<string> {
  const schema = await trinoSchema('iceberg');
  const rowsOf = (name: string) => `select * from read_csv('${DIRECTORY}/${name}.csv', sample_size = -1)`;
  await copyToTrino({
    [`iceberg.${schema}.assignments`]: rowsOf('assignments'),
    [`iceberg.${schema}.events`]: rowsOf('events'),
  });
  return readFileSync(`${DIRECTORY}/catalog.yaml`, 'utf8')
    .replace('{ kind: duckdb }', trinoEngine('iceberg'))
    .replaceAll(/file: (\w+)\.csv/g, `table: ${schema}.$1`);
}
