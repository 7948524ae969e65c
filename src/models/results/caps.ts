import { groupBy } from '../../core/group-by.ts';
import { SIDES, type Side } from '../../plan/capping.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { ident, join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { as, list, type Step } from '../../sql/statement.ts';
import type { ModelContext } from '../model.ts';
import { isCapped, isOneOf, type Measured, ranksZeros } from './measured.ts';
import { COUNTS, layoutOf, type Summed } from './summed.ts';
import { unitsAfter } from './units.ts';

/** What may be cut. */
export const CUTTABLE = ['value', 'denominator', 'value_before', 'denominator_before'] as const;
type Cuttable = (typeof CUTTABLE)[number];

export const thresholdName = (side: Side, column: Summed): string => `${side}_${column}`;

/** The least and the largest value before it is cut. */
export const rangeName = (of: 'minimum' | 'maximum', column: Summed): string => `${of}_${column}`;

/** A value that is there: before the assignment an indicator tells. */
function known(column: Cuttable): Sql {
  const value = ident('r', column);
  if (!column.endsWith('_before')) return value;
  return sql`case when not (m."has_indicator" and r."known_before" = 0e0) then ${value} end`;
}

/** The columns of a metric that its cap cuts, each at thresholds of its own. */
function cutColumns(one: Measured): readonly Cuttable[] {
  const layout = layoutOf(one);
  return CUTTABLE.filter((column) => {
    const i = layout.indexOf(column);
    return i >= 0 && one.variables[i]!.cappedAs !== null;
  });
}

/**
 * The thresholds of each capped metric, of the values of all units that count, whatever their arm; and the least and the largest
 * value. One row an experiment and capped metric.
 */
export function capsSteps(context: ModelContext, all: readonly Measured[]): readonly Step[] {
  const capped = all.filter(isCapped);
  if (capped.length === 0) return [];
  const classes = [...groupBy(capped, (one) => JSON.stringify([one.cap, cutColumns(one)])).values()];
  const ranked = classes.filter(([one]) => ranksZeros(one!));
  return [
    ...(ranked.length === 0 ? [] : zeroRanks(context, all, ranked.flat())),
    {
      name: 'caps',
      comment: 'thresholds over the units that count of all arms',
      query: join(
        classes.map((group) => thresholds(context, all, group)),
        '\nunion all\n',
      ),
      reused: true,
    },
  ];
}

function thresholds({ dialect, ref }: ModelContext, all: readonly Measured[], group: readonly Measured[]): Sql {
  const [one] = group;
  const cap = one!.cap!;
  const cut = cutColumns(one!);
  const fromRanks = ranksZeros(one!);
  const threshold = (side: Side, column: Cuttable): Sql => {
    const stated = cap[side];
    const value = ident('r', column);
    if (stated === null || !cut.includes(column)) return sql`cast(null as double)`;
    if (stated.kind === 'value') return trusted(dialect.number(stated.value));
    if (fromRanks) return atPercentile(dialect, column, stated.percentile);
    return dialect.quantile(sql`case when ${value} <> 0e0 then ${value} end`, stated.percentile);
  };
  const columns = CUTTABLE.flatMap((column) =>
    SIDES.map((side) => as(threshold(side, column), thresholdName(side, column))),
  );
  const rows = fromRanks
    ? sql`select * from ranked_values as r where ${isOneOf(all, group, 'r')}`
    : sql`select * from ${ref('metric_calculations')} as r where ${COUNTS} and ${isOneOf(all, group, 'r')}`;
  // A metric without a row has the thresholds that are stated.
  return sql`select\n  ${list([
    ident('m', 'experiment'),
    ident('m', 'metric'),
    ...columns,
    ...CUTTABLE.flatMap((column) => [
      as(sql`min(${known(column)})`, rangeName('minimum', column)),
      as(sql`max(${known(column)})`, rangeName('maximum', column)),
    ]),
  ])}\nfrom metrics as m\nleft join (${rows}) as r on r."experiment" = m."experiment" and r."metric" = m."metric"\nwhere ${isOneOf(all, group, 'm')}\ngroup by m."experiment", m."metric"`;
}

const rankOf = (column: Cuttable): string => `rank_${column}`;

/** Where each value lies, from 0, among those of all units that count: units without rows are zeros. */
function zeroRanks({ ref }: ModelContext, all: readonly Measured[], ranked: readonly Measured[]): readonly Step[] {
  const cut = new Set(ranked.flatMap(cutColumns));
  const columns = CUTTABLE.filter((column) => cut.has(column));
  const key = sql`r."experiment", r."metric"`;
  const present = sql`count(*) over (partition by ${key})`;
  const units = sql`case when m."counts_idle" then ${unitsAfter(all, 't')} else ${present} end`;
  const rank = (column: Cuttable) => {
    const value = sql`coalesce(${ident('r', column)}, 0e0)`;
    const idle = sql`case when ${value} >= 0e0 then ${units} - ${present} else 0 end`;
    return as(sql`row_number() over (partition by ${key} order by ${value}) - 1 + ${idle}`, rankOf(column));
  };
  return [
    {
      name: 'ranked_values',
      comment: 'where each value of capped metrics lies among all',
      query: sql`select\n  ${list([key, ...[...CUTTABLE, 'known_before'].map((column) => ident('r', column)), ...columns.map(rank), as(units, 'units')])}\nfrom ${ref('metric_calculations')} as r\njoin metrics as m on m."experiment" = r."experiment" and m."metric" = r."metric"\njoin totals as t on t."experiment" = r."experiment"\nwhere ${COUNTS} and ${isOneOf(all, ranked, 'r')}`,
      reused: true,
    },
  ];
}

/** The linearly interpolated percentile of values with their ranks, those that are not there being 0. */
function atPercentile(dialect: Dialect, column: Cuttable, percentile: number): Sql {
  const place = sql`(${trusted(dialect.number(percentile))} * (r."units" - 1))`;
  const at = (rank: Sql) =>
    sql`coalesce(max(case when r.${ident(rankOf(column))} = ${rank} then ${ident('r', column)} end), 0e0)`;
  const [below, above] = [at(sql`floor(${place})`), at(sql`ceiling(${place})`)];
  const fraction = sql`max(${place} - floor(${place}))`;
  return sql`(${below} + (${above} - ${below}) * ${fraction})`;
}

/** A column of a row (`r`) cut to the thresholds of `c`; null stays null. */
export function cutTo(column: Cuttable, value: Sql): Sql {
  const [lower, upper] = [ident('c', thresholdName('lower', column)), ident('c', thresholdName('upper', column))];
  return sql`case when ${value} > ${upper} then ${upper} when ${value} < ${lower} then ${lower} else ${value} end`;
}

/** Whether a value is beyond the thresholds of `c`: of the metric's own, not of those before. */
export function isBeyond(columns: readonly Summed[], value: (column: Summed) => Sql): Sql {
  const own = (['value', 'denominator'] as const).filter((column) => columns.includes(column));
  return join(
    own.flatMap((column) => [
      sql`${value(column)} > ${ident('c', thresholdName('upper', column))}`,
      sql`${value(column)} < ${ident('c', thresholdName('lower', column))}`,
    ]),
    ' or ',
  );
}
