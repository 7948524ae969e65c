import { levelPlace } from '../../plan/order-statistics.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { ident, join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { as, list, type Step } from '../../sql/statement.ts';
import { RANK_TOLERANCE } from '../../statistics/quantile-ranks.ts';
import type { ModelContext } from '../model.ts';
import { isOneOf, type Measured } from './measured.ts';
import { COUNTS } from './summed.ts';
import { placeOf, slicedDimensions, unitsAfter } from './units.ts';

const LEVELS = ['estimate', 'lower', 'upper'] as const;
type Level = (typeof LEVELS)[number];

/**
 * Quantiles over the units of each arm and slice, and the order statistics beside them that their standard errors are made from.
 * Units without rows are zeros: they only move the ranks of values that are not below.
 */
export function quantileSteps(
  { catalog, dialect, ref }: ModelContext,
  all: readonly Measured[],
  quantiles: readonly Measured[],
): readonly Step[] {
  const dimensions = slicedDimensions(catalog);
  const place = placeOf(dimensions, 'u');
  const keys = ['experiment', 'metric', 'variant', 'dimension', 'place'].map((name) => ident(name));
  const key = join(keys, ', ');
  const joined =
    dimensions.length === 0 ? sql`` : sql`\njoin units as u on u."experiment" = r."experiment" and u."unit" = r."unit"`;
  const values: Step = {
    name: 'quantile_values',
    comment: 'the values that quantiles are of, once for the whole population and once a dimension',
    query: sql`select r."experiment", r."metric", r."variant", d."dimension", ${as(place, 'place')}, r."value"\nfrom ${ref('metric_calculations')} as r${joined}\ncross join dimensions as d\nwhere ${COUNTS} and ${isOneOf(all, quantiles, 'r')} and (d."dimension" = 0 or ${place} is not null)`,
  };
  const ranked: Step = {
    name: 'quantile_ranks',
    comment: 'each value and its rank, from 0',
    query: sql`select *, row_number() over (partition by ${key} order by "value") - 1 as "rank", count(*) over (partition by ${key}) as "present"\nfrom quantile_values`,
  };
  // Where no unit has a row all values are zeros, and there is no rank to read.
  const placed: Step = {
    name: 'quantile_places',
    comment: 'where the levels lie among the values',
    query: sql`select\n  ${list([
      ...keys.map((one) => sql`v.${one}`),
      ...['value', 'position', 'units'].map((name) => ident('v', name)),
      ...LEVELS.map((level) => as(byProbability(dialect, quantiles, level), `${level}_place`)),
    ])}\nfrom (\n  select ${list([
      ...['experiment', 'variant', 'dimension', 'place'].map((name) => ident('a', name)),
      ...['metric', 'probability'].map((name) => ident('m', name)),
      sql`r."value"`,
      as(sql`case when m."counts_idle" then ${unitsAfter(all, 'a')} else coalesce(r."present", 0) end`, 'units'),
      as(
        sql`r."rank" + case when m."counts_idle" and r."value" >= 0e0 then ${unitsAfter(all, 'a')} - r."present" else 0 end`,
        'position',
      ),
    ])}\n  from arms_of_slices as a\n  join metrics as m on m."experiment" = a."experiment" and m."probability" is not null\n  left join quantile_ranks as r on r."experiment" = a."experiment" and r."metric" = m."metric" and r."variant" = a."variant" and r."dimension" = a."dimension" and coalesce(r."place", 0) = coalesce(a."place", 0)\n) as v`,
  };
  const read: Step = {
    name: 'quantiles',
    comment: 'the values there, linear between neighbours; a value that no row tells is a zero',
    query: sql`select\n  ${list([...keys, ...LEVELS.map((level) => as(valueAt(dialect, level), level))])}\nfrom quantile_places\nwhere "units" > 0\ngroup by ${key}`,
  };
  return [values, ranked, placed, read];
}

/** Where a level lies, by the metrics' probabilities. */
function byProbability(dialect: Dialect, quantiles: readonly Measured[], level: Level): Sql {
  const distinct = [
    ...new Map(quantiles.map(({ metric: { quantile } }) => [quantile!.probability, quantile!])).values(),
  ];
  const n = sql`cast(v."units" as double)`;
  const arms = distinct.map(
    (quantile) =>
      sql`when v."probability" = ${trusted(dialect.number(quantile.probability))} then ${levelPlace(dialect, quantile, level, n)}`,
  );
  return sql`case when v."units" > 0 then case ${join(arms, ' ')} end end`;
}

/** As the planner reads it: a place that is an integer but for rounding is that integer. */
function valueAt(dialect: Dialect, level: Level): Sql {
  const place = ident(`${level}_place`);
  const floor = sql`floor(${place} + ${trusted(dialect.number(RANK_TOLERANCE))})`;
  const at = (offset: string) =>
    sql`coalesce(max(case when "position" = ${floor} + ${trusted(offset)} then "value" end), 0e0)`;
  const fraction = sql`max(${place} - ${floor})`;
  return sql`case when ${fraction} > 0e0 then ${at('0')} + (${at('1')} - ${at('0')}) * ${fraction} when ${fraction} is not null then ${at('0')} end`;
}
