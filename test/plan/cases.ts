import type { Catalog, Experiment } from '../../src/catalog/catalog.ts';
import { FILTER_OPERATORS, type Filter, type FilterOperator } from '../../src/plan/filter.ts';
import type { MomentNeed, MomentsQuestion, Population, Question, SliceKey } from '../../src/plan/question.ts';
import type { MetricName } from './world/metrics.ts';

/** Questions that are planned together. The statement of each is a golden file; its answer is compared with plain TypeScript. */
export interface PlanCase {
  readonly name: string;
  readonly questions: (catalog: Catalog) => readonly Question[];
}

const LATE = '2026-12-01T00:00:00.000000Z';
/** While units of `checkout` are still being exposed. */
const EARLY = '2026-03-30T12:00:00.000000Z';

interface Wanted {
  readonly experiment?: string;
  readonly change?: Partial<Experiment>;
  readonly where?: Filter;
  readonly asOf?: string;
  readonly needs?: readonly MomentNeed[];
  readonly maturity?: 'ALL' | 'REQUIRED';
  readonly sliceBy?: readonly string[];
  readonly slices?: readonly SliceKey[];
}

function population(
  catalog: Catalog,
  { experiment = 'checkout', change = {}, where, asOf = LATE }: Wanted = {},
): Population {
  return { experiment: { ...catalog.experiments.get(experiment)!, ...change }, where: where ?? null, asOf };
}

function moments(catalog: Catalog, metrics: readonly MetricName[], wanted: Wanted = {}): readonly MomentsQuestion[] {
  const { needs = ['products'], maturity = 'REQUIRED', sliceBy = [], slices = [] } = wanted;
  return metrics.map((name) => ({
    kind: 'moments',
    population: population(catalog, wanted),
    metric: catalog.metrics.get(name)!.versions.at(-1)!,
    maturity,
    sliceBy,
    slices,
    needs,
    pivots: null,
  }));
}

const EVERY: readonly MomentNeed[] = ['products', 'values', 'capping', 'quality'];
const TWENTY: readonly MetricName[] = [
  'revenue',
  'orders',
  'converted',
  'aov',
  'late_orders',
  'open_revenue',
  'open_after_a_day',
  'net_revenue',
  'refunds',
  'events',
  'double_amount',
  'products',
  'largest',
  'smallest',
  'average',
  'checked',
  'capped_at_value',
  'capped',
  'capped_with_zeros',
  'aov_capped',
];

const is = (dimension: string, operator: FilterOperator, ...values: readonly string[]): Filter => ({
  kind: 'test',
  dimension,
  operator,
  values,
});

/** Each operator on a dimension of a type that it is for. */
export const TESTS: readonly Filter[] = [
  is('country', 'EQ', "O'Land"),
  is('country', 'NE', 'DE'),
  is('country', 'IN', 'DE', 'Ü"x'),
  is('country', 'NOT_IN', 'DE', 'FR'),
  is('age', 'GT', '40'),
  is('rating', 'GTE', '2.5'),
  is('birthday', 'LT', '1980-01-01'),
  is('joined', 'LTE', '2025-05-10T08:30:05'),
  is('age', 'BETWEEN', '30', '50'),
  is('country', 'CONTAINS', "'L"),
  is('platform', 'STARTS_WITH', 'an'),
  is('member', 'IS_NULL'),
  is('member', 'IS_NOT_NULL'),
  is('member', 'EQ', 'true'),
  is('age', 'IN', '20', '30', '41'),
  is('birthday', 'EQ', '1971-03-15'),
];

