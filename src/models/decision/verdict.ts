import { MULTI_EXPOSURE_SHARE, MULTI_EXPOSURE_UNITS } from '../../experiment/multi-exposure.ts';
import { SRM_THRESHOLD } from '../../experiment/srm.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { ident, join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { as, list, type Step } from '../../sql/statement.ts';
import type { ModelContext } from '../model.ts';
import { listed } from '../results/listed.ts';
import { NOT_IN_SQL, TESTED } from './allocation.ts';
import { CHANGED } from './allocation-change.ts';
import type { Decided } from './decided.ts';
import { EXPERIMENTS } from './experiments.ts';
import { BLOCKED } from './freshness.ts';
import { JUDGED_LINES } from './tests.ts';

/** The step with one row a treatment: what every rule says, and why. */
export const JUDGED = 'judged';

const count = (when: Sql, name: string) => as(sql`count(case when ${when} then 1 end)`, name);
const isGoal = sql`"role" = 'GOAL'`;
const isGuardrail = sql`"role" = 'GUARDRAIL'`;

/** What the lines of a treatment say together. */
const COUNTS = [
  'better',
  'goals_harmful',
  'guardrails_harmful',
  'within_margin',
  'worse_within_margin',
  'equivalent',
] as const;

/** A code with a comma behind it, as often as a count says. */
function repeated(code: string, times: Sql): Sql {
  const text = `"${code}",`;
  return sql`rpad('', cast(${trusted(String(text.length))} * ${times} as integer), '${trusted(text)}')`;
}

const once = (code: string, when: Sql): Sql => sql`case when ${when} then '${trusted(`"${code}",`)}' else '' end`;

/** All evidence side by side, one row a treatment; then the rules in their order: the first that holds is the verdict. */
export function verdictSteps({ dialect, ref }: ModelContext, all: readonly Decided[]): readonly Step[] {
  const treatments = all.flatMap(({ experiment, control, treatments: keys, metrics }) => {
    const goals = metrics.filter(({ member }) => member.role === 'GOAL').length;
    const guarded = metrics.filter(({ member }) => member.role === 'GUARDRAIL' && member.margin !== null).length;
    return keys.map((key) => [experiment.key, control, key, goals, metrics.length - goals, guarded]);
  });
  const least = (column: Sql) => sql`min(case when "counts_in_plan" then ${column} end)`;
  const variantUnits = (variant: string) =>
    sql`left join variant_units as ${ident(`${variant}_units`)} on ${ident(`${variant}_units`, 'experiment')} = t."experiment" and ${ident(`${variant}_units`, 'variant')} = ${ident('t', variant)}`;
  return [
    {
      name: 'treatments',
      comment: 'every treatment, with what is declared of goals and guardrails',
      query: listed(
        dialect,
        [
          { name: 'experiment', type: 'STRING' },
          { name: 'control', type: 'STRING' },
          { name: 'treatment', type: 'STRING' },
          { name: 'goals', type: 'INTEGER' },
          { name: 'guardrails', type: 'INTEGER' },
          { name: 'guarded', type: 'INTEGER' },
        ],
        treatments,
      ),
    },
    {
      name: 'treatment_tests',
      comment: 'the lines of each treatment counted by what their tests say; the units that count in every metric',
      query: sql`select\n  ${list([
        sql`"experiment", "treatment"`,
        count(sql`"is_better"`, 'better'),
        count(sql`${isGoal} and "is_harmful"`, 'goals_harmful'),
        count(sql`${isGuardrail} and "is_harmful"`, 'guardrails_harmful'),
        count(sql`${isGuardrail} and "is_within_margin"`, 'within_margin'),
        count(
          sql`${isGuardrail} and "is_within_margin" and "is_harmed" and not "points_better"`,
          'worse_within_margin',
        ),
        count(sql`${isGoal} and "is_equivalent"`, 'equivalent'),
        as(least(sql`"c_units"`), 'control_units'),
        as(least(sql`"t_units"`), 'treatment_units'),
      ])}\nfrom ${ident(JUDGED_LINES)}\ngroup by "experiment", "treatment"`,
    },
    {
      name: 'variant_units',
      comment: 'analysed units of each variant: they count where no metric says otherwise',
      query: sql`select "experiment", "variant", sum("units") as "units"\nfrom ${ref('experiment_exclusions')}\nwhere not "activated" and "reason" is null\ngroup by "experiment", "variant"`,
      reused: true,
    },
    {
      name: 'allocation_test',
      comment: 'the sample-ratio mismatch of analysed units, one row an experiment',
      query: sql`select "experiment", max("p_value") as "srm_p_value", max("unknown") as "srm_unknown"\nfrom ${ident(TESTED)}\ngroup by "experiment"`,
    },
    {
      name: 'evidence',
      comment: 'all evidence, one row a treatment',
      query: sql`select\n  ${list([
        ...['control', 'treatment', 'goals', 'guardrails', 'guarded'].map((name) => ident('t', name)),
        ...COUNTS.map((name) => as(sql`coalesce(${ident('l', name)}, 0)`, name)),
        as(sql`coalesce(l."control_units", control_units."units", 0)`, 'control_mature'),
        as(sql`coalesce(l."treatment_units", treatment_units."units", 0)`, 'treatment_mature'),
        sql`e.*`,
        as(sql`coalesce(b."blocked_codes", '')`, 'blocked_codes'),
        ident('s', 'srm_p_value'),
        ident('s', 'srm_unknown'),
        as(sql`coalesce(a."is_changed", false)`, 'is_changed'),
      ])}\nfrom treatments as t\njoin ${ident(EXPERIMENTS)} as e on e."experiment" = t."experiment"\nleft join treatment_tests as l on l."experiment" = t."experiment" and l."treatment" = t."treatment"\n${variantUnits('control')}\n${variantUnits('treatment')}\nleft join ${ident(BLOCKED)} as b on b."experiment" = t."experiment"\nleft join allocation_test as s on s."experiment" = t."experiment"\nleft join ${ident(CHANGED)} as a on a."experiment" = t."experiment"`,
    },
    progressStep,
    ...ruleSteps(dialect),
  ];
}

