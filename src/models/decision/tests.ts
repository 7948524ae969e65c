import { policyOf } from '../../experiment/rules/policy-tests.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { ident, type Sql, sql } from '../../sql/sql.ts';
import { as, list, type Step } from '../../sql/statement.ts';
import { adjustedPValues } from '../statistics/adjustment.ts';
import { constantMarginNonInferiority } from '../statistics/constant-margin.ts';
import { type ArmColumns, contrast } from '../statistics/contrast.ts';
import { type Draft, draft, formulaSteps } from '../statistics/formula.ts';
import { nonInferiorityTest } from '../statistics/non-inferiority.ts';
import { asymptoticSequence } from '../statistics/sequence.ts';
import { studentTails } from '../statistics/student-t.ts';
import { unknownOf } from '../statistics/unknown.ts';
import { harmPValue } from '../statistics/welch.ts';
import type { Decided } from './decided.ts';
import { SAMPLES } from './lines.ts';

/** The step with every line's tests, and what they say. */
export const JUDGED_LINES = 'judged_lines';

const arm = (side: 'control' | 'treatment') => ({
  n: ident(`${side}_n`),
  mean: ident(`${side}_mean`),
  variance: ident(`${side}_variance`),
  unknown: ident(`${side}_unknown`),
});
const ARMS: ArmColumns = { control: arm('control'), treatment: arm('treatment') };
const GOOD_WHEN = ident('good_when');
const isGoal = sql`"role" = 'GOAL'`;
/** Guardrails are tested against their margin; what has none, against 0. */
const guarded = sql`"role" = 'GUARDRAIL' and "margin" is not null`;
const isContinuous = sql`"monitoring" = 'CONTINUOUS'`;
const isConstant = sql`"policy" = 'confidence'`;
const inDirection = ({ pGreater, pLess }: { readonly pGreater: Sql; readonly pLess: Sql }) =>
  sql`case ${GOOD_WHEN} when 'UP' then ${pGreater} when 'DOWN' then ${pLess} end`;

/**
 * Everything the policy asks of one goal or guardrail and one treatment (`metricEvidence`), from the samples of `samples`: p-values
 * before and after their corrections, and what they say at the experiment's levels.
 */
export function testSteps(dialect: Dialect, all: readonly Decided[]): readonly Step[] {
  const used = all.filter(({ inSql }) => inSql).map(({ experiment }) => experiment);
  const some = {
    continuous: used.some(({ monitoring }) => monitoring === 'CONTINUOUS'),
    constant: used.some((experiment) => policyOf(experiment).marginForm === 'CONSTANT'),
  };
  const own = draft('test', 'The tests of the policy');
  const p = pValues(own, dialect, some);
  const family = [ident('experiment')];
  const corrected = (name: string, pValue: Sql, correction: 'HOLM' | 'BONFERRONI') =>
    own.include(adjustedPValues(name, { pValue, family }, correction)).adjusted;
  const holm = corrected('ship_holm', p.ship, 'HOLM');
  const adjusted = {
    harm: corrected('harm_holm', p.harm, 'HOLM'),
    rollBack: corrected('roll_back_holm', p.rollBack, 'HOLM'),
    ship: some.constant
      ? sql`case when ${isConstant} then ${corrected('ship_bonferroni', p.ship, 'BONFERRONI')} else ${holm} end`
      : holm,
  };
  const kept = {
    harm_p: p.harm,
    harm_adjusted_p: own.define('harm_adjusted', adjusted.harm),
    roll_back_p: p.rollBack,
    roll_back_adjusted_p: own.define('roll_back_adjusted', adjusted.rollBack),
    ship_p: p.ship,
    ship_adjusted_p: own.define('ship_adjusted', adjusted.ship),
    margin_p: p.margin,
    above_p: p.above,
    below_p: p.below,
  };
  const computed = formulaSteps('tested', ident(SAMPLES), own.formula({}).definitions, [
    ...KEPT.map((name) => ident(name)),
    ...Object.values(kept),
  ]);
  return [
    ...computed,
    {
      name: 'tested_lines',
      comment: 'the tests by their names, and whether the estimate points to the better side',
      query: sql`select\n  ${list([
        ...KEPT.map((name) => ident(name)),
        ...Object.entries(kept).map(([name, value]) => as(value, name)),
        as(
          sql`case when "treatment_mean" = "control_mean" then null else ("treatment_mean" > "control_mean") = (${GOOD_WHEN} = 'UP') end`,
          'points_better',
        ),
      ])}\nfrom ${ident(computed.at(-1)!.name)}`,
    },
    {
      name: JUDGED_LINES,
      comment: 'what the tests say at the levels of the experiment',
      query: sql`select *,\n  ${list([
        as(sql`${isGoal} and "ship_adjusted_p" <= "alpha" and "points_better"`, 'is_better'),
        as(sql`"harm_adjusted_p" <= "harm_alpha"`, 'is_harmed'),
        as(
          sql`case when ${isConstant} then "harm_adjusted_p" else "roll_back_adjusted_p" end <= "harm_alpha"`,
          'is_harmful',
        ),
        as(sql`"margin_p" < "margin_alpha"`, 'is_within_margin'),
        as(sql`"above_p" < "margin_alpha" and "below_p" < "margin_alpha"`, 'is_equivalent'),
      ])}\nfrom tested_lines`,
    },
  ];
}

