import { isBetter } from '../decision-tests.ts';
import { correctionWords, policyOf } from './policy-tests.ts';
import { metricsOf, type Reason, type Rule, showP } from './rule.ts';

/** 7. Everything else, naming what is missing. */
export const inconclusive: Rule = (evidence, treatment) => {
  const goals = metricsOf(evidence, treatment, 'GOAL');
  const reasons: readonly Reason[] = [
    ...(goals.length === 0
      ? [{ code: 'NO_GOALS', message: 'The experiment declares no goals.', severity: 'INFO' as const, metric: null }]
      : []),
    ...goals
      .filter((one) => !isBetter(one))
      .map(
        (one): Reason => ({
          code: 'GOAL_NOT_BETTER',
          message: `${one.member.metric} is not shown to be better: p = ${showP(one.shipAdjustedP)} (${correctionWords(policyOf(evidence.experiment))}).`,
          severity: 'INFO',
          metric: one.member.metric,
        }),
      ),
    ...metricsOf(evidence, treatment, 'GUARDRAIL')
      .filter(({ member, nonInferiority }) => member.margin !== null && !(nonInferiority.ok && nonInferiority.holds))
      .map(
        ({ member }): Reason => ({
          code: 'GUARDRAIL_NOT_CLEARED',
          message: `${member.metric} is not shown to be within its margin of ${100 * member.margin!} %.`,
          severity: 'WARNING',
          metric: member.metric,
        }),
      ),
  ];
  return {
    rule: 'INCONCLUSIVE',
    holds: true,
    inputs: {},
    message: reasons.map(({ message }) => message).join(' ') || 'No other rule holds.',
    reasons,
  };
};
