import { groupBy } from '../../core/group-by.ts';
import { SRM_THRESHOLD } from '../../experiment/srm.ts';
import { assignmentSource } from '../../plan/scope.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { bind, ident, join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { as, list, type Step } from '../../sql/statement.ts';
import type { ModelContext } from '../model.ts';
import { draft, formulaSteps } from '../statistics/formula.ts';
import { chiSquareUpperTail } from '../statistics/gamma.ts';
import type { Decided } from './decided.ts';

/** The step with the experiments whose shares changed from day to day otherwise than declared. */
export const CHANGED = 'allocation_changed';

/** Days in a row are one bin until each arm is expected to have so many units (Cochran 1954), as in srm-strata.ts. */
const LEAST_EXPECTED = 5;

/**
 * How many bins are full after a day: a fold over the days up to it, as a bin starts where the one before it is full, which no
 * window function says.
 */
function fullBins(dialect: Dialect, expected: Sql): Sql {
  const least = trusted(dialect.number(LEAST_EXPECTED));
  const days = sql`over (partition by "experiment", "variant" order by "date" rows between unbounded preceding and current row)`;
  const after = (day: Sql) => ({
    open: sql`case when s.open + ${day} >= ${least} then 0e0 else s.open + ${day} end`,
    full: sql`case when s.open + ${day} >= ${least} then s.full_bins + 1 else s.full_bins end`,
  });
  if (dialect.name === 'TRINO') {
    const { open, full } = after(sql`d`);
    const state = sql`row(open double, full_bins bigint)`;
    return sql`reduce(array_agg(${expected}) ${days}, cast(row(0e0, 0) as ${state}), (s, d) -> cast(row(${open}, ${full}) as ${state}), s -> s.full_bins)`;
  }
  const { open, full } = after(sql`d.open`);
  const none = sql`cast(0 as bigint)`;
  return sql`list_reduce([{open: 0e0, full_bins: ${none}}] || list({open: ${expected}, full_bins: ${none}}) ${days}, lambda s, d: {open: ${open}, full_bins: ${full}}).full_bins`;
}

/**
 * The chi-square test of homogeneity of days × arms about the declared weights (`allocationHomogeneity`), for experiments with one
 * set of weights: what the days deviate by themselves, less what all of them together do.
 */