const PLAIN: readonly PlanCase[] = [
  { name: 'one mean', questions: (catalog) => moments(catalog, ['revenue'], { needs: [] }) },
  { name: 'a mean with variance', questions: (catalog) => moments(catalog, ['revenue']) },
  { name: 'twenty metrics', questions: (catalog) => moments(catalog, TWENTY, { needs: EVERY }) },
  { name: 'a ratio of two sources', questions: (catalog) => moments(catalog, ['revenue_per_visit']) },
  {
    name: 'windows with delay',
    questions: (catalog) => moments(catalog, ['late_orders', 'open_after_a_day', 'orders']),
  },
  { name: 'open windows only', questions: (catalog) => moments(catalog, ['open_revenue', 'open_after_a_day']) },
  { name: 'capped at a value', questions: (catalog) => moments(catalog, ['capped_at_value'], { needs: EVERY }) },
  { name: 'capped at a percentile', questions: (catalog) => moments(catalog, ['capped'], { needs: EVERY }) },
  { name: 'capped with zeros', questions: (catalog) => moments(catalog, ['capped_with_zeros'], { needs: EVERY }) },
  { name: 'capped both ways', questions: (catalog) => moments(catalog, ['capped_both_ways'], { needs: EVERY }) },
  {
    name: 'ratios capped',
    questions: (catalog) => moments(catalog, ['aov_capped', 'aov_capped_twice'], { needs: EVERY }),
  },
  {
    name: 'values that are left out',
    questions: (catalog) =>
      moments(catalog, ['largest', 'smallest', 'average', 'orders_of_buyers', 'products_of_buyers', 'events'], {
        needs: EVERY,
      }),
  },
  { name: 'values that are no numbers', questions: (catalog) => moments(catalog, ['checked'], { needs: ['quality'] }) },
  {
    name: 'sliced by one dimension',
    questions: (catalog) =>
      moments(catalog, ['revenue'], { sliceBy: ['country'], slices: [['DE'], ["O'Land"], [null]] }),
  },
  {
    name: 'sliced by two dimensions',
    questions: (catalog) =>
      moments(catalog, ['orders', 'aov'], {
        sliceBy: ['platform', 'member'],
        slices: [
          ['ios', 'true'],
          ['web', null],
          ['android', 'false'],
        ],
      }),
  },
  {
    name: 'sliced by numbers',
    questions: (catalog) => moments(catalog, ['orders'], { sliceBy: ['age'], slices: [['30'], ['41']] }),
  },
  {
    name: 'filtered by every operator',
    questions: (catalog) =>
      moments(catalog, ['orders'], {
        where: {
          kind: 'and',
          filters: [
            { kind: 'or', filters: TESTS.slice(4) },
            { kind: 'not', filter: { kind: 'and', filters: TESTS.slice(0, 4) } },
          ],
        },
      }),
  },
  {
    name: 'filtered and capped',
    questions: (catalog) => moments(catalog, ['capped', 'revenue'], { where: TESTS[1]!, needs: EVERY }),
  },
  {
    name: 'filtered and sliced',
    questions: (catalog) =>
      moments(catalog, ['revenue'], { where: TESTS[5]!, sliceBy: ['platform'], slices: [['ios']] }),
  },
  {
    name: 'an exclusion rule',
    questions: (catalog) => moments(catalog, ['revenue'], { change: { assignments: 'people' } }),
  },
  {
    name: 'an exclusion rule and slices',
    questions: (catalog) =>
      moments(catalog, ['revenue'], { change: { assignments: 'people' }, sliceBy: ['country'], slices: [['DE']] }),
  },
  {
    name: 'the first of several variants',
    questions: (catalog) => moments(catalog, ['revenue'], { change: { multiExposure: 'first' } }),
  },
  {
    name: 'the first of several variants and slices',
    questions: (catalog) =>
      moments(catalog, ['revenue'], {
        change: { multiExposure: 'first' },
        sliceBy: ['country'],
        slices: [['DE'], ['AA']],
      }),
  },
  {
    name: 'assignments without times',
    questions: (catalog) => moments(catalog, ['score', 'pro', 'open_revenue'], { experiment: 'untimed' }),
  },
  { name: 'facts without times', questions: (catalog) => moments(catalog, ['score', 'pro']) },
  { name: 'facts with and without times', questions: (catalog) => moments(catalog, ['score', 'revenue']) },
  { name: 'events sent again', questions: (catalog) => moments(catalog, ['sent_revenue']) },
  {
    name: 'in the midst, mature units',
    questions: (catalog) =>
      moments(catalog, ['revenue', 'late_orders', 'open_revenue', 'capped', 'average'], { asOf: EARLY, needs: EVERY }),
  },
  {
    name: 'in the midst, all units',
    questions: (catalog) => moments(catalog, ['revenue', 'late_orders', 'capped'], { asOf: EARLY, maturity: 'ALL' }),
  },
  {
    name: 'a treatment that ended early',
    questions: (catalog) =>
      moments(catalog, ['revenue', 'open_revenue'], { change: { treatmentEnd: '2026-03-30T12:00:00Z' } }),
  },
  {
    name: 'overlapping experiments',
    questions: (catalog) => [
      ...moments(catalog, ['revenue', 'open_revenue', 'capped'], { needs: EVERY }),
      ...moments(catalog, ['revenue', 'late_orders', 'revenue_per_visit'], { experiment: 'pricing' }),
    ],
  },
  {
    name: 'overlapping experiments, sliced',
    questions: (catalog) =>
      ['checkout', 'pricing'].flatMap((experiment) =>
        moments(catalog, ['orders', 'sent_revenue'], { experiment, sliceBy: ['platform'], slices: [['ios'], ['web']] }),
      ),
  },
  {
    name: 'experiments far apart',
    questions: (catalog) =>
      ['checkout', 'rollout'].flatMap((experiment) => moments(catalog, ['orders'], { experiment })),
  },
  { name: 'assignments', questions: (catalog) => [{ kind: 'assignments', population: population(catalog) }] },
  {
    name: 'assignments of several experiments',
    questions: (catalog) =>
      ['checkout', 'pricing', 'rollout'].map((experiment) => ({
        kind: 'assignments',
        population: population(catalog, { experiment, where: TESTS[1]! }),
      })),
  },
  {
    name: 'assignments, filtered, by an exclusion rule',
    questions: (catalog) => [
      { kind: 'assignments', population: population(catalog, { change: { assignments: 'people' }, where: TESTS[3]! }) },
    ],
  },
  {
    name: 'assignments, the first of several variants',
    questions: (catalog) => [
      { kind: 'assignments', population: population(catalog, { change: { multiExposure: 'first' }, asOf: EARLY }) },
    ],
  },
  {
    name: 'assignments without a time',
    questions: (catalog) => [{ kind: 'assignments', population: population(catalog, { experiment: 'untimed' }) }],
  },
  {
    name: 'exposures by day',
    questions: (catalog) => [{ kind: 'exposures', population: population(catalog), grain: 'DAY' }],
  },
  {
    name: 'exposures by hour',
    questions: (catalog) => [{ kind: 'exposures', population: population(catalog), grain: 'HOUR' }],
  },
  {
    name: 'exposures by week, filtered',
    questions: (catalog) => [
      { kind: 'exposures', population: population(catalog, { where: TESTS[0]! }), grain: 'WEEK' },
    ],
  },
  {
    name: 'slices',
    questions: (catalog) => [{ kind: 'slices', population: population(catalog), sliceBy: ['country'], limit: 3 }],
  },
  {
    name: 'slices of two dimensions',
    questions: (catalog) => [
      {
        kind: 'slices',
        population: population(catalog, { where: TESTS[4]! }),
        sliceBy: ['platform', 'member'],
        limit: 50,
      },
    ],
  },
  {
    name: 'freshness',
    questions: (catalog) =>
      ['events', 'visits', 'profiles', 'assignments'].map((source) => ({
        kind: 'freshness',
        source: catalog.sources.get(source)!,
        asOf: EARLY,
      })),
  },
];

