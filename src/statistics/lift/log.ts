import { criticalValue, intervalFor, pValueOf } from '../alternative.ts';
import { contrast } from '../contrast.ts';
import { computed, notComputable } from '../inference.ts';
import type { Lift, LiftFunction } from './method.ts';

/**
 * Lift with an interval that is symmetric for the log ratio (delta method; tea-tasting's form):
 *
 *   (m_T/m_C)·exp(± q·√(v_C/(n_C m_C²) + v_T/(n_T m_T²))) − 1
 *
 * q is a t quantile with the Welch degrees of freedom of the scaled variances v/m². The p-value is that of the absolute
 * test. Means must be of one sign (NOT_APPLICABLE); a zero control mean is ZERO_BASELINE.
 */
export const logLift: LiftFunction = (control, treatment, { level, alternative, reference = 'T' }) => {
  if (control.mean === 0) return notComputable('ZERO_BASELINE');
  const ratio = treatment.mean / control.mean;
  if (!(ratio > 0)) return notComputable('NOT_APPLICABLE');
  const absolute = contrast(control, treatment);
  if (!absolute.ok) return absolute;
  const scaled = contrast(
    { n: control.n, mean: 1, variance: (Math.sqrt(control.variance) / control.mean) ** 2 },
    { n: treatment.n, mean: 1, variance: (Math.sqrt(treatment.variance) / treatment.mean) ** 2 },
  );
  if (!scaled.ok) return scaled;
  const dfOf = (df: number) => (reference === 'T' ? df : Number.POSITIVE_INFINITY);
  const half = criticalValue(level, dfOf(scaled.degreesOfFreedom), alternative) * scaled.standardError;
  const [lower, upper] = [ratio * Math.exp(-half) - 1, ratio * Math.exp(half) - 1];
  const finite = Number.isFinite(lower) && Number.isFinite(upper);
  const value = absolute.estimate / control.mean;
  const statistic = absolute.estimate / absolute.standardError;
  const result: Lift = {
    value,
    standardError: scaled.standardError,
    degreesOfFreedom: reference === 'T' ? scaled.degreesOfFreedom : null,
    interval: finite ? intervalFor(lower, upper, level, alternative) : null,
    intervalUnknown: finite ? null : 'OVERFLOW',
    pValue: pValueOf(statistic, dfOf(absolute.degreesOfFreedom), alternative),
  };
  return computed(result, value, statistic);
};
