import type { Catalog, ExperimentsSource } from '../catalog/catalog.ts';
import { mergeExperimentsTable } from '../catalog/experiments-table.ts';
import { type Fault, formatFault } from '../catalog/fault.ts';
import { inspectWarehouse } from '../catalog/inspect-warehouse.ts';
import { loadCatalog } from '../catalog/load.ts';
import { MetricLayerError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { createRunner } from '../evaluate/single-flight.ts';
import type { MetricService } from '../graphql/context.ts';
import { createSchema } from '../graphql/schema.ts';
import { relationSql } from '../plan/relation.ts';
import { DIALECTS } from '../sql/dialects/index.ts';
import { compile, ident, join, sql } from '../sql/sql.ts';
import { as } from '../sql/statement.ts';
import { createBuiltModelsReader } from './built-models.ts';
import { openEngine, ownQuery } from './open-engine.ts';
import { VERSION } from './version.ts';

export interface OpenOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Default: LIFTQL_NOW, else the machine's clock. */
  readonly clock?: () => Date;
  /** As `loadCatalog` takes it. */
  readonly pathsFrom?: string;
}

/** The catalog's faults, all of them; the message has one a line. */
export class CatalogError extends MetricLayerError {
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super('CATALOG_INVALID', faults.map(formatFault).join('\n'));
    this.faults = faults;
  }
}

/** Loads a catalog, opens its engine, compares the two, reads the experiments table: everything that must hold before serving. */
export async function openService(
  directory: string,
  options: OpenOptions,
): Promise<MetricService & { close(): Promise<void> }> {
  const loaded = loadCatalog(directory, { env: options.env, pathsFrom: options.pathsFrom });
  if (!loaded.ok) throw new CatalogError(loaded.faults);
  const engine = await openEngine(loaded.catalog);
  try {
    const inspected = await inspectWarehouse(loaded.catalog, engine, relationSql);
    if (!inspected.ok) throw new CatalogError(inspected.faults);
    const declared = inspected.catalog;
    const built = createBuiltModelsReader(engine);
    const read = async () => {
      const merged = await withExperiments(declared, engine);
      const problem = await built.refresh(merged);
      return problem === null ? merged : { ...merged, warnings: [...merged.warnings, problem] };
    };
    let current = await read();
    return {
      version: VERSION,
      schema: createSchema(),
      engine,
      runner: createRunner(engine),
      clock: options.clock ?? clockOf(options.env),
      maxCells: maxCellsOf(options.env),
      catalog: () => current,
      refresh: async () => {
        current = await read();
        return experimentSources(declared).length;
      },
      built: () => built.current(),
      close: async () => {
        await built.close();
        await engine.close();
      },
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

const experimentSources = (catalog: Catalog): readonly ExperimentsSource[] =>
  [...catalog.sources.values()].filter((source) => source.kind === 'experiments');

/** The catalog with what the flag system's tables say now: those of their columns that it names. */
async function withExperiments(catalog: Catalog, engine: Engine): Promise<Catalog> {
  let merged = catalog;
  for (const source of experimentSources(catalog)) {
    const columns = [...new Set(source.fields.values())].map((column) => as(ident(column), column));
    const query = sql`select ${join(columns, ', ')} from ${relationSql(source)} as s`;
    const { rows } = await engine.query(
      compile(query, DIALECTS[engine.dialect].placeholder),
      ownQuery(catalog.engine, 'experiments'),
    );
    merged = mergeExperimentsTable(merged, source.name, rows);
  }
  return merged;
}

/** LIFTQL_NOW holds an instant, for runs that must not depend on when they happen. */
export function clockOf(env: OpenOptions['env']): () => Date {
  const fixed = env.LIFTQL_NOW;
  if (fixed === undefined || fixed === '') return () => new Date();
  const instant = new Date(fixed);
  if (Number.isNaN(instant.getTime()))
    throw new MetricLayerError(
      'BAD_SETTING',
      `LIFTQL_NOW holds "${fixed}", which is not an instant. Write it as 2026-03-20T00:00:00Z.`,
    );
  return () => instant;
}

/** LIFTQL_MAX_CELLS: how many leaf values one operation may resolve. */
function maxCellsOf(env: OpenOptions['env']): number | undefined {
  const text = env.LIFTQL_MAX_CELLS;
  if (text === undefined || text === '') return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new MetricLayerError(
    'BAD_SETTING',
    `LIFTQL_MAX_CELLS holds "${text}", which is not a whole number of 1 or more.`,
  );
}
