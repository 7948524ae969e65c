import { beforeAll, expect, test } from 'vitest';
import type { Catalog, Experiment } from '../../src/catalog/catalog.ts';
import { Evaluator } from '../../src/evaluate/evaluator.ts';
import type { SeriesPoint } from '../../src/plan/answer.ts';
import type { Filter } from '../../src/plan/filter.ts';
import type { SeriesQuestion, SliceKey } from '../../src/plan/question.ts';
import { seriesForm } from '../../src/plan/series-form.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import { differences } from '../support/close.ts';
import { describeOn, type EngineName } from '../support/engines.ts';
import { serve, type TestService } from '../support/service.ts';
import {
  analysed,
  asMoments,
  beginningOf,
  dateIn,
  during,
  momentsAt,
  nextDate,
  sinceExposure,
  upTo,
} from './series-reference.ts';
import { WORLD_CATALOG } from './world/catalog.ts';
import { at, makeWorld } from './world/data.ts';
import { METRICS, type MetricName, type PlainMetric } from './world/metrics.ts';
import { worldDirectory, worldOnTrino } from './world/warehouse.ts';

const world = makeWorld();
const LATE = '2026-12-01T00:00:00.000000Z';
const MIDST = '2026-03-30T12:00:00.000000Z';

interface SeriesCase {
  readonly name: string;
  readonly metrics: readonly MetricName[];
  readonly experiment?: string;
  readonly change?: Partial<Experiment>;
  readonly asOf?: string;
  readonly where?: Filter;
  readonly maturity?: 'ALL' | 'REQUIRED';
  readonly grain?: 'DAY' | 'WEEK' | 'MONTH';
  readonly days?: number;
  readonly sliceBy?: readonly string[];
  readonly slices?: readonly SliceKey[];
  readonly thresholds?: SeriesQuestion['thresholds'];
  readonly pivots?: readonly number[];
  /** false: what a period comes to by itself is compared nowhere. */
  readonly alone?: false;
}

const RUNNING: readonly MetricName[] = [
  'revenue',
  'orders',
  'converted',
  'aov',
  'late_orders',
  'open_revenue',
  'open_after_a_day',
  'refunds',
  'products',
  'products_of_buyers',
  'orders_of_buyers',
  'largest',
  'smallest',
  'average',
  'checked',
  'sent_revenue',
  'capped_at_value',
];
const SOURCES: readonly MetricName[] = ['revenue', 'revenue_per_visit', 'visits', 'seconds'];
const US: Filter = { kind: 'test', dimension: 'country', operator: 'EQ', values: ['DE'] };

const MEASURED: readonly MetricName[] = [
  'first_amount',
  'last_amount',
  'active_days',
  'shopping_days',
  'hours_to_purchase',
  'minutes_to_purchase_of_buyers',
  'days_to_event',
  'spent_80',
  'spent_under_80',
  'open_few_orders',
  'several_orders',
  'large_first_of_buyers',
  'quick',
  'rows_capped',
  'aov_rows_capped',
];
const COMBINED: readonly MetricName[] = ['net', 'share_of_refunds', 'amount_per_visit', 'settled'];
const OF_DAYS: readonly MetricName[] = ['daily_revenue', 'daily_orders_later', 'daily_open', 'daily_days'];

