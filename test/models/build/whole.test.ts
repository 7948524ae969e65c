import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Catalog } from '../../../src/catalog/catalog.ts';
import type { ModelName } from '../../../src/models/model.ts';
import { MODELS } from '../../../src/models/registry.ts';
import { describeOn, type EngineName } from '../../support/engines.ts';
import type { TestService } from '../../support/service.ts';
import { compareAnomalies } from '../compared/anomalies.ts';
import { compareAssignments } from '../compared/assignments.ts';
import { compareCalculations } from '../compared/calculations.ts';
import { compareAllocation, compareSummaries } from '../compared/decision.ts';
import { compareDefinitions } from '../compared/definitions.ts';
import { compareFreshness } from '../compared/freshness.ts';
import { compareResults } from '../compared/results.ts';
import type { Rows } from '../compared/rows.ts';
import { checkShape } from '../compared/shape.ts';
import { compareTimeline } from '../compared/timeline.ts';
import { TIMEOUT } from './places.ts';
import { buildWhole, readWhole, SHOP, SMALL_DEMO, type World } from './whole-world.ts';

/** A world, and the instants that its models are built as of, one after the other: the later ones from days that were kept. */
interface Case {
  readonly world: World;
  readonly instants: Readonly<Record<EngineName, readonly string[]>>;
  /** Versions of metrics. */
  readonly definitions: number;
  /** Lines of results. */
  readonly results: number;
  /** The metrics that SQL says no more of than the means: quantiles of events. */
  readonly untold: string;
  /** Rows of the summary. */
  readonly summaries: number;
  readonly experiments: number;
  readonly timelines: readonly string[];
  readonly dimension: string | null;
}

const CASES: readonly Case[] = [
  {
    world: SHOP,
    instants: {
      DuckDB: ['2026-04-03T07:30:00Z', '2026-06-01T00:00:00Z'],
      Trino: ['2026-04-03T07:30:00Z', '2026-06-01T00:00:00Z'],
    },
    definitions: 9,
    // 9 metrics of experiments with 1, 2 and 4 treatments
    results: 63,
    untold: 'latency_p90',
    summaries: 7,
    experiments: 3,
    timelines: ['exp_checkout', 'exp_srm', 'exp_aa5'],
    dimension: null,
  },
  {
    world: SMALL_DEMO,
    // A build on Trino takes a while.
    instants: { DuckDB: ['2026-04-20T00:00:00Z', '2026-06-01T00:00:00Z'], Trino: ['2026-06-01T00:00:00Z'] },
    definitions: 25,
    // every experiment's metrics × treatments, and the same of each country and platform
    results: 1087,
    untold: 'page_load_p95',
    summaries: 16,
    experiments: 14,
    timelines: ['checkout_button', 'login_redesign', 'loyalty_pricing'],
    dimension: 'country',
  },
];

/** By how much a number is off that must be noticed. */
const OFF = 1 + 1e-6;

/** Negative controls: a column of each model, and what compares it. */
const NOTICED: readonly {
  readonly model: ModelName;
  readonly column: string;
  readonly compare: (
    rows: Rows,
    service: TestService,
    options: { readonly asOf: string } & Pick<Case, 'timelines' | 'dimension'>,
  ) => Promise<unknown>;
}[] = [
  { model: 'metric_definitions', column: 'version', compare: compareDefinitions },
  {
    model: 'experiment_assignments',
    column: 'units',
    compare: (rows, of, { asOf }) => compareAssignments(rows, of, asOf),
  },
  {
    model: 'experiment_exclusions',
    column: 'units',
    compare: (rows, of, { asOf }) => compareAssignments(rows, of, asOf),
  },
  { model: 'source_freshness', column: 'rows', compare: (rows, of, { asOf }) => compareFreshness(rows, of, asOf) },
  { model: 'metric_calculations', column: 'n', compare: (rows, of, { asOf }) => compareCalculations(rows, of, asOf) },
  {
    model: 'metric_timeline',
    column: 'sum_0',
    compare: (rows, of, { asOf, timelines }) => compareTimeline(rows, of, { asOf, keys: timelines, without: [] }),
  },
  {
    model: 'experiment_results',
    column: 'lift_upper',
    compare: (rows, of, { asOf }) => compareResults(rows, of, asOf),
  },
  {
    model: 'experiment_summary',
    column: 'srm_p_value',
    compare: (rows, of, { asOf }) => compareSummaries(rows, of, asOf),
  },
  { model: 'sample_ratio_mismatch', column: 'p_value', compare: compareAllocation },
  {
    model: 'metric_anomalies',
    column: 'score',
    compare: (rows, of, { asOf, timelines }) => compareAnomalies(rows, of, { asOf, keys: timelines }),
  },
];

