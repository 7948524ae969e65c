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
  scaleOf,
  sumColumn,
  sumNames,
  sumsOver,
  uncapped,
  uncappedNames,
  uncappedSums,
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
  const about = sql`\njoin pivots as c on c."experiment" = r."experiment" and c."metric" = r."metric"`;
  const constants = constantsOf(all);
  const kept = constants.map((name) => as(sql`max(${ident('r', name)})`, name));
  const none = (name: string) => as(sql`cast(null as double)`, name);
  const pass = (number: number, step: string) =>
    sql`select ${join(
      [
        ...['experiment', 'metric', 'variant', ...places, ...sumNames(all)].map((name) => ident(name)),
        ...uncappedNames(all).map((name) => (step === 'cut' ? ident(name) : none(name))),
        as(trusted(String(number)), 'pass'),
        ...constants.map((name) => (number === 0 ? none(name) : ident(name))),
      ],
      ', ',
    )} from ${ident(step)}`;
  const again = (isCut: boolean, where: Sql) => {
    const columns = names.filter(isCuttable);
    const shifted = sql`(\n  select ${join(
      [
        ...keys,
        ident('r', 'known_before'),
        ...columns.map((name) => as(aboutPivot(name, isCut), name)),
        ...(isCut
          ? [
              ...columns.map((name) => as(aboutPivot(name, false), uncapped(name))),
              as(
                isBeyond(names, (name) => ident('r', name)),
                'is_beyond',
              ),
            ]
          : []),
        ...constants.map((name) => ident('c', name)),
      ],
      ', ',
    )}\n  from ${rows}${about}\n  where ${COUNTS} and ${where}\n) as r`;
    const asTheyWere = isCut ? uncappedSums(all, (name) => ident('r', uncapped(name))) : [];
    const sums = [...sumsOver(all, plainly, isCut ? sql`r."is_beyond"` : null), ...asTheyWere, ...kept];
    const own = [...['experiment', 'metric', 'variant'], ...places].map((name) => ident('r', name));
    return sql`select\n  ${list([...own, ...sums])}\nfrom ${shifted}\ngroup by ${join(own, ', ')}`;
  };
  const cut: readonly Step[] =
    capped.length === 0
      ? []
      : [{ name: 'cut', comment: 'capped metrics, as they are cut', query: again(true, isOneOf(all, capped, 'r')) }];
  return [
    {
      name: 'sums',
      comment: 'sums over the units with rows that count, of each arm and combination of slices',
      query: sql`select\n  ${list([...keys, ...sumsOver(all, plainly, null)])}\nfrom ${rows}\nwhere ${COUNTS}\ngroup by ${join(keys, ', ')}`,
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
        ...[...sumNames(all), ...uncappedNames(all)].map((name) => as(sql`sum(s.${ident(name)})`, name)),
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
function aboutPivot(name: (typeof CUTTABLE)[number], isCut: boolean): Sql {
  const value = isCut ? cutTo(name, plainly(name)) : plainly(name);
  const shifted = sql`(${value} - ${ident('c', pivotColumn(name))})`;
  if (!name.endsWith('_before')) return shifted;
  return sql`(${shifted} * case when c."has_indicator" then r."known_before" else 1e0 end)`;
}

/**
 * The metrics that are summed about pivots, and those: near the mean where plain sums have lost their digits, by the rule of
 * conditioning.ts, and for all that are capped, near the mean as it is cut. Each subquery reads the columns of the one in it, as `c`.
 */
function pivotsStep(dialect: Dialect, all: readonly Measured[], capped: readonly Measured[]): Step {
  const names = columnsOf(all).filter(isCuttable);
  const threshold = capped.length > 0;
  const c = (name: string) => ident('c', name);
  const cut = (name: (typeof CUTTABLE)[number], value: Sql) => (threshold ? cutTo(name, value) : value);
  const scale = (name: Summed) => as(scaleOf(c(`mean_${name}`)), `scale_${name}`);
  const round = (name: Summed) =>
    as(sql`coalesce(${rounded(c(`mean_${name}`), c(`scale_${name}`), dialect)}, 0e0)`, `round_${name}`);
  // Where zero lies among the values, (mean − 0)² is at most 2n variances, and plain sums keep their digits.
  const range = (name: (typeof CUTTABLE)[number]) => {
    const [least, greatest] = [c(rangeName('minimum', name)), c(rangeName('maximum', name))];
    const idle = name.endsWith('_before') ? sql`c."has_idle" and not c."has_indicator"` : sql`c."has_idle"`;
    return [
      as(sql`case when ${idle} and ${least} > 0e0 then 0e0 else ${least} end`, `from_${name}`),
      as(sql`case when ${idle} and ${greatest} < 0e0 then 0e0 else ${greatest} end`, `to_${name}`),
    ];
  };
  const reachesZero = (name: (typeof CUTTABLE)[number]) =>
    sql`coalesce((${cutTo(name, c(`from_${name}`))}) <= 0e0 and (${cutTo(name, c(`to_${name}`))}) >= 0e0, true)`;
  const pivot = (name: (typeof CUTTABLE)[number]) => {
    const own = c(`near_${name}`);
    const finite = sql`case when ${dialect.isFinite(own)} then ${own} else 0e0 end`;
    return threshold ? sql`case when c."is_capped" and ${reachesZero(name)} then 0e0 else ${finite} end` : finite;
  };
  const idle = (name: (typeof CUTTABLE)[number]) => {
    const own = sql`${cut(name, sql`0e0`)} - ${c(pivotColumn(name))}`;
    return name.endsWith('_before') ? sql`case when c."has_indicator" then 0e0 else ${own} end` : own;
  };
  const lost = (name: Summed) => {
    const [n, m, square] = [c(`units_${name}`), c(`mean_${name}`), c(`square_${name}`)];
    const variance = sql`(${square} - ${m} * ${m}) * ${n} / (${n} - 1e0)`;
    const isConstant = sql`${m} = floor(${m}) and ${m} * ${m} * ${n} <= ${EXACT} and ${square} = ${m} * ${m}`;
    return sql`coalesce(${n} > 1e0 and ${dialect.isFinite(square)} and ${m} <> 0e0 and ${square} > ${WORST} * case when ${variance} > 0e0 then ${variance} else 0e0 end and not (${isConstant}), false)`;
  };
  const finite = names.map((name) => sql`coalesce(${dialect.isFinite(c(`mean_${name}`))}, true)`);
  const needs = sql`(${join(names.map(lost), ' or ')}) and ${join(finite, ' and ')}`;
  const ranges = CUTTABLE.flatMap((name) => [rangeName('minimum', name), rangeName('maximum', name)]);
  const means = threshold
    ? sql`select s.*, ${join(
        [...THRESHOLDS, ...ranges].map((name) => sql`t.${ident(name)}`),
        ', ',
      )}\nfrom (\n${meansOf(dialect, all)}\n) as s\nleft join caps as t on t."experiment" = s."experiment" and t."metric" = s."metric"`
    : meansOf(dialect, all);
  const rounds = [...names.map(round), ...(threshold ? names.flatMap(range) : [])];
  const nears = names.map((name) => as(cut(name, c(`round_${name}`)), `near_${name}`));
  const pivots = names.map((name) => as(pivot(name), pivotColumn(name)));
  const told = [
    ...['experiment', 'metric', 'has_indicator', 'is_capped'].map(c),
    ...names.flatMap((name) => [c(pivotColumn(name)), as(idle(name), idleColumn(name))]),
    ...(threshold
      ? [
          ...['minimum_value', 'maximum_value', ...THRESHOLDS].map(c),
          as(sql`case when ${isBeyond(columnsOf(all), () => sql`0e0`)} then 1 else 0 end`, 'idle_capped'),
        ]
      : []),
  ];
  return {
    name: 'pivots',
    comment:
      'metrics whose plain sums lose their digits, and capped ones: what to sum about, and what a unit without rows adds',
    query: sql`select\n  ${list(told)}
from (
select c.*, ${join(pivots, ', ')}
from (
select c.*, ${join(nears, ', ')}
from (
select c.*, ${join(rounds, ', ')}
from (
select c.*, ${join(names.map(scale), ', ')}
from (
${means}
) as c
) as c
) as c
where c."is_capped" or (${needs})
) as c
) as c`,
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