const CASES: readonly SeriesCase[] = [
  { name: 'values so far of other measures', metrics: MEASURED, maturity: 'ALL', alone: false },
  { name: 'values so far, combined', metrics: COMBINED, maturity: 'ALL', alone: false },
  { name: 'values so far where a row holds a day', metrics: OF_DAYS, maturity: 'ALL', alone: false },
  {
    name: 'as of maturity, other measures',
    metrics: [...MEASURED, ...COMBINED, 'refunded_soon', 'orders_of_visitors'],
  },
  { name: 'values so far', metrics: RUNNING, maturity: 'ALL' },
  { name: 'values so far of several sources', metrics: SOURCES, maturity: 'ALL' },
  { name: 'values so far, in the midst', metrics: [...RUNNING, 'visits'], maturity: 'ALL', asOf: MIDST },
  { name: 'values so far by week', metrics: ['revenue', 'aov'], maturity: 'ALL', grain: 'WEEK' },
  { name: 'values so far by month', metrics: ['revenue', 'aov'], maturity: 'ALL', grain: 'MONTH' },
  {
    name: 'values so far, sliced',
    metrics: ['revenue', 'aov', 'average'],
    maturity: 'ALL',
    sliceBy: ['country'],
    slices: [['DE'], [null]],
  },
  { name: 'values so far, filtered', metrics: ['revenue', 'converted'], maturity: 'ALL', where: US },
  { name: 'values so far about pivots', metrics: ['aov'], maturity: 'ALL', pivots: [50, 1.5] },
  {
    name: 'values so far, the first of several variants',
    metrics: ['revenue'],
    maturity: 'ALL',
    change: { multiExposure: 'first' },
  },
  {
    name: 'values so far, a treatment that ended early',
    metrics: ['revenue', 'open_revenue'],
    maturity: 'ALL',
    change: { treatmentEnd: '2026-03-28T10:00:00Z' },
  },
  {
    name: 'values so far, far behind UTC',
    metrics: ['revenue', 'average'],
    maturity: 'ALL',
    change: { timezone: 'America/Los_Angeles' },
  },
  { name: 'three variants', metrics: ['revenue', 'converted'], maturity: 'ALL', experiment: 'pricing' },
  {
    name: 'as of maturity',
    metrics: [
      'revenue',
      'orders',
      'converted',
      'aov',
      'refunds',
      'late_orders',
      'largest',
      'average',
      'products_of_buyers',
      'open_revenue',
    ],
  },
  { name: 'as of maturity, of several sources', metrics: SOURCES },
  { name: 'as of maturity, in the midst', metrics: ['revenue', 'aov', 'late_orders'], asOf: MIDST },
  {
    name: 'as of maturity, sliced and filtered',
    metrics: ['revenue', 'aov'],
    sliceBy: ['platform'],
    slices: [['ios']],
    where: US,
  },
];

function questionsOf(catalog: Catalog, one: SeriesCase): readonly SeriesQuestion[] {
  const { experiment = 'checkout', change = {}, asOf = LATE, where = null, maturity = 'REQUIRED', grain = 'DAY' } = one;
  return one.metrics.map((name) => ({
    kind: 'series',
    population: { experiment: { ...catalog.experiments.get(experiment)!, ...change }, where, asOf },
    metric: catalog.metrics.get(name)!.versions.at(-1)!,
    maturity,
    axis: one.days === undefined ? 'CALENDAR' : 'DAYS_SINCE_EXPOSURE',
    grain,
    days: one.days ?? null,
    sliceBy: one.sliceBy ?? [],
    slices: one.slices ?? [],
    thresholds: one.thresholds ?? null,
    pivots: one.pivots ?? null,
  }));
}

const DIRECTORIES: Readonly<Record<EngineName, () => Promise<string>>> = {
  DuckDB: () => worldDirectory(world, WORLD_CATALOG),
  Trino: () => worldOnTrino(world),
};
const services = new Map<EngineName, Promise<TestService>>();
function serviceOn(engine: EngineName): Promise<TestService> {
  const known = services.get(engine) ?? DIRECTORIES[engine]().then((directory) => serve(directory, LATE));
  services.set(engine, known);
  return known;
}

async function evaluatorOn(engine: EngineName) {
  const { catalog, engine: opened, runner } = await serviceOn(engine);
  return {
    catalog: catalog(),
    evaluator: new Evaluator({ catalog: catalog(), dialect: DIALECTS[opened.dialect], runner }),
  };
}

async function answersOn(engine: EngineName, one: SeriesCase) {
  const { catalog, evaluator } = await evaluatorOn(engine);
  const questions = questionsOf(catalog, one);
  const answers = await Promise.all(questions.map((question) => evaluator.ask(question)));
  return {
    statements: evaluator.statements,
    series: questions.map((question, i) => ({ question, points: answers[i]! })),
  };
}

/** Sums as they are compared: about no pivots. */
const plainly = ({ variant, slice, moments }: ReturnType<typeof momentsAt>[number]) =>
  [`${variant} ${slice}`, { units: moments.units, sums: moments.sums, products: moments.products! }] as const;
function unpivoted(moments: SeriesPoint['added']) {
  const { units, pivots: k, sums: s, products } = moments;
  return {
    units,
    sums: s.map((sum, i) => sum + units * k[i]!),
    products: products!.map((row, i) => row.map((p, j) => p + k[i]! * s[j]! + k[j]! * s[i]! + units * k[i]! * k[j]!)),
  };
}