export function allocationChangeSteps(context: ModelContext, all: readonly Decided[]): readonly Step[] {
  const { catalog, dialect, ref } = context;
  const timed = all.filter(
    ({ experiment, inSql }) => inSql && assignmentSource(catalog, experiment).timestamp !== null,
  );
  if (timed.length === 0)
    return [
      {
        name: CHANGED,
        comment: 'no experiment has days',
        query: sql`select cast(null as varchar) as "experiment", false as "is_changed" where false`,
      },
    ];
  const zones = groupBy(timed, ({ experiment }) => experiment.timezone);
  const keys = (some: readonly Decided[]) =>
    join(
      some.map(({ experiment }) => bind(experiment.key)),
      ', ',
    );
  const dates = [...zones].map(
    ([zone, some]) => sql`when "experiment" in (${keys(some)}) then ${dialect.period(sql`"assigned_at"`, 'DAY', zone)}`,
  );
  const over = (columns: Sql) => sql`over (partition by ${columns})`;
  const gap = (observed: Sql, expected: Sql) =>
    sql`(${observed} - ${expected}) * ((${observed} - ${expected}) / nullif(${expected}, 0e0))`;
  const { define, include, formula } = draft('change', 'Chi-square test of homogeneity of days');
  const deviation = sql`("of_bins" - "of_all")`;
  const chiSquare = define('chi', sql`case when ${deviation} > 0e0 then ${deviation} else 0e0 end`);
  const degreesOfFreedom = define('df', sql`("bins" - 1e0) * ("arms" - 1e0)`);
  const { tail } = include(chiSquareUpperTail('change_tail', { chiSquare, degreesOfFreedom }, dialect));
  const kept = [ident('experiment'), tail];
  const tested = formulaSteps('change_tested', ident('change_sums'), formula({ tail }).definitions, kept);
  const before = sql`coalesce(lag("full_bins") over (partition by "experiment", "variant" order by "date"), 0)`;
  return [
    {
      name: 'assigned_by_day',
      comment: 'units by the day of their assignment, in the time zone of the experiment',
      query: sql`select "experiment", "date", "variant", count(*) as "units"\nfrom (\n  select "experiment", case ${join(dates, ' ')} end as "date", "variant"\n  from ${ref('experiment_assignments')}\n  where "experiment" in (${keys(timed)})) as a\ngroup by "experiment", "date", "variant"`,
    },
    {
      name: 'arms_by_day',
      comment: 'the same of every variant, those without units too',
      query: sql`select\n  ${list([
        sql`c."experiment", c."date", w."variant", w."weight"`,
        as(sql`cast(sum(case when c."variant" = w."variant" then c."units" else 0 end) as double)`, 'observed'),
        as(sql`cast(sum(c."units") as double)`, 'day_units'),
      ])}\nfrom assigned_by_day as c join allocations as w on w."experiment" = c."experiment"\ngroup by c."experiment", c."date", w."variant", w."weight"`,
    },
    {
      name: 'weighted_days',
      comment: 'units that the arm with the least weight is expected to have of each day',
      query: sql`select "experiment", "date", "variant", "observed",\n  "weight" / sum("weight") ${over(sql`"experiment", "date"`)} as "share",\n  min("day_units" * "weight") ${over(sql`"experiment", "date"`)} / sum("weight") ${over(sql`"experiment", "date"`)} as "least_expected"\nfrom arms_by_day`,
    },
    {
      name: 'full_bins',
      comment: `bins of days that are full after each: every arm is expected to have ${LEAST_EXPECTED} units`,
      query: sql`select "experiment", "date", "variant", "observed", "share", ${fullBins(dialect, sql`"least_expected"`)} as "full_bins"\nfrom weighted_days`,
    },
    {
      name: 'bins',
      comment: 'the bin of each day; what is left over belongs to the last',
      query: sql`select "experiment", "variant", "observed", "share", "bins", case when "bin" < "bins" then "bin" else "bins" - 1 end as "bin"\nfrom (\n  select *, ${before} as "bin", max("full_bins") ${over(sql`"experiment"`)} as "bins"\n  from full_bins) as d\nwhere "bins" >= 2`,
    },
    {
      name: 'binned',
      comment: 'units of each bin and variant',
      query: sql`select "experiment", "variant", "share", "bins", "bin", sum("observed") as "observed"\nfrom bins\ngroup by "experiment", "variant", "share", "bins", "bin"`,
    },
    {
      name: 'expected_bins',
      comment: 'what is expected of each, and of all bins together',
      query: sql`select *,\n  ${list([
        as(sql`"share" * sum("observed") ${over(sql`"experiment", "bin"`)}`, 'expected'),
        as(sql`sum("observed") ${over(sql`"experiment", "variant"`)}`, 'arm_observed'),
        as(sql`"share" * sum("observed") ${over(sql`"experiment"`)}`, 'arm_expected'),
      ])}\nfrom binned`,
    },
    {
      name: 'change_sums',
      comment: "Pearson's sum over bins and arms, and over the arms alone",
      query: sql`select\n  ${list([
        ident('experiment'),
        as(sql`sum(${gap(ident('observed'), ident('expected'))})`, 'of_bins'),
        as(sql`sum(case when "bin" = 0 then ${gap(ident('arm_observed'), ident('arm_expected'))} end)`, 'of_all'),
        as(sql`cast(max("bins") as double)`, 'bins'),
        as(sql`cast(count(case when "bin" = 0 then 1 end) as double)`, 'arms'),
      ])}\nfrom expected_bins\ngroup by "experiment"`,
    },
    ...tested,
    {
      name: CHANGED,
      comment: 'ALLOCATION_CHANGED: said beside every verdict',
      query: sql`select "experiment", ${tail} < ${trusted(dialect.number(SRM_THRESHOLD))} as "is_changed"\nfrom ${ident(tested.at(-1)!.name)}`,
    },
  ];
}
