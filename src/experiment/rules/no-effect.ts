import { metricsOf, type Rule } from './rule.ts';

/** 6. Every goal is shown to have changed by less than its minimum detectable effect. */
export const noEffect: Rule = (evidence, treatment) => {
  const goals = metricsOf(evidence, treatment, 'GOAL');
  const holds = goals.length > 0 && goals.every(({ equivalence }) => equivalence.ok && equivalence.holds);
  return {
    rule: 'NO_EFFECT',
    holds,
    inputs: {
      goals: goals.map(({ member, equivalence }) => ({
        metric: member.metric,
        minimumDetectableEffect: member.minimumDetectableEffect,
        pValue: equivalence.ok ? equivalence.pValue : null,
        within: equivalence.ok ? equivalence.holds : null,
      })),
    },
    message: holds
      ? 'Every goal changed by less than its minimum detectable effect.'
      : 'Not every goal is shown to have changed by less than its minimum detectable effect.',
    reasons: holds
      ? [
          {
            code: 'NO_EFFECT',
            message: 'Every goal changed by less than its minimum detectable effect.',
            severity: 'INFO',
            metric: null,
          },
        ]
      : [],
  };
};
