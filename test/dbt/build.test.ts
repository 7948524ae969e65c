import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { canonicalInstant } from '../../src/core/instant.ts';
import { openDuckDb } from '../../src/engine/duckdb/duckdb.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { TRINO_DEFAULTS } from '../../src/engine/trino/options.ts';
import { openTrino } from '../../src/engine/trino/trino.ts';
import { openTrinoWarehouse } from '../../src/engine/trino/warehouse.ts';
import type { Warehouse } from '../../src/engine/warehouse.ts';
import { build } from '../../src/models/build/build.ts';
import type { ModelName } from '../../src/models/model.ts';
import { MODELS } from '../../src/models/registry.ts';
import { openWarehouse } from '../../src/server/open-warehouse.ts';
import { ident, type Sql } from '../../src/sql/sql.ts';
import { describeOn, type EngineName } from '../support/engines.ts';
import { type CatalogFiles, folderWith, later, serve } from '../support/service.ts';
import { copyToTrino, runOnTrino, TRINO_URL, trinoSchema } from '../support/trino.ts';
import { differencesOf } from './differences.ts';
import { ODD_CATALOG } from './odd-catalog.ts';
import { artifact, DBT_TIMEOUT_MS, describeWithDbt, projectFolder, runDbt } from './support.ts';

const DEMO = '.cache/demo/demo.duckdb';
/** The demo's data are too many to be copied for a test: some of its users. */
const SOME = `where hash(user_id) % 50 = 0`;

interface Case {
  readonly name: string;
  /** Its folder, or its files. */
  readonly catalog: string | Exclude<CatalogFiles, string>;
  readonly asOf: string;
  /** DuckDB's select of the rows of each table that goes to Trino, by schema and table of the catalog. */
  readonly raw: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly database?: string;
}

const csv = (name: string) => `select * from read_csv('test/fixtures/shop/${name}.csv', sample_size = -1)`;
const rowsOf = (values: string) => `select * from (values ${values})`;
const CASES: readonly Case[] = [
  {
    name: 'the shop',
    catalog: 'test/fixtures/shop',
    asOf: '2026-06-01T00:00:00Z',
    raw: { files: { assignments: csv('assignments'), events: csv('events') } },
  },
  {
    name: 'a catalog of odd words',
    catalog: ODD_CATALOG,
    asOf: '2026-06-01T00:00:00Z',
    raw: {
      files: {
        assignments: `${rowsOf("(1, 'a', timestamp '2026-03-21'), (2, 'b', timestamp '2026-03-21')")} t(user_id, variant, "at")`,
        events: `${rowsOf("(1, timestamp '2026-03-22', '{# x #}'), (2, timestamp '2026-03-22', 'y')")} t(user_id, "at", word)`,
      },
    },
  },
  {
    name: 'the demo',
    catalog: 'metrics',
    asOf: '2026-06-01T00:00:00Z',
    database: DEMO,
    raw: {
      raw: Object.fromEntries(
        ['experiment_assignments', 'user_events', 'survey_answers'].map((table) => [
          table,
          `select * from raw.${table} ${SOME}`,
        ]),
      ),
    },
  },
];

/** A project that dbt has built, what `liftql build` has built beside it, and the engine that sees both. */
interface Built {
  readonly catalog: Catalog;
  readonly directory: string;
  readonly engine: Engine;
  readonly ofDbt: (model: ModelName) => Sql;
  readonly ofLiftql: (model: ModelName) => Sql;
}

async function buildBeside(catalog: Catalog, warehouse: Warehouse, asOf: string): Promise<void> {
  try {
    await build({
      ...{ catalog, warehouse, models: MODELS, asOf: canonicalInstant(asOf), select: null, fullRefresh: false },
      ...{ version: 'test', clock: () => new Date() },
    });
  } finally {
    await warehouse.close();
  }
}

async function buildBoth(engine: EngineName, { name: _, ...one }: Case): Promise<Built> {
  const service = await serve(typeof one.catalog === 'string' ? one.catalog : folderWith(one.catalog), one.asOf);
  const declared = service.catalog();
  const directory = projectFolder(declared);
  return engine === 'DuckDB' ? onDuckDb(declared, directory, one) : onTrino(declared, directory, one);
}

async function onDuckDb(catalog: Catalog, directory: string, { asOf }: Omit<Case, 'name'>): Promise<Built> {
  const run = (...args: string[]) =>
    runDbt(directory, [...args, '--target', 'duckdb', '--vars', JSON.stringify({ as_of: asOf })]);
  await everything(run);
  const built = join(directory, 'models.duckdb');
  const sources = [...catalog.sources.values()].flatMap(({ name, relation }) =>
    relation.kind === 'file' ? [{ name, path: relation.path, table: relation.table }] : [],
  );
  const own = join(directory, 'liftql.duckdb');
  const models = { path: own, catalog: null, schema: 'liftql', lookback: 0, maxAge: 0 };
  await buildBeside(catalog, await openWarehouse({ ...catalog, models }), asOf);
  const tables = MODELS.flatMap(({ name }) => [
    { name: `built_${name}`, path: built, table: ['liftql_dbt', name] },
    { name: `own_${name}`, path: own, table: ['liftql', name] },
  ]);
  const engine = await openDuckDb({
    path: catalog.engine.kind === 'duckdb' ? catalog.engine.path : null,
    files: [...sources, ...tables],
  });
  later(() => engine.close());
  const named = (by: string) => (model: ModelName) => ident('memory', 'files', `${by}_${model}`);
  return { catalog, directory, engine, ofDbt: named('built'), ofLiftql: named('own') };
}

