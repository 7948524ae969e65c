import { STALE_AFTER_SECONDS } from '../freshness.ts';
import { metricsOf, type Reason, type Rule } from './rule.ts';

/** 1. The data cannot carry a decision: a source is empty or too old, or a goal's or guardrail's statement failed. Triggers nothing. */
export const blocked: Rule = (evidence, treatment) => {
  const failed = metricsOf(evidence, treatment).filter(({ comparison }) => comparison === null);
  const reasons: readonly Reason[] = [
    ...(evidence.assignments === null
      ? [
          {
            code: 'SOURCE_FAILED',
            message: 'The assignments could not be read.',
            severity: 'CRITICAL' as const,
            metric: null,
          },
        ]
      : []),
    ...evidence.freshness.flatMap(({ source, rows, stale, latest }): readonly Reason[] => {
      if (rows === null)
        return [
          { code: 'SOURCE_FAILED', message: `Source ${source} could not be read.`, severity: 'CRITICAL', metric: null },
        ];
      if (rows === 0)
        return [
          {
            code: 'SOURCE_EMPTY',
            message: `Source ${source} has no rows before asOf.`,
            severity: 'CRITICAL',
            metric: null,
          },
        ];
      if (!stale) return [];
      return [
        {
          code: 'SOURCE_STALE',
          message: `The newest row of source ${source} (${latest ?? 'none'}) is more than ${STALE_AFTER_SECONDS / 3600} h older than the experiment needs.`,
          severity: 'CRITICAL',
          metric: null,
        },
      ];
    }),
    ...failed.map(
      ({ member }): Reason => ({
        code: 'SOURCE_FAILED',
        message: `${member.metric} could not be computed: its statement failed.`,
        severity: 'CRITICAL',
        metric: member.metric,
      }),
    ),
  ];
  return {
    rule: 'BLOCKED',
    holds: reasons.length > 0,
    inputs: { sources: evidence.freshness, failedMetrics: failed.map(({ member }) => member.metric) },
    message:
      reasons.length > 0
        ? reasons.map(({ message }) => message).join(' ')
        : 'Every source has rows and is fresh enough; no statement failed.',
    reasons,
  };
};