/** A number that is off; null stays what it is. */
const isOff = (value: unknown) => (value === null ? null : Number(value) * OFF);

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    describe.each(CASES)('$world.name', ({ world, ...expected }) => {
      const instants = expected.instants[engine];
      let service: TestService;
      let catalog: Catalog;
      beforeAll(async () => {
        service = await world.serve();
        catalog = await world.placedOn(engine);
      }, TIMEOUT);

      describe.each(instants)('as of %s', (asOf) => {
        const isFirst = asOf === instants[0];
        const isLast = asOf === instants.at(-1);
        let rows: Rows;
        let close: () => Promise<void>;

        test(
          'all models are built, and none again',
          async () => {
            const mode = ({ mode: one }: { readonly mode: string }) => one;
            const { models } = await buildWhole(catalog, asOf);
            expect(models.map(({ model }) => model)).toEqual(MODELS.map(({ name }) => name));
            expect(new Set(models.map(mode))).toEqual(new Set(isFirst ? ['full'] : ['full', 'incremental']));
            expect((await buildWhole(catalog, asOf)).models.map(mode)).toEqual(MODELS.map(() => 'skipped'));
            ({ rows, close } = await readWhole(catalog));
          },
          TIMEOUT,
        );
        afterAll(() => close());

        test.each(MODELS.map((model) => [model.name, model] as const))(
          '%s has the columns that it says, and its key tells rows apart',
          async (name, model) => {
            checkShape(await rows(name), model, service.catalog(), asOf);
          },
        );

        test('definitions are those of GraphQL', async () => {
          expect(await compareDefinitions(rows, service)).toBe(expected.definitions);
        });

        test('assignments, exclusions and the freshness of sources are those of the planner', async () => {
          await compareAssignments(rows, service, asOf);
          await compareFreshness(rows, service, asOf);
        });

        test('calculations add up to the moments of the planner', async () => {
          expect(await compareCalculations(rows, service, asOf)).toBeGreaterThan(0);
        });

        test('the days of the timeline are those of GraphQL', async () => {
          const compared = await compareTimeline(rows, service, { asOf, keys: expected.timelines, without: [] });
          expect(compared).toBeGreaterThan(50);
        });

        test(
          'anomalies are those of GraphQL',
          async () => {
            await compareAnomalies(rows, service, { asOf, keys: expected.timelines });
          },
          TIMEOUT,
        );

        test(
          'results are those of GraphQL, slices and all',
          async () => {
            const { compared, untold } = await compareResults(rows, service, asOf);
            if (isLast) expect(compared).toBe(expected.results);
            expect(untold.filter((key) => !key.includes(expected.untold))).toEqual([]);
          },
          TIMEOUT,
        );

        test('summaries are those of GraphQL, and none is unknown', async () => {
          const summaries = await compareSummaries(rows, service, asOf);
          expect(summaries.filter(({ unknown }) => unknown !== null)).toEqual([]);
          if (isLast) expect(summaries).toHaveLength(expected.summaries);
        });

        test('tests of the allocation are those of GraphQL', async () => {
          const compared = await compareAllocation(rows, service, { asOf, dimension: expected.dimension });
          expect(compared).toBe(expected.experiments);
        });

        if (engine === 'DuckDB' && isLast)
          test.each(NOTICED)(
            '$model: a $column that is off is noticed',
            async ({ model, column, compare }) => {
              const off: Rows = async (name, select) => {
                const found = await rows(name, select);
                return name === model ? found.map((row) => ({ ...row, [column]: isOff(row[column]) })) : found;
              };
              const { timelines, dimension } = expected;
              await expect(compare(off, service, { asOf, timelines, dimension })).rejects.toThrow();
            },
            TIMEOUT,
          );
      });
    });
  });
