import { existsSync, statSync } from 'node:fs';
import type { Catalog } from '../catalog/catalog.ts';
import type { BuiltTables } from '../core/built-tables.ts';
import { openDuckDb } from '../engine/duckdb/duckdb.ts';
import { relationsOf as duckDbRelations } from '../engine/duckdb/warehouse.ts';
import type { Engine } from '../engine/engine.ts';
import { relationsOf as trinoRelations } from '../engine/trino/warehouse.ts';
import type { BuiltModels } from '../evaluate/execution.ts';
import { createRunner } from '../evaluate/single-flight.ts';
import { definitionHash, type Naming } from '../models/build/definition.ts';
import { builtTables, openBuilt } from '../models/build/open-built.ts';
import { MODELS } from '../models/registry.ts';
import { ownQuery } from './open-engine.ts';

/** The built tables of a catalog's models, as they stood when they were last looked for. */
export interface BuiltModelsReader {
  /** null: there are none, or of other definitions than the catalog's. */
  current(): BuiltModels | null;
  /** Looks again; `catalog` is that which is served from now on. Why they cannot be read, as a warning; null: nothing is wrong. */
  refresh(catalog: Catalog): Promise<string | null>;
  close(): Promise<void>;
}

/** Finds what `liftql build` has built for a catalog. Nothing that goes wrong here is an error: raw sources have it all. */
export function createBuiltModelsReader(engine: Engine): BuiltModelsReader {
  let current: BuiltModels | null = null;
  /** DuckDB's file, opened as it was at a time; a build puts another file in its place. */
  let opened: { readonly engine: Engine; readonly version: string } | null = null;
  /** What was open before: requests may still be at it. */
  let retired: Engine | null = null;

  const read = async (catalog: Catalog): Promise<BuiltModels | null> => {
    const models = catalog.models ?? null;
    if (models === null) return null;
    if (models.path === null) return models.catalog === null ? null : readTrino(catalog, engine, models.catalog);
    if (!existsSync(models.path)) return null;
    const { ino, mtimeMs } = statSync(models.path);
    const version = `${ino} ${mtimeMs}`;
    if (opened?.version !== version) {
      const fresh = await openDuckDb({ path: models.path });
      await retired?.close();
      retired = opened?.engine ?? null;
      opened = { engine: fresh, version };
    }
    return readDuckDb(catalog, opened.engine);
  };

  return {
    current: () => current,
    refresh: async (catalog) => {
      try {
        current = await read(catalog);
        return null;
      } catch (error) {
        current = null;
        return `The tables of the models cannot be read, and raw sources answer: ${error instanceof Error ? error.message : String(error)}`;
      }
    },
    close: async () => {
      await retired?.close();
      await opened?.engine.close();
    },
  };
}

/** As the build names its relations: the hash of a definition is over the same text. */
async function readDuckDb(catalog: Catalog, file: Engine): Promise<BuiltModels | null> {
  const { schema } = catalog.models!;
  const query = async (sql: string) => (await file.query({ sql, parameters: [] })).rows;
  const relations = await duckDbRelations(query, { database: 'warehouse', schema });
  const naming: Naming = {
    dialect: 'DUCKDB',
    nameOf: (name, within) => (within === 'view' ? [schema, name] : ['models', schema, name]),
  };
  const found = await tablesOf(catalog, naming, relations);
  if (found === null) return null;
  // The file is attached under another name here than where it was written.
  const tables = new Map([...found.tables].map(([model, name]) => [model, ['warehouse', ...name.slice(1)]]));
  return { tables: { ...found, tables }, runner: createRunner(file) };
}

async function readTrino(catalog: Catalog, engine: Engine, database: string): Promise<BuiltModels | null> {
  const { schema } = catalog.models!;
  const own = ownQuery(catalog.engine, 'models');
  const query = async (sql: string) => (await engine.query({ sql, parameters: [] }, own)).rows;
  const relations = await trinoRelations(query, { catalog: database, schema });
  const naming: Naming = { dialect: 'TRINO', nameOf: (name) => [database, schema, name] };
  const tables = await tablesOf(catalog, naming, relations);
  return tables === null ? null : { tables, runner: createRunner(engine) };
}

async function tablesOf(
  catalog: Catalog,
  naming: Naming,
  relations: Awaited<ReturnType<typeof duckDbRelations>>,
): Promise<BuiltTables | null> {
  const standing = await openBuilt({ nameOf: naming.nameOf, relations: async () => relations });
  return builtTables(standing, MODELS, (model) => definitionHash(model, catalog, naming));
}
