import { isHarmful } from '../decision-tests.ts';
import { metricsOf, type Rule, showP } from './rule.ts';

/** 3. A goal is worse than control, or a guardrail is worse and not shown to be within its margin: always-valid, Holm at harmAlpha. */
export const rollBack: Rule = (evidence, treatment) => {
  const own = metricsOf(evidence, treatment);
  const harmful = own.filter(isHarmful);
  const reasons = harmful.map(({ member, harmAdjustedP }) => ({
    code: member.role === 'GOAL' ? 'GOAL_WORSE' : 'GUARDRAIL_HARMED',
    message: `${member.metric} is worse in ${treatment.key}: always-valid p = ${showP(harmAdjustedP)} (Holm over goals and guardrails).`,
    severity: 'CRITICAL' as const,
    metric: member.metric,
  }));
  return {
    rule: 'ROLL_BACK',
    holds: harmful.length > 0,
    inputs: {
      harmAlpha: evidence.analysis.harmAlpha,
      tests: own.map((one) => ({
        metric: one.member.metric,
        role: one.member.role,
        pValue: one.harmP,
        adjustedPValue: one.harmAdjustedP,
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
