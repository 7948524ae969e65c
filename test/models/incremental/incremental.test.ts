import { readFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import type { Catalog } from '../../../src/catalog/catalog.ts';
import { addSeconds, canonicalInstant, sqlTimestamp, startOfDay } from '../../../src/core/instant.ts';
import { withHorizon } from '../../../src/models/as-of.ts';
import { changedUnits } from '../../../src/models/incremental/changed-units.ts';
import {
  assignmentDayColumns,
  assignmentDays,
  compactedSources,
  withCompacted,
} from '../../../src/models/incremental/compacted-assignments.ts';
import { factsFromDays } from '../../../src/models/incremental/unit-days.ts';
import { markOf, marksIn, unitDaysUpdate } from '../../../src/models/incremental/unit-days-update.ts';
import type { ModelContext } from '../../../src/models/model.ts';
import { experimentAssignments } from '../../../src/models/tables/experiment-assignments.ts';
import { experimentExclusions } from '../../../src/models/tables/experiment-exclusions.ts';
import { metricCalculations } from '../../../src/models/tables/metric-calculations.ts';
import { DIALECTS } from '../../../src/sql/dialects/index.ts';
import { textOf } from '../../../src/sql/literal.ts';
import { ident, type Sql, sql, trusted } from '../../../src/sql/sql.ts';
import { folderWith, serve } from '../../support/service.ts';
import { catalogOn, DAYS, makeArrivals, START } from './world.ts';

const LOOKBACK = 86_400;
const asOfDay = (day: number): string => canonicalInstant(new Date((START + (day + 1) * 86_400) * 1000).toISOString());

async function catalogs(): Promise<(day: number) => Catalog> {
  const found: Catalog[] = [];
  for (const day of [0, 12, 20]) {
    const folder = folderWith(catalogOn(day));
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

const MODELS = [experimentAssignments, experimentExclusions, metricCalculations];

test('tables that were built day by day are those that are built at once', async () => {
  const catalogOf = await catalogs();
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  await createTables(connection);
  const profile = path(folderWith({}), 'profile.json');
  await connection.run(`set enable_profiling = 'json'; set profiling_output = '${profile}'`);
  const warehouse = new Warehouse(connection, profile);
  const { assignments, events } = makeArrivals();
  const read: { incremental: number; full: number }[] = [];
  let previous: string | null = null;
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
    const before = previous;
    const { rows: incremental } = await warehouse.reading(() => build(warehouse, raw, before));
    previous = asOf;
    const { rows: full } = await warehouse.reading(async () => {
      for (const model of MODELS) {
        const columns = model.columns(raw.catalog).map(({ name }) => name);
        const direct = await warehouse.run(model.select(raw));
        const built = await warehouse.run(sql`select * from ${ident(model.name)}`);
        expect(sorted(built, columns), `${model.name} on day ${day}`).toEqual(sorted(direct, columns));
      }
    });
    read.push({ incremental, full });
  }
  const { incremental, full } = read.at(-1)!;
  expect(incremental / full, `${incremental} of ${full} rows on the last day`).toBeLessThan(0.1);
  connection.closeSync();
  instance.closeSync();
}, 300_000);

async function build(warehouse: Warehouse, raw: ModelContext, previous: string | null): Promise<void> {
  const since = previous === null ? null : startOfDay(addSeconds(previous, -LOOKBACK));
  const tables = new Map<string, Sql>();
  for (const source of compactedSources(raw.catalog)) {
    const table = `assignment_days_${source.name}`;
    const columns = assignmentDayColumns(source)
      .map((name) => `"${name}"`)
      .join(', ');
    const fresh = assignmentDays(raw, source, since);
    const kept = since === null ? '' : `select ${columns} from "${table}" where "day" < ${timestamp(since)} union all `;
    await warehouse.run(`create or replace table "${table}" as ${kept}(${textOf(fresh)})`);
    tables.set(source.name, ident(table));
  }
  const compacted: ModelContext = { ...raw, catalog: withCompacted(raw.catalog, tables, 'TIMESTAMP') };
  const table = ident('unit_days');
  if (previous === null) await warehouse.replace('unit_days', unitDaysUpdate(compacted, null));
  else {
    await warehouse.replace(
      'changed_units',
      changedUnits({ before: ident('experiment_assignments'), now: experimentAssignments.select(compacted) }),
    );
    const known = new Set(
      (await warehouse.run(marksIn(table))).map(({ experiment, measure }) =>
        markOf(String(experiment), String(measure)),
      ),
    );
    const [found] = await warehouse.run(
      `select cast(min(assigned_at) as varchar) as "from" from changed_units where assigned_at < ${timestamp(since!)}`,
    );
    const from = found!.from === null ? null : canonicalInstant(`${String(found!.from).replace(' ', 'T')}Z`);
    await warehouse.replace(
      'unit_days',
      unitDaysUpdate(compacted, {
        table,
        since: since!,
        known,
        changed: from === null ? null : { table: ident('changed_units'), from },
      }),
    );
  }
  const last: ModelContext = { ...compacted, facts: factsFromDays(table, compacted.catalog) };
  for (const model of MODELS) await warehouse.replace(model.name, model.select(last));
}

/** Rows in an order of their own, doubles with the digits that engines agree on. */
function sorted(rows: readonly Record<string, unknown>[], columns: readonly string[]): readonly string[] {
  const cell = (value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(11)) : value);
  return rows.map((row) => JSON.stringify(columns.map((name) => cell(row[name])))).sort();
}
