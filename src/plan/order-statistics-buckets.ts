import { ident, join, type Sql, sql, trusted } from '../sql/sql.ts';
import { as, list, type Step } from '../sql/statement.ts';
import { RANK_TOLERANCE } from '../statistics/quantile-ranks.ts';
import type { WantedMoments } from './capping.ts';
import { asColumns, type Column } from './moment-columns.ts';
import { CLUSTER_SUMS, hasClusters, type Level, levelPlace, levelsOf, orderName } from './order-statistics.ts';
import type { Scope } from './scope.ts';
import { qualityColumns } from './unit-variables.ts';

/**
 * A bucket holds values of one sign whose natural logarithms are within this of each other, so that what is read from it is off
 * by at most e^width − 1 of itself: 0.1 % (the mapping of DDSketch: Masson, Rim & Lee 2019, section 2.1).
 */
export const BUCKET_WIDTH = 1e-3;

/** Whether a metric is a quantile by buckets: it has a statement of its own, since its units are taken apart by value. */
export const isBucketed = ({ quantile }: WantedMoments['metric']['metric']): boolean =>
  quantile?.method === 'approximate';

/**
 * The moments of one quantile by buckets: no list of an arm's values is ever held, only a count for each bucket of them. A unit's
 * values are ranked among themselves; the k-th adds 2k − 1 to the square of how many it has up to there, and their number to the
 * product of the two, so that running sums over the buckets are the moments of the units as clusters at every value at once.
 */
export function bucketSteps(scope: Scope, wanted: WantedMoments, group: readonly string[]): readonly Step[] {
  const { dialect } = scope;
  const { alias, metric } = wanted.metric;
  const number = (value: number) => trusted(dialect.number(value));
  const levels = levelsOf(wanted);
  const names = group.map((name) => ident(name));
  const partition = join(names, ', ');
  const column = ident('u', wanted.columns[0]!);
  const none = sql`array[cast(null as double)]`;
  const values =
    metric.quantile!.over === 'events' ? sql`coalesce(array_sort(${column}), ${none})` : sql`array[${column}]`;
  const quality = wanted.needs.has('quality') ? wanted.measures.flatMap(qualityColumns) : [];
  const value = ident('value');
  const first = (of: Sql) => sql`case when "rank" = 1 then ${of} end`;
  const counted = sql`${value} is not null`;
  const sums: readonly Column[] = [
    { name: 'exposed', value: sql`count(${first(sql`1`)})` },
    { name: `${alias}.units`, value: sql`count(${first(value)})` },
    ...(wanted.needs.has('values')
      ? [{ name: `${alias}.with_value`, value: sql`count(${first(valueThatCounts(wanted))})` }]
      : []),
    ...quality.map(({ name }) => ({ name: `${alias}.${name}`, value: sql`sum(${first(ident(name))})` })),
  ];
  const runs: readonly Column[] = [
    { name: 'upto', value: ident('count') },
    ...(hasClusters(wanted) ? ['square', 'cross'].map((name) => ({ name: `${name}_upto`, value: ident(name) })) : []),
  ];
  const told = levels.flatMap((level) => [
    { name: `${level}.below`, value: sql`max(${atRank(level, 0)})` },
    { name: `${level}.above`, value: sql`max(${atRank(level, 1)})` },
    { name: `${level}.fraction`, value: sql`max("${trusted(level)}.place" - "${trusted(level)}.rank")` },
  ]);
  return [
    {
      name: 'values',
      comment: 'the values of each unit, ranked; one row without a value for a unit that has none',
      query: sql`select\n  ${list([
        ...group.map((name) => ident('u', name)),
        ...quality.map(({ name }) => ident('u', name)),
        as(sql`v."value"`, 'value'),
        as(sql`cast(v."rank" as double)`, 'rank'),
        as(sql`cast(${dialect.valueLists.size(values)} as double)`, 'size'),
        as(sql`sign(v."value")`, 'side'),
        as(sql`case when v."value" <> 0e0 then floor(ln(abs(v."value")) / ${number(BUCKET_WIDTH)}) end`, 'bucket'),
      ])}\nfrom units as u\ncross join unnest(${values}) with ordinality as v("value", "rank")`,
    },
    {
      name: 'buckets',
      comment: 'the values of each arm by buckets',
      query: sql`select\n  ${list([
        ...names,
        ...asColumns(sums),
        as(sql`cast(count(${value}) as double)`, 'count'),
        as(sql`min(${value})`, 'smallest'),
        as(sql`max(${value})`, 'largest'),
        as(sql`sum(case when ${counted} then 2e0 * "rank" - 1e0 end)`, 'square'),
        as(sql`sum(case when ${counted} then "size" end)`, 'cross'),
      ])}\nfrom "values"\ngroup by ${partition}, "side", "bucket"`,
    },
    {
      name: 'running',
      comment: 'how much lies up to the end of each bucket, and in all',
      query: sql`select *,\n  ${list([
        ...runs.map(({ name, value: of }) =>
          as(sql`sum(${of}) over (partition by ${partition} order by "smallest" rows unbounded preceding)`, name),
        ),
        as(sql`sum("count") over (partition by ${partition})`, 'all'),
        as(sql`sum("cross") over (partition by ${partition})`, 'values_square'),
      ])}\nfrom buckets`,
    },
    {
      name: 'places',
      comment: 'where the levels of the quantile lie',
      query: sql`select *,\n  ${list(
        levels.map((level) => as(levelPlace(dialect, metric.quantile!, level, ident('all')), `${level}.place`)),
      )}\nfrom running`,
    },
    {
      name: 'ranks',
      comment: 'the values that they lie between, or at',
      query: sql`select *,\n  ${list(
        levels.map((level) => as(sql`floor(${ident(`${level}.place`)} + ${number(RANK_TOLERANCE)})`, `${level}.rank`)),
      )}\nfrom places`,
    },
    {
      name: 'found',
      comment: 'what the buckets at these ranks hold, linear inside of a bucket',
      query: sql`select\n  ${list([
        ...names,
        ...sums.map(({ name }) => as(sql`sum(${ident(name)})`, name)),
        as(sql`max("all")`, orderName(wanted, 'values')),
        ...asColumns(told),
        ...(hasClusters(wanted)
          ? asColumns(
              [
                {
                  name: 'below',
                  value: sql`max(${holds('estimate', 0, sql`"upto" - "count" + "count" * (${SHARE})`)})`,
                },
                {
                  name: 'below_square',
                  value: sql`max(${holds('estimate', 0, sql`"square_upto" - "square" + "square" * (${SHARE})`)})`,
                },
                {
                  name: 'below_cross',
                  value: sql`max(${holds('estimate', 0, sql`"cross_upto" - "cross" + "cross" * (${SHARE})`)})`,
                },
                { name: 'values_square', value: sql`max("values_square")` },
              ].map((one) => ({ ...one, name: orderName(wanted, one.name) })),
            )
          : []),
      ])}\nfrom ranks\ngroup by ${partition}`,
    },
    {
      name: 'moments',
      comment: 'units of each arm, and its quantile',
      query: sql`select\n  ${list([
        ...names,
        ...sums.map(({ name }) => ident(name)),
        ident(orderName(wanted, 'values')),
        ...levels.map((level) => as(between(level), orderName(wanted, level))),
        ...(hasClusters(wanted) ? CLUSTER_SUMS.map((of) => ident(orderName(wanted, of))) : []),
      ])}\nfrom found`,
    },
  ];
}

