import { readFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import type { Catalog } from '../../../src/catalog/catalog.ts';
import type { BuiltModel } from '../../../src/core/built-model.ts';
import { canonicalInstant, sqlTimestamp } from '../../../src/core/instant.ts';
import type { Row } from '../../../src/engine/engine.ts';
import { withHorizon } from '../../../src/models/as-of.ts';
import { bringDaysUpToDate } from '../../../src/models/incremental/days.ts';
import type { Model, ModelContext } from '../../../src/models/model.ts';
import { experimentAssignments } from '../../../src/models/tables/experiment-assignments.ts';
import { experimentExclusions } from '../../../src/models/tables/experiment-exclusions.ts';
import { metricCalculations } from '../../../src/models/tables/metric-calculations.ts';
import { metricTimeline } from '../../../src/models/tables/metric-timeline.ts';
import { sourceFreshness } from '../../../src/models/tables/source-freshness.ts';
import { DIALECTS } from '../../../src/sql/dialects/index.ts';
import { textOf } from '../../../src/sql/literal.ts';
import { ident, type Sql, sql, trusted } from '../../../src/sql/sql.ts';
import { differences } from '../../support/close.ts';
import { folderWith, serve } from '../../support/service.ts';
import { catalogOn, DAYS, makeArrivals, START } from './world.ts';

const LOOKBACK = 86_400;
/** Engines add doubles in any order. */
const TOLERANCE = 1e-11;
const asOfDay = (day: number): string => canonicalInstant(new Date((START + (day + 1) * 86_400) * 1000).toISOString());

async function catalogs(covariate: boolean): Promise<(day: number) => Catalog> {
  const found: Catalog[] = [];
  for (const day of [0, 12, 20]) {
    const folder = folderWith(catalogOn(day, covariate));
    const instance = await DuckDBInstance.create(path(folder, 'shop.duckdb'));
    const connection = await instance.connect();
    await createTables(connection);
    connection.closeSync();
    instance.closeSync();
    found.push((await serve(folder, '2026-04-01T00:00:00Z')).catalog());
  }
  return (day) => found[day < 12 ? 0 : day < 20 ? 1 : 2]!;
}

async function createTables(connection: DuckDBConnection): Promise<void> {
  await connection.run('create schema raw');
  await connection.run(
    'create table raw.assignments (experiment varchar, user_id bigint, variant varchar, assigned_at timestamp, country varchar, is_bot boolean)',
  );
  await connection.run(
    'create table raw.events (id bigint, user_id bigint, event_name varchar, amount double, event_at timestamp)',
  );
}

/** A warehouse that is built day after day, and how many rows of raw tables its statements have read. */
class Warehouse {
  rowsRead = 0;
  readonly #connection: DuckDBConnection;
  readonly #profile: string;

  constructor(connection: DuckDBConnection, profile: string) {
    this.#connection = connection;
    this.#profile = profile;
  }

  async run(query: Sql | string): Promise<readonly Record<string, unknown>[]> {
    const text = typeof query === 'string' ? query : textOf(query);
    const rows = (await this.#connection.runAndReadAll(text)).getRowObjectsJson();
    if (!text.startsWith('insert'))
      this.rowsRead += rawRows(JSON.parse(readFileSync(this.#profile, 'utf8')) as Operator);
    return rows;
  }

  replace(table: string, query: Sql): Promise<unknown> {
    return this.run(sql`create or replace table ${ident(table)} as ${query}`);
  }

  /** The rows that some statements read. */
  async reading<T>(statements: () => Promise<T>): Promise<{ readonly result: T; readonly rows: number }> {
    const before = this.rowsRead;
    const result = await statements();
    return { result, rows: this.rowsRead - before };
  }
}

/** An operator of a plan that DuckDB tells about after it ran. */
interface Operator {
  readonly operator_type?: string;
  readonly operator_cardinality?: number;
  readonly extra_info?: { readonly Table?: string };
  readonly children?: readonly Operator[];
}

/** Rows that scans of raw tables handed on, after the conditions that they check themselves. */
function rawRows({
  operator_type: type,
  operator_cardinality: rows = 0,
  extra_info: info,
  children = [],
}: Operator): number {
  const own = type === 'TABLE_SCAN' && (info?.Table ?? '').includes('raw.') ? rows : 0;
  return children.reduce((sum, child) => sum + rawRows(child), own);
}

function contextOf(catalog: Catalog, asOf: string): ModelContext {
  return { catalog, dialect: withHorizon(DIALECTS.DUCKDB, trusted(timestamp(asOf))), ref: (model) => ident(model) };
}

const timestamp = (instant: string): string => `timestamp '${sqlTimestamp(instant)}'`;

const MODELS = [experimentAssignments, experimentExclusions, metricCalculations, metricTimeline, sourceFreshness];

test.each([
  { name: 'without covariates', covariate: false },
  { name: 'with a covariate', covariate: true },
])(
  'tables that were built day by day are those that are built at once, $name',
  async ({ covariate }) => {
    const catalogOf = await catalogs(covariate);
    const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
    const connection = await instance.connect();
    await createTables(connection);
    const profile = path(folderWith({}), 'profile.json');
    await connection.run(`set enable_profiling = 'json'; set profiling_output = '${profile}'`);
    const warehouse = new Warehouse(connection, profile);
    const { assignments, events } = makeArrivals();
    const read: { incremental: number; full: number }[] = [];
    const standing = new Map<string, BuiltModel>();
    for (let day = 0; day < DAYS; day += 1) {
      for (const [table, rows] of [
        ['assignments', assignments],
        ['events', events],
      ] as const) {
        const arrived = rows.filter(([on]) => on === day).map(([, row]) => row);
        if (arrived.length > 0) await warehouse.run(`insert into raw.${table} values ${arrived.join(', ')}`);
      }
      const asOf = asOfDay(day);
      const raw = contextOf(catalogOf(day), asOf);
      const { rows: incremental } = await warehouse.reading(() => build(warehouse, raw, { asOf, standing }));
      const { rows: full } = await warehouse.reading(async () => {
        for (const model of MODELS) {
          const direct = await warehouse.run(model.select(raw));
          const built = await warehouse.run(sql`select * from ${ident(model.name)}`);
          const different = differences(byKey(model, built), byKey(model, direct), TOLERANCE);
          expect(different, `${model.name} on day ${day}`).toEqual([]);
          expect(built.length).toBe(direct.length);
        }
      });
      read.push({ incremental, full });
    }
    const { incremental, full } = read.at(-1)!;
    // Of a unit that is new, a covariate reads days that are kept of nobody.
    if (!covariate) expect(incremental / full, `${incremental} of ${full} rows on the last day`).toBeLessThan(0.1);
    connection.closeSync();
    instance.closeSync();
  },
  300_000,
);

/** Builds the models as of an instant, from the days that were kept before; `standing` says what was built when. */
async function build(
  warehouse: Warehouse,
  raw: ModelContext,
  { asOf, standing }: { readonly asOf: string; readonly standing: Map<string, BuiltModel> },
): Promise<void> {
  const built = (model: string, hash: string): BuiltModel => ({
    ...{ model, hash, asOf, relation: [model], previousAsOf: null, build: asOf, startedAt: asOf },
    ...{ catalogHash: '', version: '', inputs: {} },
  });
  const context = await bringDaysUpToDate({
    ...{ context: raw, asOf, lookback: LOOKBACK, standing },
    warehouse: {
      nameOf: (name) => [name],
      query: async (text) => (await warehouse.run(text)) as readonly Row[], // text, numbers and nulls
    },
    write: async ({ name, select, hash }) => {
      await warehouse.replace(name, select);
      standing.set(name, built(name, hash));
    },
  });
  for (const model of MODELS) {
    const own = model.ofRows && context.sourceDays !== undefined ? { ...raw, sourceDays: context.sourceDays } : context;
    await warehouse.replace(model.name, model.select(own));
    standing.set(model.name, built(model.name, ''));
  }
}

/** Rows by what tells them apart; counts come as text, other numbers as such. */
const byKey = ({ key }: Model, rows: readonly Record<string, unknown>[]) =>
  Object.fromEntries(rows.map((row) => [JSON.stringify(key.map((name) => row[name])), row]));
