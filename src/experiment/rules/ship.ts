import { isBetter, isHarmed, pointsBetter } from '../decision-tests.ts';
import { correctionWords, policyOf } from './policy-tests.ts';
import { type Evidence, metricsOf, type Reason, type Rule, showP } from './rule.ts';

/** 4. A goal is better, every guardrail with a margin is within it, and the plan is met. */
export const ship: Rule = (evidence, treatment) => {
  const goals = metricsOf(evidence, treatment, 'GOAL');
  const guarded = metricsOf(evidence, treatment, 'GUARDRAIL').filter(({ member }) => member.margin !== null);
  const better = goals.filter(isBetter);
  const improves = evidence.experiment.intent === 'do_no_harm' || better.length > 0;
  const safe = guarded.every(({ nonInferiority }) => nonInferiority.ok && nonInferiority.holds);
  const ready = planAllows(evidence);
  const holds = improves && safe && ready && (guarded.length > 0 || better.length > 0);
  return {
    rule: 'SHIP',
    holds,
    inputs: {
      alpha: evidence.analysis.alpha,
      planMet: evidence.progress.met,
      minRuntimeMet: evidence.progress.minRuntimeMet,
      goals: goals.map((one) => ({
        metric: one.member.metric,
        pValue: one.shipP,
        adjustedPValue: one.shipAdjustedP,
        better: isBetter(one),
      })),
      guardrails: guarded.map(({ member, nonInferiority }) => ({
        metric: member.metric,
        margin: member.margin,
        pValue: nonInferiority.ok ? nonInferiority.pValue : null,
        nonInferior: nonInferiority.ok ? nonInferiority.holds : null,
      })),
    },
    message: holds
      ? 'A goal is better, every guardrail with a margin is within it, and the plan is met.'
      : [
          ...(improves ? [] : ['no goal is shown to be better']),
          ...(safe
            ? []
            : [
                `not shown to be within its margin: ${guarded
                  .filter(({ nonInferiority }) => !(nonInferiority.ok && nonInferiority.holds))
                  .map(({ member }) => member.metric)
                  .join(', ')}`,
              ]),
          ...(ready ? [] : evidence.progress.missing.length > 0 ? evidence.progress.missing : ['the plan is not met']),
        ].join('; ') || 'there is no goal and no guardrail with a margin to decide on',
    reasons: holds
      ? [
          ...(better.length === 0
            ? [
                {
                  code: 'NO_HARM',
                  message: `Every guardrail with a margin is within it in ${treatment.key}, and no goal is worse.`,
                  severity: 'INFO' as const,
                  metric: null,
                },
              ]
            : []),
          ...better.map(
            (one): Reason => ({
              code: 'GOAL_BETTER',
              message: `${one.member.metric} is better in ${treatment.key}: p = ${showP(one.shipAdjustedP)} (${correctionWords(policyOf(evidence.experiment))}).`,
              severity: 'INFO',
              metric: one.member.metric,
            }),
          ),
          ...worseWithin(evidence, treatment.key),
        ]
      : [],
  };
};

/**
 * Under continuous monitoring, and at the declared looks of a group-sequential plan, which have p-values of their own, every look
 * may ship once the least runtime is over; otherwise the plan must be met.
 */
function planAllows({ experiment, progress }: Evidence): boolean {
  return progress.minRuntimeMet && (progress.met || experiment.monitoring !== 'FIXED');
}

/** A guardrail that is worse, but less than it may be, ships with a word of warning. */
function worseWithin(evidence: Evidence, treatment: string): readonly Reason[] {
  return evidence.metrics
    .filter(
      (one) =>
        one.treatment.key === treatment &&
        one.member.role === 'GUARDRAIL' &&
        one.nonInferiority.ok &&
        one.nonInferiority.holds,
    )
    .filter((one) => isHarmed(one) && pointsBetter(one) === false)
    .map(({ member }) => ({
      code: 'WORSE_WITHIN_MARGIN',
      message: `${member.metric} is worse, but within its margin.`,
      severity: 'WARNING',
      metric: member.metric,
    }));
}
