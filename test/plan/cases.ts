import type { Catalog, Experiment } from '../../src/catalog/catalog.ts';
import { FILTER_OPERATORS, type Filter, type FilterOperator } from '../../src/plan/filter.ts';
import type {
  MomentNeed,
  MomentsQuestion,
  Population,
  Question,
  SeriesQuestion,
  SliceKey,
} from '../../src/plan/question.ts';
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

const ADJUSTED: readonly MomentNeed[] = ['products', 'covariates'];
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
  {
    name: 'adjusted by what was before',
    questions: (catalog) =>
      moments(catalog, ['revenue_adjusted', 'revenue', 'converted_adjusted', 'orders_adjusted'], { needs: ADJUSTED }),
  },
  {
    name: 'adjusted, without a window',
    questions: (catalog) => moments(catalog, ['open_revenue_adjusted'], { needs: ADJUSTED, maturity: 'ALL' }),
  },
  {
    name: 'adjusted, with units that have no history',
    questions: (catalog) =>
      moments(catalog, ['revenue_known_adjusted', 'largest_adjusted'], { needs: ADJUSTED, asOf: EARLY }),
  },
  {
    name: 'adjusted ratios of one source and of two',
    questions: (catalog) => moments(catalog, ['aov_adjusted', 'revenue_per_visit_adjusted'], { needs: ADJUSTED }),
  },
  {
    name: 'adjusted and capped',
    questions: (catalog) =>
      moments(
        catalog,
        [
          'capped_adjusted',
          'capped_known_adjusted',
          'capped_largest_adjusted',
          'capped_at_value_adjusted',
          'aov_capped_adjusted',
        ],
        { needs: [...EVERY, ...ADJUSTED] },
      ),
  },
  {
    name: 'adjusted, capped, filtered and sliced',
    questions: (catalog) =>
      moments(catalog, ['capped_known_adjusted', 'revenue_adjusted'], {
        where: TESTS[1]!,
        sliceBy: ['platform'],
        slices: [['ios'], ['web']],
        needs: [...EVERY, ...ADJUSTED],
      }),
  },
  {
    name: 'adjusted, of overlapping experiments',
    questions: (catalog) =>
      ['checkout', 'pricing'].flatMap((experiment) =>
        moments(catalog, ['revenue_adjusted', 'capped_adjusted', 'open_revenue_adjusted'], {
          experiment,
          needs: ADJUSTED,
        }),
      ),
  },
  {
    name: 'asked for with and without what was before',
    questions: (catalog) => [
      ...moments(catalog, ['revenue_adjusted', 'capped_adjusted']),
      ...moments(catalog, ['revenue_adjusted', 'capped_adjusted'], { needs: ADJUSTED }),
    ],
  },
  {
    name: 'windows that settle',
    questions: (catalog) => moments(catalog, ['settled', 'revenue'], { asOf: EARLY }),
  },
  {
    name: 'among units with a row',
    questions: (catalog) =>
      moments(
        catalog,
        ['orders_of_visitors', 'revenue_of_viewers', 'aov_of_refunders', 'open_orders_of_refunders', 'orders'],
        { needs: [...EVERY, ...ADJUSTED], sliceBy: ['platform'], slices: [['ios']] },
      ),
  },
  {
    name: 'measures combined',
    questions: (catalog) =>
      moments(catalog, ['net', 'net_adjusted', 'share_of_refunds', 'amount_per_visit'], {
        needs: [...EVERY, ...ADJUSTED],
      }),
  },
  {
    name: 'rows of whole days',
    questions: (catalog) =>
      moments(catalog, ['daily_revenue', 'daily_orders_later', 'daily_open', 'revenue'], {
        needs: ADJUSTED,
        asOf: EARLY,
        maturity: 'ALL',
      }),
  },
  {
    name: 'rows of whole days, overlapping experiments',
    questions: (catalog) =>
      ['checkout', 'pricing'].flatMap((experiment) =>
        moments(catalog, ['daily_revenue', 'daily_open'], { experiment, needs: ADJUSTED, asOf: EARLY }),
      ),
  },
  {
    name: 'what had arrived',
    questions: (catalog) => [
      ...moments(catalog, ['arrived_revenue', 'revenue'], { change: { assignments: 'late' }, asOf: EARLY }),
      { kind: 'assignments', population: population(catalog, { change: { assignments: 'late' }, asOf: EARLY }) },
      {
        kind: 'exposures',
        population: population(catalog, { change: { assignments: 'late' }, asOf: EARLY }),
        grain: 'DAY',
      },
    ],
  },
  {
    name: 'the shape of the values',
    questions: (catalog) =>
      moments(catalog, ['revenue', 'open_revenue', 'average', 'capped', 'capped_both_ways', 'converted'], {
        needs: ['products', 'shape'],
        where: TESTS[1]!,
      }),
  },
  {
    name: 'the first and the last row',
    questions: (catalog) => moments(catalog, ['first_amount', 'last_amount', 'first_raw'], { needs: EVERY }),
  },
  {
    name: 'days with a row',
    questions: (catalog) =>
      moments(catalog, ['active_days', 'shopping_days', 'daily_days', 'days_adjusted'], {
        needs: [...EVERY, ...ADJUSTED],
      }),
  },
  {
    name: 'time to the first row',
    questions: (catalog) =>
      moments(catalog, ['hours_to_purchase', 'minutes_to_purchase_of_buyers', 'days_to_event'], { needs: EVERY }),
  },
  {
    name: 'numbers that pass',
    questions: (catalog) =>
      moments(
        catalog,
        ['spent_80', 'spent_under_80', 'open_few_orders', 'several_orders', 'large_first_of_buyers', 'quick'],
        { needs: EVERY },
      ),
  },
  {
    name: 'steps in order',
    questions: (catalog) =>
      moments(catalog, ['refunded_soon', 'came_back', 'open_path', 'path_of_anything'], { needs: EVERY }),
  },
  {
    name: 'retention',
    questions: (catalog) => moments(catalog, ['retained_day', 'retained_week', 'retained_from'], { needs: EVERY }),
  },
  {
    name: 'rows that another source has one with',
    questions: (catalog) =>
      moments(catalog, ['orders_before_visit', 'share_before_long_visit', 'share_before_visits', 'orders_of_pros'], {
        needs: EVERY,
      }),
  },
  {
    name: 'rows that another source has one with, in the midst',
    questions: (catalog) =>
      moments(
        catalog,
        ['open_orders_before_visit', 'orders_before_visit', 'refunded', 'sent_with_visit', 'before_visit_adjusted'],
        { needs: [...EVERY, ...ADJUSTED], asOf: EARLY },
      ),
  },
  {
    name: 'rows that another source has one with, overlapping experiments',
    questions: (catalog) =>
      ['checkout', 'pricing'].flatMap((experiment) =>
        moments(catalog, ['open_orders_before_visit', 'orders'], { experiment }),
      ),
  },
  {
    name: 'rows capped',
    questions: (catalog) =>
      moments(catalog, ['rows_capped', 'rows_capped_both_ways', 'aov_rows_capped', 'ratio_rows_capped', 'capped'], {
        needs: EVERY,
        sliceBy: ['platform'],
        slices: [['ios'], ['web']],
      }),
  },
  {
    name: 'measures of time, adjusted',
    questions: (catalog) =>
      moments(catalog, ['rows_capped_adjusted', 'first_adjusted', 'spent_50_adjusted', 'refunded_soon_adjusted'], {
        needs: [...EVERY, ...ADJUSTED],
      }),
  },
  { name: 'rows capped, sums alone', questions: (catalog) => moments(catalog, ['rows_capped', 'revenue']) },
  {
    name: 'measures of time, in the midst, all units',
    questions: (catalog) =>
      moments(
        catalog,
        ['hours_to_purchase', 'last_amount', 'active_days', 'quick', 'spent_under_80', 'came_back', 'rows_capped'],
        { needs: EVERY, asOf: EARLY, maturity: 'ALL' },
      ),
  },
  {
    name: 'measures of time, sums alone',
    questions: (catalog) =>
      moments(
        catalog,
        ['hours_to_purchase', 'last_amount', 'quick', 'spent_under_80', 'came_back', 'open_few_orders'],
        {
          maturity: 'ALL',
        },
      ),
  },
  {
    name: 'measures of time without exposure times',
    questions: (catalog) =>
      moments(
        catalog,
        ['shopping_days', 'first_raw', 'open_path', 'open_few_orders', 'open_orders_before_visit', 'sent_with_visit'],
        { experiment: 'untimed', needs: EVERY },
      ),
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
  {
    name: 'freshness of what had arrived',
    questions: (catalog) =>
      ['arrived', 'late', 'daily'].map((source) => ({
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

/** Series are compared with plain TypeScript by tests of their own. */
const SERIES: readonly PlanCase[] = [
  {
    name: 'series, values so far',
    questions: (catalog) => series(catalog, ['revenue', 'converted', 'aov', 'average']),
  },
  {
    name: 'series, values so far of several sources, sliced',
    questions: (catalog) => series(catalog, ['revenue_per_visit'], { sliceBy: ['country'], slices: [['DE'], [null]] }),
  },
  {
    name: 'series, values so far, different values and a cap',
    questions: (catalog) =>
      series(catalog, ['products', 'capped']).map((question) => ({
        ...question,
        thresholds: { lower: null, upper: 50 },
      })),
  },
  {
    name: 'series as of maturity',
    questions: (catalog) => series(catalog, ['revenue', 'aov', 'capped', 'late_orders'], { maturity: 'REQUIRED' }),
  },
  {
    name: 'series by days since exposure',
    questions: (catalog) =>
      series(catalog, ['revenue', 'aov']).map((question) => ({ ...question, axis: 'DAYS_SINCE_EXPOSURE', days: 7 })),
  },
];

function series(catalog: Catalog, metrics: readonly MetricName[], wanted: Wanted = {}): readonly SeriesQuestion[] {
  return moments(catalog, metrics, { maturity: 'ALL', ...wanted }).map(({ needs: _, ...question }) => ({
    ...question,
    ...{ kind: 'series', axis: 'CALENDAR', grain: 'DAY', days: null, thresholds: null },
  }));
}

export const GOLDEN_CASES = [...PLAIN, ...SERIES];
export const CONFORMANCE_CASES = [...PLAIN, ...OPERATORS, ...TYPED];
/** So that an operator that is added is tested too. */
export const OPERATORS_TESTED = FILTER_OPERATORS.filter((operator) =>
  TESTS.some((one) => one.kind === 'test' && one.operator === operator),
);
