import type { Rule } from './rule.ts';

/** 5. The plan is not reached: waiting is part of it. */
export const keepRunning: Rule = ({ progress }) => {
  const waiting = !progress.met || !progress.minRuntimeMet;
  return {
    rule: 'KEEP_RUNNING',
    holds: waiting,
    inputs: {
      ended: progress.ended,
      planMet: progress.met,
      minRuntimeMet: progress.minRuntimeMet,
      missing: progress.missing,
      informationFraction: progress.informationFraction,
    },
    message: waiting ? `The plan is not reached: ${progress.missing.join('; ')}.` : 'The plan is reached.',
    reasons: waiting
      ? progress.missing.map((message) => ({
          code: 'PLAN_NOT_REACHED',
          message: `${message[0]!.toUpperCase()}${message.slice(1)}.`,
          severity: 'INFO' as const,
          metric: null,
        }))
      : [],
  };
};
