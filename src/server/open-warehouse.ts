import type { Catalog } from '../catalog/catalog.ts';
import { MetricLayerError } from '../core/errors.ts';
import { openDuckDbWarehouse } from '../engine/duckdb/warehouse.ts';
import { openTrinoWarehouse } from '../engine/trino/warehouse.ts';
import type { OnStep, Warehouse } from '../engine/warehouse.ts';
import { openEngine, sourceFiles } from './open-engine.ts';

/** Opens the place that a catalog names for its models. Throws BAD_SETTING where it names none. */
export async function openWarehouse(catalog: Catalog, options: { readonly onStep?: OnStep } = {}): Promise<Warehouse> {
  const { engine: config, models = null } = catalog;
  if (config.kind === 'trino') {
    if (models?.catalog == null)
      throw unplaced('`models: { catalog: iceberg, schema: liftql }`, or a catalog in `engine` and `models: {}`');
    const { catalog: name, schema } = models;
    const engine = await openEngine(catalog);
    return openTrinoWarehouse({ engine, catalog: name, schema, user: config.user }).catch(async (error: unknown) => {
      await engine.close();
      throw error;
    });
  }
  if (models?.path == null) throw unplaced('`models: { path: models.duckdb }`');
  const { path, threads, memoryLimit } = config;
  const { path: target, schema } = models;
  return openDuckDbWarehouse({ path, threads, memoryLimit, files: sourceFiles(catalog), target, schema, ...options });
}

function unplaced(example: string): MetricLayerError {
  return new MetricLayerError('BAD_SETTING', `The catalog does not say where its models are built. Add ${example}.`);
}
