import type { Moments, OrderStatistics } from '../core/moments.ts';
import type { Quantile } from '../metric-types/metric-type.ts';
import type { Dialect } from '../sql/dialect.ts';
import { ident, type Sql, sql, trusted } from '../sql/sql.ts';
import { list, type Step } from '../sql/statement.ts';
import { QUANTILE_Z, RANK_TOLERANCE } from '../statistics/quantile-ranks.ts';
import type { WantedMoments } from './capping.ts';
import { asColumns, type Column } from './moment-columns.ts';

/** A quantile of the statement, with the columns that its steps go by. */
interface WantedQuantile {
  readonly wanted: WantedMoments;
  readonly quantile: Quantile;
  /** Of an arm: the units' values, or a list of values for each unit; and all of them, ascending. */
  readonly values: string;
  readonly ascending: string;
}

/** The quantiles of a statement that are read from the values themselves. */
function quantilesOf(wanted: readonly WantedMoments[]): readonly WantedQuantile[] {
  return wanted.flatMap((one) => {
    const { quantile } = one.metric.metric;
    if (quantile == null || quantile.method === 'approximate') return [];
    const [column] = one.columns;
    return [{ wanted: one, quantile, values: `${column}.values`, ascending: `${column}.ascending` }];
  });
}

const distinct = (columns: readonly Column[]): readonly Column[] => [
  ...new Map(columns.map((column) => [column.name, column])).values(),
];

/** What is gathered over the units (`u`) of an arm for its quantiles; quantiles of the same values share a list. */
export function gatheredValues(wanted: readonly WantedMoments[]): readonly Column[] {
  return distinct(
    quantilesOf(wanted).map(({ wanted: { columns }, values }) => {
      const column = ident('u', columns[0]!);
      return { name: values, value: sql`array_agg(${column}) filter (where ${column} is not null)` };
    }),
  );
}

const LEVELS = ['lower', 'estimate', 'upper'] as const;
export type Level = (typeof LEVELS)[number];

/** The quantile itself; and where its uncertainty is asked for, those whose distance tells it. */
export const levelsOf = ({ needs }: WantedMoments): readonly Level[] => (needs.has('products') ? LEVELS : ['estimate']);

export const CLUSTER_SUMS = ['below', 'below_square', 'below_cross', 'values_square'] as const;
type ClusterSum = (typeof CLUSTER_SUMS)[number];

/** Whether the units are clusters of values, whose moments are asked for. */
export const hasClusters = ({ metric, needs }: WantedMoments): boolean =>
  metric.metric.quantile?.over === 'events' && needs.has('products');

/** Columns of the answer, and of the steps to it. */
export const orderName = ({ metric }: WantedMoments, of: string): string => `${metric.alias}.${of}`;

/**
 * The steps from the values of each arm, which `last` has gathered beside the columns `kept`, to its quantiles: the values in
 * order, the places of the levels among them, the sample quantiles there, and over the units the moments of how many of their
 * values are at most the quantile. Each step reads the one before alone, so that nothing is computed twice on any engine.
 */
export function orderSteps(
  dialect: Dialect,
  wanted: readonly WantedMoments[],
  steps: readonly Step[],
  kept: readonly string[],
): readonly Step[] {
  const quantiles = quantilesOf(wanted);
  if (quantiles.length === 0) return steps;
  const last = steps.at(-1)!;
  const further = (name: string, comment: string, from: string, columns: readonly Column[]): Step => ({
    name,
    comment,
    query: sql`select *,\n  ${list(asColumns(distinct(columns)))}\nfrom ${ident(from)}`,
  });
  const ascending = quantiles.map(({ values, ascending: name, quantile }) => ({
    name,
    value: sql`array_sort(${quantile.over === 'events' ? sql`flatten(${ident(values)})` : ident(values)})`,
  }));
  const places = quantiles.flatMap((one) =>
    levelsOf(one.wanted).map((level) => ({
      name: orderName(one.wanted, `${level}.place`),
      value: levelPlace(dialect, one.quantile, level, dialect.valueLists.size(ident(one.ascending))),
    })),
  );
  const read = quantiles.flatMap((one) =>
    levelsOf(one.wanted).map((level) => ({ name: orderName(one.wanted, level), value: valueAt(dialect, one, level) })),
  );
  const clustered = quantiles.filter((one) => hasClusters(one.wanted));
  const clusters = clustered.map((one) => ({
    name: orderName(one.wanted, 'clusters'),
    value: dialect.valueLists.pairs(ident(one.values), (unit) => [
      dialect.valueLists.countUpTo(unit, ident(orderName(one.wanted, 'estimate'))),
      dialect.valueLists.size(unit),
    ]),
  }));
  return [
    ...steps.slice(0, -1),
    { ...last, name: 'gathered_values', comment: `${last.comment}; and the values that quantiles are read from` },
    further('ascending', 'the values of each arm, ascending', 'gathered_values', ascending),
    further('places', 'where the levels of the quantiles lie among them', 'ascending', places),
    further('quantiles', 'the sample quantiles there', 'places', read),
    ...(clusters.length === 0
      ? []
      : [further('clusters', "each unit's values up to the quantile, and all of its values", 'quantiles', clusters)]),
    {
      name: 'moments',
      comment: 'sums over the units of each arm, and its quantiles',
      query: sql`select\n  ${list([
        ...kept.map((name) => ident(name)),
        ...asColumns(quantiles.flatMap((one) => answered(dialect, one))),
      ])}\nfrom ${ident(clusters.length === 0 ? 'quantiles' : 'clusters')}`,
    },
  ];
}