async function onTrino(
  catalog: Catalog,
  directory: string,
  { raw, database, asOf }: Omit<Case, 'name'>,
): Promise<Built> {
  const [to, beside] = [await trinoSchema('iceberg'), await trinoSchema('iceberg')];
  const places: Record<string, { database: string; schema: string }> = {};
  for (const [schema, tables] of Object.entries(raw)) {
    const own = await trinoSchema('iceberg');
    places[schema] = { database: 'iceberg', schema: own };
    const named = Object.entries(tables).map(([table, select]) => [`iceberg.${own}.${table}`, select] as const);
    await copyToTrino(Object.fromEntries(named), database === undefined ? {} : { database });
  }
  const { hostname, port } = new URL(TRINO_URL!);
  const env = { TRINO_HOST: hostname, TRINO_PORT: port, LIFTQL_MODELS_SCHEMA: to };
  const vars = JSON.stringify({ as_of: asOf, sources: places });
  const run = (...args: string[]) => runDbt(directory, [...args, '--target', 'trino', '--vars', vars], env);
  later(async () => {
    for (const { name } of MODELS.filter((model) => model.materialization === 'view'))
      for (const schema of [to, beside]) await runOnTrino(`drop view if exists iceberg.${schema}.${name}`);
  });
  await everything(run);
  const engine = await openTrino({ ...TRINO_DEFAULTS, server: TRINO_URL!, catalog: 'iceberg', schema: to });
  later(() => engine.close());
  const sources = [...catalog.sources].map(([name, source]) => {
    if (source.relation.kind === 'sql') return [name, source] as const;
    const [schema, table] = source.relation.kind === 'table' ? source.relation.name : ['files', name];
    return [
      name,
      { ...source, relation: { kind: 'table', name: ['iceberg', places[schema!]!.schema, table!] } as const },
    ] as const;
  });
  const moved = { ...catalog, sources: new Map(sources) };
  const writer = await openTrino({ ...TRINO_DEFAULTS, server: TRINO_URL!, catalog: 'iceberg', schema: beside });
  const place = { engine: writer, catalog: 'iceberg', schema: beside, user: 'liftql' };
  await buildBeside(moved, await openTrinoWarehouse(place), asOf);
  const named = (schema: string) => (model: ModelName) => ident('iceberg', schema, model);
  return { catalog: moved, directory, engine, ofDbt: named(to), ofLiftql: named(beside) };
}

/** Tables, tests and documents, before anything else opens the DuckDB file. */
async function everything(run: (...args: string[]) => ReturnType<typeof runDbt>): Promise<void> {
  await succeed(run('build'));
  await succeed(run('docs', 'generate', '--no-compile'));
}

async function succeed(running: ReturnType<typeof runDbt>): Promise<void> {
  const { ok, output } = await running;
  if (!ok) throw new Error(output.slice(-8_000));
}

for (const one of CASES)
  describeWithDbt(`dbt builds the models of ${one.name}`, () => {
    for (const name of ['DuckDB', 'Trino'] as const)
      describeOn(name, () => {
        let built: Built;
        beforeAll(async () => {
          if (one.database !== undefined && !existsSync(one.database))
            throw new Error('Make the demo data first: npx liftql demo .cache/demo');
          built = await buildBoth(name, one);
        }, DBT_TIMEOUT_MS);

        test('every model and every test of dbt passes, and none is left out', () => {
          const { results } = artifact(built.directory, 'run_results.json') as {
            results: readonly { unique_id: string; status: string }[];
          };
          const models = results.filter(({ unique_id }) => unique_id.startsWith('model.'));
          expect(models.map(({ unique_id }) => unique_id.split('.').at(-1)).sort()).toEqual(
            MODELS.map((model) => model.name).sort(),
          );
          const states = new Set(results.map(({ status }) => status));
          expect([...states].sort()).toEqual(['no-op', 'pass', 'success']);
        });

        test.each(MODELS)(
          '$name has the rows that liftql build makes',
          async (model) => {
            const { catalog, engine, ofDbt, ofLiftql } = built;
            const { rows, different } = await differencesOf(model, { catalog, engine, ofDbt, ofLiftql });
            expect(different).toBe(0);
            process.stderr.write(`${one.name} on ${name}: ${model.name} has ${rows} rows\n`);
          },
          DBT_TIMEOUT_MS,
        );

        test(
          'the documentation has every model with its columns',
          async () => {
            const { nodes } = artifact(built.directory, 'catalog.json') as {
              nodes: Record<string, { columns: Record<string, { index: number; name: string }> }>;
            };
            for (const model of MODELS) {
              const columns = Object.values(nodes[`model.liftql.${model.name}`]!.columns).sort(
                (a, b) => a.index - b.index,
              );
              expect(columns.map((column) => column.name)).toEqual(
                model.columns(built.catalog).map((column) => column.name),
              );
            }
          },
          DBT_TIMEOUT_MS,
        );
      });
  });
