import { WORST_CONDITION } from '../../evaluate/conditioning.ts';
import { SIDES } from '../../plan/capping.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { ident, join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { as, list, type Step } from '../../sql/statement.ts';
import type { ModelContext } from '../model.ts';
import { CUTTABLE, cutTo, isBeyond, rangeName, thresholdName } from './caps.ts';
import { isCapped, isOneOf, type Measured } from './measured.ts';
import {
  COUNTS,
  columnsOf,
  plainly,
  productColumn,
  rounded,
  type Summed,
  sumColumn,
  sumNames,
  sumsOver,
} from './summed.ts';
import { bySlice, placeColumn, slicedDimensions, unitsAfter } from './units.ts';

export const pivotColumn = (name: Summed): string => `pivot_${name}`;
/** What a unit without rows adds to a sum. */
export const idleColumn = (name: Summed): string => `idle_${name}`;

/**
 * Sums over the rows of `metric_calculations`, all metrics by one grouping (`sums`), about 0. Metrics whose plain sums lose their
 * digits are summed once more about pivots (`pivoted`), and so are capped ones, as they are cut (`cut`); of these the last holds.
 */
export function sumSteps(context: ModelContext, all: readonly Measured[]): readonly Step[] {
  const { catalog, dialect, ref } = context;
  const dimensions = slicedDimensions(catalog);
  const capped = all.filter(isCapped);
  const names = columnsOf(all);
  const places = dimensions.map((_, i) => placeColumn(i));
  const keys = [
    ...['experiment', 'metric', 'variant'].map((name) => ident('r', name)),
    ...places.map((name) => ident('u', name)),
  ];
  const joined =
    dimensions.length === 0 ? sql`` : sql`\njoin units as u on u."experiment" = r."experiment" and u."unit" = r."unit"`;
  const rows = sql`${ref('metric_calculations')} as r${joined}`;
  const grouped = (sums: readonly Sql[], from: Sql, where: Sql) =>
    sql`select\n  ${list([...keys, ...sums])}\nfrom ${from}\nwhere ${where}\ngroup by ${join(keys, ', ')}`;
  const about = sql`\njoin pivots as c on c."experiment" = r."experiment" and c."metric" = r."metric"`;
  const constants = constantsOf(all);
  const kept = constants.map((name) => as(sql`max(${ident('c', name)})`, name));
  const pass = (number: number, step: string) =>
    sql`select ${join([...['experiment', 'metric', 'variant', ...places, ...sumNames(all)].map((name) => ident(name)), as(trusted(String(number)), 'pass'), ...constants.map((name) => (number === 0 ? as(sql`cast(null as double)`, name) : ident(name)))], ', ')} from ${ident(step)}`;
  const again = (isCut: boolean, where: Sql) => {
    const beyond = isCut ? isBeyond(names, (name) => ident('r', name)) : null;
    const sums = [...sumsOver(all, (name) => aboutPivot(name, isCut), beyond), ...kept];
    return grouped(sums, sql`${rows}${about}`, sql`${COUNTS} and ${where}`);
  };
  const cut: readonly Step[] =
    capped.length === 0
      ? []
      : [{ name: 'cut', comment: 'capped metrics, as they are cut', query: again(true, isOneOf(all, capped, 'r')) }];
  return [
    {
      name: 'sums',
      comment: 'sums over the units with rows that count, of each arm and combination of slices',
      query: grouped(sumsOver(all, plainly, null), rows, COUNTS),
      reused: true,
    },
    pivotsStep(dialect, all, capped),
    {
      name: 'pivoted',
      comment: 'the same about pivots, of the metrics that need them',
      query: again(false, sql`not c."is_capped"`),
    },
    ...cut,
    {
      name: 'passes',
      comment: 'all of them, apart',
      query: join([pass(0, 'sums'), pass(1, 'pivoted'), ...cut.map(({ name }) => pass(1, name))], '\nunion all\n'),
    },
    {
      ...bySlice('passes', ['experiment', 'metric', 'variant', 'pass'], dimensions, [
        ...sumNames(all).map((name) => as(sql`sum(s.${ident(name)})`, name)),
        ...constants.map((name) => as(sql`max(s.${ident(name)})`, name)),
      ]),
      reused: false,
    },
  ];
}

/** Columns that say about what a metric's sums are, and what a cap does to all its units alike. */
export function constantsOf(all: readonly Measured[]): readonly string[] {
  const names = columnsOf(all).filter((name) => name !== 'missing');
  const cut = ['lower_value', 'upper_value', 'minimum_value', 'maximum_value', 'idle_capped'];
  return [...names.flatMap((name) => [pivotColumn(name), idleColumn(name)]), ...(all.some(isCapped) ? cut : [])];
}

const isCuttable = (name: Summed): name is (typeof CUTTABLE)[number] => name !== 'missing';

/** A column of a row less its pivot, as it is cut. A value before that is not there is the pivot, where an indicator tells it. */
function aboutPivot(name: Summed, isCut: boolean): Sql {
  if (!isCuttable(name)) return plainly(name);
  const value = isCut ? cutTo(name, plainly(name)) : plainly(name);
  const shifted = sql`(${value} - ${ident('c', pivotColumn(name))})`;
  if (!name.endsWith('_before')) return shifted;
  return sql`(${shifted} * case when c."has_indicator" then r."known_before" else 1e0 end)`;
}

/**
 * The metrics that are summed about pivots, and those: near the mean where plain sums have lost their digits, by the rule of
 * conditioning.ts, and for all that are capped, near the mean as it is cut.
 */
