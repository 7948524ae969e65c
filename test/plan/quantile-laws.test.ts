import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Evaluator } from '../../src/evaluate/evaluator.ts';
import { METRIC_KINDS } from '../../src/metric-types/registry.ts';
import type { MomentsAnswer } from '../../src/plan/answer.ts';
import { BUCKET_WIDTH } from '../../src/plan/order-statistics-buckets.ts';
import type { MomentsQuestion } from '../../src/plan/question.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import { serveWritten } from '../graphql/support.ts';
import { serveFiles, type TestService } from '../support/service.ts';
import { makeQuantileWorld, QUANTILE_CATALOG, QUANTILES, type QuantileWorld } from './quantile-world.ts';

const NOW = '2026-12-01T00:00:00Z';

async function answersOf(service: TestService, experiment: string, names: readonly string[]) {
  const { catalog, engine, runner } = service;
  const evaluator = new Evaluator({ catalog: catalog(), dialect: DIALECTS[engine.dialect], runner });
  const answers = await Promise.all(
    names.map((name) =>
      evaluator.ask<MomentsQuestion>({
        kind: 'moments',
        population: {
          experiment: catalog().experiments.get(experiment)!,
          where: null,
          asOf: NOW.replace('Z', '.000000Z'),
        },
        metric: catalog().metrics.get(name)!.versions[0]!,
        maturity: 'REQUIRED',
        ...{ sliceBy: [], slices: [], needs: ['products'], pivots: null },
      }),
    ),
  );
  return answers.map((arms) => arms.toSorted((a, b) => (a.variant < b.variant ? -1 : 1)));
}

/** Files of the world: the events in an order and in parts that the draws decide. */
function filesOf({ assignments, events }: QuantileWorld, order: readonly number[], parts: number) {
  const line = (cells: readonly unknown[]) => cells.map((cell) => cell ?? '').join(',');
  const iso = (at: number) => new Date(at).toISOString();
  const shuffled = events
    .map((row, i) => ({ row, place: order[i % order.length]! * (i + 1) }))
    .sort((a, b) => (a.place % 1) - (b.place % 1));
  const rows = shuffled.map(({ row }) => line([row.unit, row.name, iso(row.at), row.ms, row.raw]));
  const size = Math.ceil(rows.length / parts);
  const files = Array.from({ length: parts }, (_, i) => [
    `events-${i}.csv`,
    ['unit,name,happened_at,ms,raw', ...rows.slice(i * size, (i + 1) * size)].join('\n'),
  ]);
  return {
    'catalog.yaml': QUANTILE_CATALOG({ assignments: 'assignments.csv', events: 'events-*.csv' }),
    'assignments.csv': [
      'experiment,unit,variant,happened_at,country',
      ...assignments.map((row) => line([row.experiment, row.unit, row.variant, iso(row.at), row.country])),
    ].join('\n'),
    ...Object.fromEntries(files),
  };
}

test('the order of rows and how they are split into files change nothing, to the last bit', async () => {
  const world = makeQuantileWorld(11);
  const names = Object.keys(QUANTILES).filter((name) => !['total_p75', 'average_p50'].includes(name)); // sums of doubles
  const answer = async (order: readonly number[], parts: number) =>
    answersOf(await serveFiles(filesOf(world, order, parts), NOW), 'pages', names);
  const first = await answer([0], 1);
  const draws = fc.tuple(
    fc.array(fc.double({ min: 0.1, max: 0.9, noNaN: true }), { minLength: 1, maxLength: 9 }),
    fc.integer({ min: 1, max: 7 }),
  );
  await fc.assert(
    fc.asyncProperty(draws, async ([order, parts]) => {
      expect(await answer(order, parts)).toEqual(first);
    }),
    { numRuns: 3 },
  );
});

describe('by buckets, of 200,000 values of units that differ', () => {
  const metric = (method: string, quantile: number, over: string) =>
    `{ type: quantile, method: ${method}, quantile: ${quantile}, over: ${over}, source: events, value: { column: ms } }`;
  const WANTED = [
    ['events', 0.05],
    ['events', 0.99],
    ['units', 0.5],
    ['units', 0.9],
  ] as const;
  const metrics = WANTED.flatMap(([over, level]) =>
    ['exact', 'approximate'].map((method) => ({
      name: `${over}_${level * 100}_${method}`,
      yaml: metric(method, level, over),
    })),
  );
  const catalog = `
engine: { kind: duckdb }
sources:
  assigned: { kind: assignments, file: assigned.parquet, unit: unit, variant: variant }
  events: { kind: facts, file: events.parquet, unit: unit }
metrics:
${metrics.map(({ name, yaml }) => `  ${name}: ${yaml}`).join('\n')}
experiments:
  many: { assignments: assigned, variants: { a: { control: true }, b: {} }, diagnostics: [${metrics.map(({ name }) => name).join(', ')}] }
`;
  // A log-normal latency whose level is a unit's own: u is uniform by a hash, Box–Muller makes it normal.
  const uniform = (salt: number, of: string) => `((hash(${of} * 1000003 + ${salt}) % 1000000007) + 0.5) / 1000000007.0`;
  const normal = (salt: number, of: string) =>
    `sqrt(-2 * ln(${uniform(salt, of)})) * cos(2 * pi() * ${uniform(salt + 1, of)})`;
  const parquet = {
    'assigned.parquet': `select i as unit, case when i % 2 = 0 then 'a' else 'b' end as variant from range(20000) t(i)`,
    'events.parquet': `select i % 18000 as unit, exp(6 + 0.5 * ${normal(1, '(i % 18000)')} + 0.8 * ${normal(7, 'i')}) as ms from range(200000) t(i)`,
  };

  test('the quantile is within the promised tenth of a percent, its standard error within three percent', async () => {
    const service = await serveWritten({ catalog, parquet }, NOW);
    const answers = await answersOf(
      service,
      'many',
      metrics.map(({ name }) => name),
    );
    const worst = { estimate: 0, error: 0 };
    for (let i = 0; i < answers.length; i += 2) {
      for (const [arm, exact] of answers[i]!.entries()) {
        const bucketed = answers[i + 1]![arm]!;
        expect([bucketed.moments.units, bucketed.order!.values]).toEqual([exact.moments.units, exact.order!.values]);
        const [near, right] = [sampleOf(bucketed, metrics[i]!.name), sampleOf(exact, metrics[i]!.name)];
        worst.estimate = Math.max(worst.estimate, Math.abs(near.mean / right.mean - 1));
        worst.error = Math.max(worst.error, Math.abs(Math.sqrt(near.variance / right.variance) - 1));
      }
    }
    expect(worst.estimate).toBeLessThan(Math.expm1(BUCKET_WIDTH));
    expect(worst.error).toBeLessThan(0.03);
  });

  function sampleOf(arm: MomentsAnswer[number], name: string) {
    const [over, level] = name.split('_');
    const sample = METRIC_KINDS.QUANTILE.sample(arm, {
      ...{ variables: [], window: null, cap: null },
      quantile: { probability: Number(level) / 100, over: over as 'events' | 'units', method: 'exact' },
    });
    if (!sample.ok) throw new Error(`${name}: ${sample.reason}`);
    return sample;
  }
});