const KEPT = [
  'experiment',
  'treatment',
  'metric',
  'role',
  'good_when',
  'margin',
  'alpha',
  'margin_alpha',
  'harm_alpha',
  'policy',
  'counts_in_plan',
  'c_units',
  't_units',
  'control_mean',
  'treatment_mean',
] as const;

/** The p-values before their corrections; null: not computable, or not asked of the line. */
function pValues(
  { define, include }: Draft,
  dialect: Dialect,
  some: { readonly continuous: boolean; readonly constant: boolean },
) {
  const units = define('units', sql`coalesce("c_units", 0) + coalesce("t_units", 0)`);
  const tuned = (alpha: string) => ({ alpha: ident(alpha), tuningUnits: ident('tuning_units') });
  const worse = define(
    'worse',
    sql`case ${GOOD_WHEN} when 'UP' then -1e0 when 'DOWN' then 1e0 end * sign(${ARMS.control.mean})`,
  );
  const weight = define('weight', sql`case when ${guarded} then 1e0 + ${worse} * "margin" else 1e0 end`);
  const difference = include(contrast('difference', ARMS, dialect));
  const shifted = include(contrast('shifted', ARMS, dialect, weight));
  const sequence = (prefix: string, { estimate, standardError, unknown }: Effect, alpha: string) =>
    include(asymptoticSequence(prefix, { estimate, standardError, units, unknown }, tuned(alpha), dialect));

  const harm = define('harm', harmPValue(GOOD_WHEN, sequence('harm', difference, 'harm_alpha')));
  const beyond = harmPValue(GOOD_WHEN, sequence('beyond', shifted, 'harm_alpha'));
  const rollBack = define('roll_back', sql`case when ${guarded} then ${beyond} else ${harm} end`);

  const t = define('t', sql`${difference.estimate} / ${difference.standardError}`);
  const tails = include(
    studentTails('two_sided', { statistic: t, degreesOfFreedom: difference.degreesOfFreedom }, dialect),
  );
  const fixed = tails.twoSided;
  const looked = some.continuous
    ? sql`case when ${isContinuous} then ${sequence('look', difference, 'alpha').pValue} else ${fixed} end`
    : fixed;
  const ship = define('ship', sql`case when ${isGoal} then ${looked} end`);

  const margin = define('margin', sql`case when ${guarded} then "margin" end`);
  const alpha = ident('margin_alpha');
  const against = (prefix: string, of: Sql, goodWhen: Sql) =>
    include(nonInferiorityTest(prefix, ARMS, { margin: of, goodWhen }, { alpha }, dialect)).pValue;
  let within = against('within', margin, GOOD_WHEN);
  if (some.constant) {
    const mirrored = mirror(define);
    const constant = include(
      constantMarginNonInferiority(
        'constant',
        mirrored.arms,
        { margin, goodWhen: mirrored.goodWhen },
        { alpha },
        dialect,
      ),
    ).pValue;
    within = sql`case when ${isConstant} then case when ${ARMS.control.mean} <> 0e0 then ${constant} end else ${within} end`;
  }
  if (some.continuous) {
    const distance = define(
      'distance',
      sql`case when ${isConstant} then ${difference.estimate} - ${worse} * "margin" * ${ARMS.control.mean} else ${shifted.estimate} end`,
    );
    const error = sql`case when ${isConstant} then ${difference.standardError} else ${shifted.standardError} end`;
    const refused = unknownOf(
      [sql`case when ${isConstant} then ${difference.unknown} else ${shifted.unknown} end`],
      [
        ['NO_MARGIN', sql`${margin} is null`],
        ['ZERO_BASELINE', sql`${ARMS.control.mean} = 0e0`],
      ],
      [],
      dialect,
    );
    const effect = {
      estimate: distance,
      standardError: define('distance_error', error),
      unknown: define('distance_unknown', refused),
    };
    const look = inDirection(sequence('margin_look', effect, 'margin_look_alpha'));
    within = sql`case when ${isContinuous} then ${look} else ${within} end`;
  }
  const effect = define('effect', sql`case when ${isGoal} then "minimum_detectable_effect" end`);
  return {
    ...{ harm, rollBack, ship },
    margin: define('margin_p', within),
    above: against('above', effect, sql`'UP'`),
    below: against('below', effect, sql`'DOWN'`),
  };
}

interface Effect {
  readonly estimate: Sql;
  readonly standardError: Sql;
  readonly unknown: Sql;
}

/** Over a negative mean both arms are mirrored, so that worse stays worse (`constantMargin`). */
function mirror(define: Draft['define']): { readonly arms: ArmColumns; readonly goodWhen: Sql } {
  const isNegative = sql`${ARMS.control.mean} < 0e0`;
  const side = (of: 'control' | 'treatment') => ({
    ...ARMS[of],
    mean: define(`mirrored_${of}`, sql`case when ${isNegative} then -${ARMS[of].mean} else ${ARMS[of].mean} end`),
  });
  return {
    arms: { control: side('control'), treatment: side('treatment') },
    goodWhen: define(
      'mirrored_good',
      sql`case when ${isNegative} then case ${GOOD_WHEN} when 'UP' then 'DOWN' when 'DOWN' then 'UP' end else ${GOOD_WHEN} end`,
    ),
  };
}