const isShort = (units: string): Sql => sql`case when ${ident(units)} < "planned_units" then 1 else 0 end`;

/** What is missing of the plan is the same for all treatments of an experiment. */
const progressStep: Step = {
  name: 'progress',
  comment: 'what is missing of the plan: units of the control and of every treatment, its end, the last outcomes',
  query: sql`select *,\n  ${list([
    as(
      sql`"missing_plan" + "missing_end" + "missing_outcomes" + max(${isShort('control_mature')}) over (partition by "experiment") + sum(${isShort('treatment_mature')}) over (partition by "experiment")`,
      'missing',
    ),
  ])}\nfrom evidence`,
};

function ruleSteps(dialect: Dialect): readonly Step[] {
  const number = (value: number) => trusted(dialect.number(value));
  const exposed = sql`("units" + "several_units")`;
  const isMismatch = sql`coalesce("srm_p_value" < ${number(SRM_THRESHOLD)}, false)`;
  const isMultiple = sql`("several_units" >= ${trusted(String(MULTI_EXPOSURE_UNITS))} and cast("several_units" as double) / nullif(${exposed}, 0) >= ${number(MULTI_EXPOSURE_SHARE)})`;
  const waiting = sql`("missing" > 0 or not "min_runtime_met")`;
  const rules: readonly { readonly rule: string; readonly holds: Sql; readonly action: string; readonly codes: Sql }[] =
    [
      { rule: 'BLOCKED', holds: sql`"blocked_codes" <> ''`, action: 'INVESTIGATE', codes: sql`"blocked_codes"` },
      {
        rule: 'INVALID',
        holds: sql`"is_mismatch" or "is_multiple"`,
        action: 'INVESTIGATE',
        codes: sql`${once('SAMPLE_RATIO_MISMATCH', sql`"is_mismatch"`)} || ${once('MULTIPLE_EXPOSURE', sql`"is_multiple"`)}`,
      },
      {
        rule: 'ROLL_BACK',
        holds: sql`"harm_suspected"`,
        action: 'STOP_EXPOSURE',
        codes: sql`${repeated('GOAL_WORSE', sql`"goals_harmful"`)} || ${repeated('GUARDRAIL_HARMED', sql`"guardrails_harmful"`)}`,
      },
      {
        rule: 'SHIP',
        holds: sql`("intent" = 'do_no_harm' or "better" > 0) and "within_margin" = "guarded" and "min_runtime_met" and ("missing" = 0 or "monitoring" <> 'FIXED') and ("guarded" > 0 or "better" > 0)`,
        action: 'SHIP',
        codes: sql`${once('NO_HARM', sql`"better" = 0`)} || ${repeated('GOAL_BETTER', sql`"better"`)} || ${repeated('WORSE_WITHIN_MARGIN', sql`"worse_within_margin"`)}`,
      },
      {
        rule: 'KEEP_RUNNING',
        holds: waiting,
        action: 'WAIT',
        codes: repeated('PLAN_NOT_REACHED', sql`("missing" + case when "min_runtime_met" then 0 else 1 end)`),
      },
      {
        rule: 'NO_EFFECT',
        holds: sql`"goals" > 0 and "equivalent" = "goals"`,
        action: 'DECIDE_BY_HAND',
        codes: sql`'"NO_EFFECT",'`,
      },
      {
        rule: 'INCONCLUSIVE',
        holds: sql`true`,
        action: 'DECIDE_BY_HAND',
        codes: sql`${once('NO_GOALS', sql`"goals" = 0`)} || ${repeated('GOAL_NOT_BETTER', sql`("goals" - "better")`)} || ${repeated('GUARDRAIL_NOT_CLEARED', sql`("guarded" - "within_margin")`)}`,
      },
    ];
  const byVerdict = (value: (rule: (typeof rules)[number]) => Sql) =>
    sql`case "verdict"\n    ${join(
      rules.map((rule) => sql`when '${trusted(rule.rule)}' then ${value(rule)}`),
      '\n    ',
    )} end`;
  const refused = sql`case when not "in_sql" or "srm_unknown" = '${trusted(NOT_IN_SQL)}' then '${trusted(NOT_IN_SQL)}' end`;
  const codes = sql`"codes" || ${once('ALLOCATION_CHANGED', sql`"is_changed"`)}`;
  return [
    {
      name: 'alarms',
      comment: 'what the rules look at: a mismatch, units in several variants, harm, and what SQL does not say',
      query: sql`select *,\n  ${list([
        as(isMismatch, 'is_mismatch'),
        as(sql`coalesce(${isMultiple}, false)`, 'is_multiple'),
        as(sql`"goals_harmful" + "guardrails_harmful" > 0`, 'harm_suspected'),
        as(refused, 'unknown'),
      ])}\nfrom progress`,
    },
    {
      name: 'verdicts',
      comment: 'the rules in their order: the first that holds is the verdict',
      query: sql`select *,\n  case\n    ${join(
        rules.map(({ rule, holds }) => sql`when ${holds} then '${trusted(rule)}'`),
        '\n    ',
      )} end as "verdict"\nfrom alarms`,
    },
    {
      name: 'reasoned',
      comment: "each rule's action and the codes of its reasons",
      query: sql`select *,\n  ${byVerdict(({ action }) => sql`'${trusted(action)}'`)} as "recommended_action",\n  ${byVerdict((rule) => rule.codes)} as "codes"\nfrom verdicts`,
    },
    {
      name: JUDGED,
      comment: 'codes of reasons as they are listed; said beside every verdict: the allocation changed',
      query: sql`select *, ${codes} as "all_codes"\nfrom reasoned`,
    },
  ];
}