/** Periods in which anything can happen, with their names and ends. */
function periodsOf(
  { population, grain }: SeriesQuestion,
  { metrics }: SeriesCase,
): readonly { name: string; from: number; end: number }[] {
  const { timezone } = population.experiment;
  const last = dateIn(Math.min(at(population.asOf), at('2026-04-25T00:00:00Z')), timezone);
  const periods: { name: string; from: number; end: number }[] = [];
  for (let date = dateIn(at(population.experiment.start!), timezone); date <= last; ) {
    const day = new Date(`${date}T00:00:00Z`);
    const name =
      grain === 'WEEK'
        ? nextDate(date, -((day.getUTCDay() + 6) % 7))
        : grain === 'MONTH'
          ? `${date.slice(0, 8)}01`
          : date;
    const after =
      grain === 'WEEK' ? nextDate(name, 7) : grain === 'MONTH' ? `${nextDate(name, 31).slice(0, 8)}01` : nextDate(date);
    periods.push({ name, from: beginningOf(name, timezone), end: beginningOf(after, timezone) });
    date = after;
  }
  // Of many metrics, every fourth period.
  return metrics.length < 4 ? periods : periods.filter((_, i) => i % 4 === metrics.length % 4);
}

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    beforeAll(() => serviceOn(engine).then(() => {}));

    test.concurrent.each(CASES)('$name: each day as if computed from scratch', async (one) => {
      const { series } = await answersOn(engine, one);
      for (const { question, points } of series) {
        const name = question.metric.metric;
        const own = analysed(world, question);
        expect(points.length, name).toBeGreaterThan(2);
        for (const { name: period, end } of periodsOf(question, one)) {
          const expected = new Map(momentsAt(own, question, end).map(plainly));
          const found = new Map([...upTo(points, period)].map(([key, moments]) => [key, unpivoted(moments)]));
          const sorted = (map: ReadonlyMap<string, unknown>) => Object.fromEntries([...map].toSorted());
          expect(differences(sorted(found), sorted(expected), 1e-9), `${name} up to ${period}`).toEqual([]);
        }
        for (const { variant, entered, added } of points) expect([variant, entered]).toEqual([variant, added.units]);
      }
    });

    test.concurrent.each(CASES.filter(({ maturity, alone = true }) => maturity === 'ALL' && alone))(
      '$name: each period alone',
      async (one) => {
        const { series } = await answersOn(engine, one);
        for (const { question, points } of series) {
          const metric = METRICS[question.metric.metric as MetricName] as PlainMetric; // each of them is one
          const own = analysed(world, question);
          // Whether an event was sent before is not seen in a day alone.
          if (metric.variables.some(({ source }) => source === 'sent')) continue;
          for (const { name: period, from, end } of periodsOf(question, one)) {
            const day = during(own, from, end);
            const expected = momentsAt(day, question, end).filter(({ moments }) =>
              moments.sums.some((sum) => sum !== 0),
            );
            for (const { variant, slice, moments, unitsWithValue } of expected) {
              const point = points.find((p) => p.period === period && p.variant === variant && p.slice === slice);
              const label = `${question.metric.metric} on ${period}`;
              const { sums, products } = unpivoted(point!.alone);
              expect(
                differences({ sums, products }, { sums: moments.sums, products: moments.products }, 1e-9),
                label,
              ).toEqual([]);
              if (metric.variables.length === 1 && metric.variables[0]!.aggregate === 'count')
                expect(point!.alone.units, label).toBe(unitsWithValue);
            }
          }
        }
      },
    );

    test('the last cumulative point is the answer of the moments', async () => {
      const { catalog, evaluator } = await evaluatorOn(engine);
      for (const maturity of ['ALL', 'REQUIRED'] as const) {
        const questions = questionsOf(catalog, {
          name: '',
          metrics: ['revenue', 'aov', 'average'],
          maturity,
          asOf: MIDST,
        });
        for (const question of questions) {
          const [points, moments] = await Promise.all([
            evaluator.ask(question),
            evaluator.ask(asMoments(question, question.population.asOf)),
          ]);
          const found = Object.fromEntries(
            [...upTo(points, '9999')].map(([key, { pivots: _, ...rest }]) => [key, rest]).toSorted(),
          );
          const expected = Object.fromEntries(moments.map(plainly).toSorted());
          expect(differences(found, expected, 1e-9), question.metric.metric).toEqual([]);
        }
      }
    });

    test('hours add up to days', async () => {
      const { catalog, evaluator } = await evaluatorOn(engine);
      const [days] = questionsOf(catalog, { name: '', metrics: ['aov'], maturity: 'ALL', change: { timezone: 'UTC' } });
      const [byDay, byHour] = await Promise.all([evaluator.ask(days!), evaluator.ask({ ...days!, grain: 'HOUR' })]);
      expect(byHour.length).toBeGreaterThan(byDay.length);
      for (const { period } of byDay) {
        const [hours, whole] = [upTo(byHour, `${period}T99`), upTo(byDay, period)];
        expect(
          differences(Object.fromEntries([...hours].toSorted()), Object.fromEntries([...whole].toSorted()), 1e-9),
        ).toEqual([]);
      }
    });

    test.concurrent.each([
      ['the first week', ['revenue', 'orders', 'converted', 'aov', 'average', 'products', 'late_orders'], LATE],
      ['the first days, in the midst', ['revenue', 'aov', 'visits'], MIDST],
      ['of open metrics', ['open_revenue', 'open_after_a_day'], LATE],
    ] as const)('days since exposure, %s: each day as if computed from scratch', async (_, metrics, asOf) => {
      const DAYS = 5;
      const { series } = await answersOn(engine, { name: '', metrics, asOf, maturity: 'ALL', days: DAYS });
      for (const { question, points } of series) {
        const cohort = sinceExposure(analysed(world, question), question, DAYS);
        expect([0, 1, 2, 3, 4]).toEqual(expect.arrayContaining([...new Set(points.map(({ period }) => period))]));
        for (let day = 0; day < DAYS; day++) {
          const label = `${question.metric.metric} on day ${day}`;
          const found = new Map([...upTo(points, day)].map(([key, moments]) => [key, unpivoted(moments)]));
          const expected = new Map(momentsAt(cohort(0, day + 1), question, at(asOf)).map(plainly));
          const sorted = (map: ReadonlyMap<string, unknown>) => Object.fromEntries([...map].toSorted());
          expect(differences(sorted(found), sorted(expected), 1e-9), label).toEqual([]);
          for (const { variant, moments } of momentsAt(cohort(day, day + 1), question, at(asOf))) {
            const point = points.find((p) => p.period === day && p.variant === variant);
            const { sums, products } = unpivoted(
              point?.alone ?? {
                units: 0,
                pivots: [0, 0],
                sums: moments.sums.map(() => 0),
                products: moments.products!.map((row) => row.map(() => 0)),
              },
            );
            expect(
              differences({ sums, products }, { sums: moments.sums, products: moments.products }, 1e-9),
              label,
            ).toEqual([]);
          }
        }
      }
    });

    test('a cap at a percentile is the same for all points', async () => {
      const { catalog, evaluator } = await evaluatorOn(engine);
      for (const [name, maturity] of [
        ['capped', 'REQUIRED'],
        ['capped', 'ALL'],
        ['aov_capped', 'ALL'],
        ['capped_both_ways', 'ALL'],
      ] as const) {
        const [plain] = questionsOf(catalog, { name: '', metrics: [name], maturity });
        const whole = { ...asMoments(plain!, LATE), needs: ['products', 'capping'] } as const;
        const moments = await evaluator.ask(whole);
        const { lower, upper } = moments[0]!.capping!;
        const running = seriesForm(plain!) === 'RUNNING';
        const points = await evaluator.ask({ ...plain!, thresholds: running ? { lower, upper } : null });
        const found = Object.fromEntries(
          [...upTo(points, '9999')].map(([key, { pivots: _, ...rest }]) => [key, rest]).toSorted(),
        );
        expect(differences(found, Object.fromEntries(moments.map(plainly).toSorted()), 1e-9), name).toEqual([]);
      }
    });

    test('metrics that share units and periods share a statement, which reads each source once', async () => {
      const one = CASES.find(({ name }) => name === 'as of maturity')!;
      const running = await answersOn(engine, { ...one, maturity: 'ALL' });
      const matured = await answersOn(engine, one);
      expect(running.statements).toHaveLength(1);
      // 7 days, 14 days, a delay and 2 days; and the metric without a window runs.
      expect(matured.statements).toHaveLength(4);
      for (const { sql } of [...running.statements, ...matured.statements])
        expect(sql.match(/"events" as s/g)).toHaveLength(1);
    });
  });

describeOn('Trino', () => {
  test.concurrent.each(CASES)('as on DuckDB: $name', async (one) => {
    const [trino, duckdb] = await Promise.all([answersOn('Trino', one), answersOn('DuckDB', one)]);
    const ordered = (points: readonly SeriesPoint[]) =>
      points.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)).map((point) => ({ ...point }));
    const key = ({ period, variant, slice }: SeriesPoint) => `${period} ${variant} ${slice}`;
    for (const [i, { points }] of trino.series.entries())
      expect(differences(ordered(points), ordered(duckdb.series[i]!.points), 1e-9)).toEqual([]);
  });
});
