import { isHarmful, type MetricEvidence } from '../decision-tests.ts';
import { policyOf } from './policy-tests.ts';
import { metricsOf, type Rule, showP } from './rule.ts';

/** 3. A goal is worse than control, or a guardrail is worse by more than its margin: always-valid, Holm at harmAlpha. */
export const rollBack: Rule = (evidence, treatment) => {
  const own = metricsOf(evidence, treatment);
  const harmful = own.filter(isHarmful);
  const reasons = harmful.map((one) => ({
    code: one.member.role === 'GOAL' ? 'GOAL_WORSE' : 'GUARDRAIL_HARMED',
    message: `${one.member.metric} is worse${testedAgainst(one) === null ? '' : ' by more than its margin'} in ${treatment.key}: always-valid p = ${showP(testOf(one).adjusted)} (Holm over goals and guardrails).`,
    severity: 'CRITICAL' as const,
    metric: one.member.metric,
  }));
  return {
    rule: 'ROLL_BACK',
    holds: harmful.length > 0,
    inputs: {
      harmAlpha: evidence.analysis.harmAlpha,
      tests: own.map((one) => ({
        metric: one.member.metric,
        role: one.member.role,
        margin: testedAgainst(one),
        pValue: testOf(one).p,
        adjustedPValue: testOf(one).adjusted,
        nonInferior: one.nonInferiority.ok ? one.nonInferiority.holds : null,
      })),
    },
    message:
      reasons.length > 0
        ? reasons.map(({ message }) => message).join(' ')
        : 'No goal or guardrail is shown to be worse.',
    reasons,
  };
};

/** The margin that a worsening is tested against; null: 0. */
function testedAgainst({ member, row }: MetricEvidence): number | null {
  const anyCounts = policyOf(row.experiment).worseWithinMargin === 'HARM';
  return member.role === 'GOAL' || anyCounts ? null : member.margin;
}

function testOf(one: MetricEvidence): { readonly p: number | null; readonly adjusted: number | null } {
  return testedAgainst(one) === null && policyOf(one.row.experiment).worseWithinMargin === 'HARM'
    ? { p: one.harmP, adjusted: one.harmAdjustedP }
    : { p: one.rollBackP, adjusted: one.rollBackAdjustedP };
}
