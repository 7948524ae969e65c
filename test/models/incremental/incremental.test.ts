import { expect, test } from 'vitest';
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
import { ident, sql, trusted } from '../../../src/sql/sql.ts';
import { differences } from '../../support/close.ts';
import { describeOn, type EngineName } from '../../support/engines.ts';
import { openWarehouseOn, RAW_TABLES, type Rows, type Warehouse } from './warehouses.ts';
import { DAYS, makeArrivals, START } from './world.ts';

const LOOKBACK = 86_400;
const TIMEOUT = 600_000;
/** Engines add doubles in any order. */
const TOLERANCE = 1e-11;
const asOfDay = (day: number): string => canonicalInstant(new Date((START + (day + 1) * 86_400) * 1000).toISOString());

function contextOf(warehouse: Warehouse, day: number): ModelContext {
  const dialect = withHorizon(warehouse.dialect, trusted(timestamp(asOfDay(day))));
  return { catalog: warehouse.catalogOn(day), dialect, ref: (model) => ident(...warehouse.nameOf(model)) };
}

const timestamp = (instant: string): string => `timestamp '${sqlTimestamp(instant)}'`;

const MODELS = [experimentAssignments, experimentExclusions, metricCalculations, metricTimeline, sourceFreshness];

const EVERY_DAY = Array.from({ length: DAYS }, (_, day) => day);

/** A world, and the days that it is built on; what arrived on the days between is there on the next. */
interface Case {
  readonly name: string;
  readonly covariate: boolean;
  /** A day takes seconds on Trino: there it is the first days, those around each change of the catalog, and the last. */
  readonly built: Readonly<Record<EngineName, readonly number[]>>;
}

const CASES: readonly Case[] = [
  {
    name: 'without covariates',
    covariate: false,
    built: { DuckDB: EVERY_DAY, Trino: [0, 1, 11, 12, 13, 20, 21, 28, 29] },
  },
  { name: 'with a covariate', covariate: true, built: { DuckDB: EVERY_DAY, Trino: [0, 5, 12, 20, 29] } },
];

/** A purchase of day 10 that arrives after the last day, when days before `LOOKBACK` are no longer read. */
const TOO_LATE = "(900001, 5, 'purchase', 50.00, timestamp '2026-03-11 12:00:00')";

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    test.each(CASES)(
      'tables that were built day by day are those that are built at once, $name',
      async ({ covariate, built }) => {
        const warehouse = await openWarehouseOn(engine, covariate);
        const arrivals = makeArrivals();
        const standing = new Map<string, BuiltModel>();
        let read = { incremental: 0, full: 0 };
        for (const day of EVERY_DAY) {
          for (const table of RAW_TABLES) {
            const arrived = arrivals[table].filter(([on]) => on === day).map(([, row]) => row);
            if (arrived.length > 0) await warehouse.add(table, arrived);
          }
          if (!built[engine].includes(day)) continue;
          const incremental = await warehouse.reading(() => build(warehouse, day, standing));
          const full = await warehouse.reading(() => differencesOn(warehouse, day));
          expect(full.result, `day ${day}`).toEqual([]);
          read = { incremental: incremental.rows, full: full.rows };
        }
        // Of a unit that is new, a covariate reads days that are kept of nobody.
        if (covariate) return;
        const { incremental, full } = read;
        expect(incremental / full, `${incremental} of ${full} rows on the last day`).toBeLessThan(0.1);

        await warehouse.add('events', [TOO_LATE]);
        await build(warehouse, DAYS, standing);
        expect((await differencesOn(warehouse, DAYS)).join()).toContain(metricCalculations.name);
        await build(warehouse, DAYS, new Map());
        expect(await differencesOn(warehouse, DAYS)).toEqual([]);
      },
      TIMEOUT,
    );
  });

/** Where what is built differs from what raw rows come to as of a day. */
async function differencesOn(warehouse: Warehouse, day: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (const model of MODELS) {
    const direct = byKey(model, await warehouse.run(model.select(contextOf(warehouse, day))));
    const built = byKey(model, await warehouse.run(sql`select * from ${ident(...warehouse.nameOf(model.name))}`));
    found.push(...differences(built, direct, TOLERANCE, model.name));
  }
  return found;
}

/** Builds the models as of an instant, from the days that were kept before; `standing` says what was built when. */
async function build(warehouse: Warehouse, day: number, standing: Map<string, BuiltModel>): Promise<void> {
  const [raw, asOf] = [contextOf(warehouse, day), asOfDay(day)];
  const built = (model: string, hash: string): BuiltModel => ({
    ...{ model, hash, asOf, relation: warehouse.nameOf(model), previousAsOf: null, build: asOf, startedAt: asOf },
    ...{ catalogHash: '', version: '', inputs: {} },
  });
  const context = await bringDaysUpToDate({
    ...{ context: raw, asOf, lookback: LOOKBACK, standing },
    warehouse: {
      nameOf: (name) => warehouse.nameOf(name),
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

/** Rows by what tells them apart; numbers as such, whatever an engine has them as. */
function byKey({ key }: Model, rows: Rows): Readonly<Record<string, Rows[number]>> {
  const found = Object.fromEntries(rows.map((row) => [JSON.stringify(key.map((name) => row[name])), row]));
  expect(Object.keys(found)).toHaveLength(rows.length);
  return found;
}