function pivotsStep(dialect: Dialect, all: readonly Measured[], capped: readonly Measured[]): Step {
  const names = columnsOf(all).filter(isCuttable);
  const threshold = capped.length > 0;
  const mean = (name: Summed) => ident('s', `mean_${name}`);
  const pivot = (name: (typeof CUTTABLE)[number]) => {
    const own = rounded(mean(name), dialect);
    const cut = threshold ? cutTo(name, sql`coalesce(${own}, 0e0)`) : sql`coalesce(${own}, 0e0)`;
    const near = sql`case when ${dialect.isFinite(cut)} then ${cut} else 0e0 end`;
    return threshold ? sql`case when s."is_capped" and ${reachesZero(name)} then 0e0 else ${near} end` : near;
  };
  // Where zero lies among the values, (mean − 0)² is at most 2n variances, and plain sums keep their digits.
  const reachesZero = (name: (typeof CUTTABLE)[number]) => {
    const [least, greatest] = [ident('c', rangeName('minimum', name)), ident('c', rangeName('maximum', name))];
    const idle = sql`(s."has_idle" and not (s."has_indicator" and ${trusted(String(name.endsWith('_before')))}))`;
    const from = sql`case when ${idle} and ${least} > 0e0 then 0e0 else ${least} end`;
    const to = sql`case when ${idle} and ${greatest} < 0e0 then 0e0 else ${greatest} end`;
    return sql`coalesce((${cutTo(name, from)}) <= 0e0 and (${cutTo(name, to)}) >= 0e0, true)`;
  };
  const idle = (name: (typeof CUTTABLE)[number]) => {
    const zero = threshold ? cutTo(name, sql`0e0`) : sql`0e0`;
    const own = sql`${zero} - (${pivot(name)})`;
    return name.endsWith('_before') ? sql`case when s."has_indicator" then 0e0 else ${own} end` : own;
  };
  const lost = (name: Summed) => {
    const [n, m, square] = [ident('s', `units_${name}`), mean(name), ident('s', `square_${name}`)];
    const variance = sql`(${square} - ${m} * ${m}) * ${n} / (${n} - 1e0)`;
    const isConstant = sql`${m} = floor(${m}) and ${m} * ${m} * ${n} <= ${EXACT} and ${square} = ${m} * ${m}`;
    return sql`coalesce(${n} > 1e0 and ${dialect.isFinite(square)} and ${m} <> 0e0 and ${square} > ${WORST} * case when ${variance} > 0e0 then ${variance} else 0e0 end and not (${isConstant}), false)`;
  };
  const finite = names.map((name) => sql`coalesce(${dialect.isFinite(mean(name))}, true)`);
  const needs = sql`(${join(names.map(lost), ' or ')}) and ${join(finite, ' and ')}`;
  const cuts = sql`,\n  ${list([
    sql`c."minimum_value"`,
    sql`c."maximum_value"`,
    ...THRESHOLDS.map((name) => sql`c.${ident(name)}`),
    as(sql`case when ${isBeyond(columnsOf(all), () => sql`0e0`)} then 1 else 0 end`, 'idle_capped'),
  ])}`;
  return {
    name: 'pivots',
    comment:
      'metrics whose plain sums lose their digits, and capped ones: what to sum about, and what a unit without rows adds',
    query: sql`select\n  ${list([
      sql`s."experiment"`,
      sql`s."metric"`,
      sql`s."has_indicator"`,
      sql`s."is_capped"`,
      ...names.flatMap((name) => [as(pivot(name), pivotColumn(name)), as(idle(name), idleColumn(name))]),
    ])}${threshold ? cuts : sql``}\nfrom (\n${meansOf(dialect, all)}\n) as s${threshold ? sql`\nleft join caps as c on c."experiment" = s."experiment" and c."metric" = s."metric"` : sql``}\nwhere s."is_capped" or (${needs})`,
    reused: true,
  };
}

/** The largest whole number up to which all are doubles. */
const EXACT = trusted('9007199254740991e0');
const WORST = trusted(`${WORST_CONDITION}e0`);

const THRESHOLDS: readonly string[] = CUTTABLE.flatMap((column) => SIDES.map((side) => thresholdName(side, column)));

/** Means and mean squares of all arms together, as they are. */
function meansOf(dialect: Dialect, all: readonly Measured[]): Sql {
  const names = columnsOf(all).filter(isCuttable);
  const double = (value: Sql) => dialect.double(value, 'FLOAT');
  const total = (name: string) => as(sql`sum(${ident(name)})`, name);
  const units = (name: Summed) => {
    const counted = sql`case when m."counts_idle" then ${unitsAfter(all, 't')} else coalesce(g."rows", 0) end`;
    const known = sql`case when m."has_indicator" and g."with_before" > 1e0 then g."with_before" else ${counted} end`;
    return double(name.endsWith('_before') ? known : counted);
  };
  return sql`select ${list([
    ...['experiment', 'metric', 'has_indicator', 'is_capped'].map((name) => ident('m', name)),
    as(sql`${units('value')} > coalesce(g."rows", 0)`, 'has_idle'),
    ...names.flatMap((name) => [
      as(units(name), `units_${name}`),
      as(sql`g.${ident(sumColumn(name))} / nullif(${units(name)}, 0e0)`, `mean_${name}`),
      as(sql`g.${ident(productColumn(name, name))} / nullif(${units(name)}, 0e0)`, `square_${name}`),
    ]),
  ])}
from metrics as m
join totals as t on t."experiment" = m."experiment"
left join (
  select ${list([sql`"experiment"`, sql`"metric"`, ...['rows', 'with_before', ...names.map(sumColumn), ...names.map((name) => productColumn(name, name))].map(total)])}
  from sums group by "experiment", "metric"
) as g on g."experiment" = m."experiment" and g."metric" = m."metric"
where m."is_summed"`;
}
