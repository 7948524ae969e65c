import { canonicalInstant } from '../../src/core/instant.ts';
import { build } from '../../src/models/build/build.ts';
import { MODELS } from '../../src/models/registry.ts';
import { openWarehouse } from '../../src/server/open-warehouse.ts';
import { SHOP_NOW, shopOnTrino } from '../shop/serve.ts';
import { serveFiles } from '../support/service.ts';
import { trinoSchema } from '../support/trino.ts';

/** The catalog of Trino that the tests' models lie in. */
export const CATALOG = 'iceberg';

/** Builds the shop's results on Trino, in a schema of their own that goes with the tests of the file. */
export async function buildShop(): Promise<string> {
  const schema = await trinoSchema(CATALOG);
  const service = await serveFiles(`${await shopOnTrino()}\nmodels: { schema: ${schema} }\n`, SHOP_NOW);
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
  return schema;
}