function answered(dialect: Dialect, one: WantedQuantile): readonly Column[] {
  const named = (of: string, value: Sql): Column => ({ name: orderName(one.wanted, of), value });
  const sum = (of: (below: Sql, values: Sql) => Sql) =>
    dialect.valueLists.sumOfPairs(ident(orderName(one.wanted, 'clusters')), of);
  const sums: Record<ClusterSum, (below: Sql, values: Sql) => Sql> = {
    below: (below) => below,
    below_square: (below) => sql`${below} * ${below}`,
    below_cross: (below, values) => sql`${below} * ${values}`,
    values_square: (_, values) => sql`${values} * ${values}`,
  };
  return [
    named('values', dialect.valueLists.size(ident(one.ascending))),
    ...levelsOf(one.wanted).map((level) => named(level, ident(orderName(one.wanted, level)))),
    ...(hasClusters(one.wanted) ? CLUSTER_SUMS.map((of) => named(of, sum(sums[of]))) : []),
  ];
}

/**
 * h = p(n − 1), where the sample quantile of level p lies among n values in order, from 0; for the levels beside the quantile's
 * own p = ν ∓ z√(ν(1 − ν)/n), null where that leaves (0, 1). As `quantileLevels` and `interpolationRanks` have it.
 */
export function levelPlace(dialect: Dialect, { probability }: Quantile, level: Level, n: Sql): Sql {
  const literal = (value: number) => trusted(dialect.number(value));
  const p = literal(probability);
  if (level === 'estimate') return sql`${p} * (${n} - 1)`;
  const half = sql`${literal(QUANTILE_Z)} * sqrt(${literal(probability * (1 - probability))} / ${n})`;
  const at = level === 'lower' ? sql`(${p} - ${half})` : sql`(${p} + ${half})`;
  return sql`case when ${at} > 0e0 and ${at} < 1e0 then ${at} * (${n} - 1) end`;
}

/** The value at a place, linear between its neighbours; a place that is an integer but for rounding is that integer. */
function valueAt(dialect: Dialect, one: WantedQuantile, level: Level): Sql {
  const place = ident(orderName(one.wanted, `${level}.place`));
  const floor = sql`floor(${place} + ${trusted(dialect.number(RANK_TOLERANCE))})`;
  const value = (offset: string) => sql`${ident(one.ascending)}[cast(${floor} as bigint) + ${trusted(offset)}]`;
  return sql`case when ${place} > ${floor} then ${value('1')} + (${value('2')} - ${value('1')}) * (${place} - ${floor}) else ${value('1')} end`;
}

/** Reads the order statistics of an arm back; null for a metric that is no quantile. */
export function decodeOrder(
  wanted: WantedMoments,
  units: number,
  read: (name: string) => number | null,
): OrderStatistics | null {
  if (wanted.metric.metric.quantile == null) return null;
  const cell = (of: string) => read(orderName(wanted, of));
  const levels = levelsOf(wanted);
  const values = cell('values') ?? 0;
  const sums = hasClusters(wanted) ? CLUSTER_SUMS.map((of) => cell(of) ?? 0) : null;
  return {
    values,
    estimate: cell('estimate'),
    lower: levels.includes('lower') ? cell('lower') : null,
    upper: levels.includes('upper') ? cell('upper') : null,
    clusters: sums === null ? null : clustersOf(units, values, sums),
  };
}

/** Over the units: variable 0 how many of their values are at most the quantile, variable 1 how many they have. */
function clustersOf(units: number, values: number, sums: readonly number[]): Moments {
  const [below, belowSquare, belowCross, valuesSquare] = sums as [number, number, number, number]; // one a name
  return { units, pivots: [0, 0], sums: [below, values], products: [[belowSquare], [belowCross, valuesSquare]] };
}