/** One case an operator: too many for goldens, right for engines. */
const OPERATORS: readonly PlanCase[] = TESTS.flatMap((test) => [
  { name: `filtered: ${show(test)}`, questions: (catalog: Catalog) => moments(catalog, ['orders'], { where: test }) },
  {
    name: `filtered: not ${show(test)}`,
    questions: (catalog: Catalog) => moments(catalog, ['orders'], { where: { kind: 'not', filter: test } }),
  },
]);

function show(filter: Filter): string {
  return filter.kind === 'test' ? `${filter.dimension} ${filter.operator} ${filter.values.join(', ')}` : filter.kind;
}

/** Dimensions of every type as slices, which are text: found, and then told apart. */
const TYPED: readonly PlanCase[] = (
  [
    ['age', '30', '41'],
    ['rating', '2.5', '3'],
    ['member', 'true', 'false'],
    ['birthday', '1971-03-15', '1980-01-15'],
    ['joined', '2025-05-10 08:30:05', '2025-01-10 08:30:00'],
  ] as const
).flatMap(([dimension, ...values]) => [
  {
    name: `slices by ${dimension}`,
    questions: (catalog: Catalog) => [
      { kind: 'slices' as const, population: population(catalog), sliceBy: [dimension], limit: 50 },
    ],
  },
  {
    name: `sliced by ${dimension}`,
    questions: (catalog: Catalog) =>
      moments(catalog, ['orders'], { sliceBy: [dimension], slices: [...values, null].map((value) => [value]) }),
  },
]);

export const GOLDEN_CASES = PLAIN;
export const CONFORMANCE_CASES = [...PLAIN, ...OPERATORS, ...TYPED];
/** So that an operator that is added is tested too. */
export const OPERATORS_TESTED = FILTER_OPERATORS.filter((operator) =>
  TESTS.some((one) => one.kind === 'test' && one.operator === operator),
);
