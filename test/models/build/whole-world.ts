import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Catalog } from '../../../src/catalog/catalog.ts';
import { canonicalInstant } from '../../../src/core/instant.ts';
import { generateDemo } from '../../../src/demo/generate.ts';
import { openDuckDb } from '../../../src/engine/duckdb/duckdb.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { type BuildReport, build } from '../../../src/models/build/build.ts';
import { MODELS } from '../../../src/models/registry.ts';
import { openEngine } from '../../../src/server/open-engine.ts';
import { openService } from '../../../src/server/open-service.ts';
import { openWarehouse } from '../../../src/server/open-warehouse.ts';
import { textOf } from '../../../src/sql/literal.ts';
import { ident, sql } from '../../../src/sql/sql.ts';
import { SHOP_NOW, serveShop, shopOnTrino } from '../../shop/serve.ts';
import { type EngineName, trinoEngine } from '../../support/engines.ts';
import { folderWith, later, serveFiles, type TestService } from '../../support/service.ts';
import { copyToTrino, trinoSchema } from '../../support/trino.ts';
import type { Rows } from '../compared/rows.ts';

const DEMO = fileURLToPath(new URL('../../../metrics', import.meta.url));
/** Of the demo's users; all kinds of metrics have values. */
const SHARE = 0.05;
const DEMO_NOW = '2026-06-01T00:00:00Z';

/** A catalog over rows that DuckDB holds; on Trino, over a copy of them. */
export interface World {
  readonly name: string;
  /** What the API says, from raw rows on DuckDB. */
  serve(): Promise<TestService>;
  /** The catalog with a place for its models on an engine. */
  placedOn(engine: EngineName): Promise<Catalog>;
}

const ownFile = (catalog: Catalog): Catalog => {
  const path = join(folderWith({}), 'models.duckdb');
  return { ...catalog, models: { path, catalog: null, schema: 'liftql', lookback: LOOKBACK, maxAge: 0 } };
};
const LOOKBACK = 2 * 86_400;

/** What is made once a file. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

const serveShopOnce = once(() => serveShop('DuckDB'));
export const SHOP: World = {
  name: 'the shop',
  serve: serveShopOnce,
  placedOn: async (engine) => {
    if (engine === 'DuckDB') return ownFile((await serveShopOnce()).catalog());
    const catalog = `${await shopOnTrino()}\nmodels: { schema: ${await trinoSchema('iceberg')} }\n`;
    return (await serveFiles(catalog, SHOP_NOW)).catalog();
  },
};

const makeDemo = once(async () => {
  const database = join(folderWith({}), 'demo.duckdb');
  await generateDemo(database, { scale: SHARE, threads: 2 });
  const service = await openService(DEMO, { env: { LIFTQL_DEMO_DB: database } });
  later(() => service.close());
  return { database, service };
});
export const SMALL_DEMO: World = {
  name: 'the demo',
  serve: async () => (await makeDemo()).service,
  placedOn: async (engine) => {
    const { database, service } = await makeDemo();
    return engine === 'DuckDB' ? ownFile(service.catalog()) : (await serveOnTrino(database)).catalog();
  },
};

/** The small demo over rows that an engine holds. */
export async function serveSmallDemo(engine: EngineName): Promise<TestService> {
  const { database, service } = await makeDemo();
  return engine === 'DuckDB' ? service : serveOnTrino(database);
}

/** The demo's files, which name another engine and another schema, over a copy of its tables. */
async function serveOnTrino(database: string): Promise<TestService> {
  const [raw, schema] = [await trinoSchema('iceberg'), await trinoSchema('iceberg')];
  const files = Object.fromEntries(readdirSync(DEMO).map((name) => [name, readFileSync(join(DEMO, name), 'utf8')]));
  const moved = files['catalog.yaml']!.replace(/^engine:\n(?: .*\n)+/m, `engine: ${trinoEngine('iceberg')}\n`)
    .replace(/^models:\n(?: .*\n)+/m, `models: { schema: ${schema} }\n`)
    .replaceAll('table: raw.', `table: ${raw}.`);
  const tables = [...moved.matchAll(/table: \w+\.(\w+)/g)].map(([, table]) => table!);
  await copyToTrino(
    Object.fromEntries(tables.map((table) => [`iceberg.${raw}.${table}`, `select * from raw.${table}`])),
    {
      database,
    },
  );
  return serveFiles({ ...files, 'catalog.yaml': moved }, DEMO_NOW);
}

/** Builds all models as of an instant. */
export async function buildWhole(catalog: Catalog, asOf: string): Promise<BuildReport> {
  const warehouse = await openWarehouse(catalog);
  try {
    return await build({
      ...{ catalog, warehouse, models: MODELS, asOf: canonicalInstant(asOf), select: null, fullRefresh: false },
      ...{ version: 'test', clock: () => new Date() },
    });
  } finally {
    await warehouse.close();
  }
}

/** Rows of what is built. */
export async function readWhole(catalog: Catalog): Promise<{ readonly rows: Rows; close(): Promise<void> }> {
  const { path, schema, catalog: trinoCatalog } = catalog.models!;
  const onDuckDb = path !== null;
  const engine: Engine = onDuckDb
    ? await openDuckDb({ path: null, files: MODELS.map(({ name }) => ({ name, path, table: [schema, name] })) })
    : await openEngine(catalog);
  const place = (name: string) => (onDuckDb ? ident('memory', 'files', name) : ident(trinoCatalog!, schema, name));
  return {
    rows: async (name, select = (from) => sql`select * from ${from}`) => {
      const statement = select(sql`${place(name)} as m`);
      return (await engine.query({ sql: textOf(statement), parameters: [] })).rows;
    },
    close: () => engine.close(),
  };
}