/** A unit's first value where it is more than a zero that stands for nothing. */
const valueThatCounts = ({ metric: { metric } }: WantedMoments): Sql =>
  metric.variables[0]!.measures.some(({ whenMissing }) => whenMissing === 'exclude')
    ? ident('value')
    : sql`nullif("value", 0e0)`;

/** An expression over the bucket that holds the value of a rank, from 0; null for the others. */
function holds(level: Level, offset: 0 | 1, of: Sql): Sql {
  const rank = rankOf(level, offset);
  return sql`case when ${rank} >= "upto" - "count" and ${rank} < "upto" then ${of} end`;
}

const rankOf = (level: Level, offset: 0 | 1): Sql =>
  offset === 0 ? ident(`${level}.rank`) : sql`(${ident(`${level}.rank`)} + 1)`;

/** The value of a rank: its bucket's smallest and largest are known, the others lie evenly between them. */
function atRank(level: Level, offset: 0 | 1): Sql {
  const inside = sql`(${rankOf(level, offset)} - ("upto" - "count")) / ("count" - 1)`;
  return holds(
    level,
    offset,
    sql`case when "smallest" = "largest" then "smallest" else "smallest" + ("largest" - "smallest") * (${inside}) end`,
  );
}

/** The share of the bucket's values that is at most the quantile. */
const SHARE = sql`case when "smallest" = "largest" then 1e0 else ("estimate.rank" - ("upto" - "count") + 1) / "count" end`;

function between(level: Level): Sql {
  const [below, above, fraction] = ['below', 'above', 'fraction'].map((of) => ident(`${level}.${of}`)) as [
    Sql,
    Sql,
    Sql,
  ]; // as many
  return sql`case when ${fraction} > 0e0 then ${below} + (${above} - ${below}) * ${fraction} else ${below} end`;
}
