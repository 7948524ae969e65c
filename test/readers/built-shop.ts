import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { canonicalInstant } from '../../src/core/instant.ts';
import { build } from '../../src/models/build/build.ts';
import { MODELS } from '../../src/models/registry.ts';
import { openWarehouse } from '../../src/server/open-warehouse.ts';
import { SHOP_NOW, shopOnTrino } from '../shop/serve.ts';
import { type CatalogFiles, serveFiles } from '../support/service.ts';
import { trinoSchema } from '../support/trino.ts';

/** The catalog of Trino that the tests' models lie in. */
export const CATALOG = 'iceberg';

const SHOP = fileURLToPath(new URL('../fixtures/shop', import.meta.url));

/** Builds the shop's results on Trino, in a schema of their own that goes with the tests of the file. */
export async function buildShop(): Promise<{ readonly schema: string; readonly catalog: Catalog }> {
  const schema = await trinoSchema(CATALOG);
  return { schema, catalog: await buildOf(`${await shopOnTrino()}\nmodels: { schema: ${schema} }\n`) };
}

/** Builds the shop's results in a file of DuckDB, which goes with the tests of the file; gives its path and its schema. */
export async function buildShopFile(): Promise<{ readonly path: string; readonly schema: string }> {
  const of = (name: string) => readFileSync(`${SHOP}/${name}`);
  const { models } = await buildOf({
    'catalog.yaml': `${of('catalog.yaml')}\nmodels: { path: models.duckdb }\n`,
    'assignments.csv': of('assignments.csv'),
    'events.csv': of('events.csv'),
  });
  return { path: models!.path!, schema: models!.schema };
}

async function buildOf(files: CatalogFiles): Promise<Catalog> {
  const service = await serveFiles(files, SHOP_NOW);
  const catalog = service.catalog();
  const warehouse = await openWarehouse(catalog);
  try {
    await build({
      catalog,
      warehouse,
      models: MODELS,
      asOf: canonicalInstant(SHOP_NOW),
      select: '+experiment_results',
      fullRefresh: false,
      version: 'test',
      clock: () => new Date(),
    });
  } finally {
    await warehouse.close();
  }
  return catalog;
}
