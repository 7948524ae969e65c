import { multiExposureOf } from '../multi-exposure.ts';
import { SRM_THRESHOLD } from '../srm.ts';
import { type Reason, type Rule, showP } from './rule.ts';

/** 2. The comparison itself is broken: sample-ratio mismatch, or too many units seen in several variants. */
export const invalid: Rule = (evidence) => {
  const { srm } = evidence;
  const exposure = evidence.assignments === null ? null : multiExposureOf(evidence.assignments);
  const reasons: readonly Reason[] = [
    ...(srm?.detected
      ? [
          {
            code: 'SAMPLE_RATIO_MISMATCH',
            message: `The variants' sizes are not what their weights promise: p = ${showP(srm.pValue)}, below ${SRM_THRESHOLD}.`,
            severity: 'CRITICAL' as const,
            metric: null,
          },
        ]
      : []),
    ...(exposure?.alarm
      ? [
          {
            code: 'MULTIPLE_EXPOSURE',
            message: `${exposure.units} units (${(100 * exposure.share).toFixed(2)} %) were seen in several variants.`,
            severity: 'CRITICAL' as const,
            metric: null,
          },
        ]
      : []),
  ];
  return {
    rule: 'INVALID',
    holds: reasons.length > 0 ? true : srm?.detected == null ? null : false,
    inputs: {
      srmPValue: srm?.pValue ?? null,
      srmThreshold: SRM_THRESHOLD,
      multiExposedUnits: exposure?.units ?? null,
      multiExposedShare: exposure?.share ?? null,
    },
    message:
      reasons.length > 0
        ? reasons.map(({ message }) => message).join(' ')
        : srm?.detected == null
          ? "The variants' sizes cannot be tested."
          : srm.warning
            ? `The variants' sizes are a warning (p = ${showP(srm.pValue)}), not an alarm; few units were seen in several.`
            : 'The variants are as large as planned, and few units were seen in several.',
    reasons,
  };
};
