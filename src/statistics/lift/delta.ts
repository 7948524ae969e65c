import { criticalValue, intervalFor, pValueOf } from '../alternative.ts';
import { contrast } from '../contrast.ts';
import { computed, notComputable } from '../inference.ts';
import type { Lift, LiftFunction } from './method.ts';

/**
 * Lift by the delta method on the relative scale, GrowthBook's form (gbstats, TwoSidedTTest with difference type relative):
 *
 *   lift = (m_T − m_C)/m_C,   se² = v_T/(n_T m_C²) + v_C·m_T²/(n_C m_C⁴)
 *
 * with the Welch degrees of freedom of the absolute variances and its own p-value. It divides by the signed control mean,
 * and refuses when either arm has zero variance. Known to reject too often for rare events and heavy tails.
 */
export const deltaLift: LiftFunction = (control, treatment, { level, alternative, reference = 'T' }) => {
  if (control.mean === 0) return notComputable('ZERO_BASELINE');
  const absolute = contrast(control, treatment);
  if (!absolute.ok) return absolute;
  if (control.variance === 0 || treatment.variance === 0) return notComputable('ZERO_VARIANCE');
  const value = absolute.estimate / control.mean;
  const standardError = Math.hypot(
    Math.sqrt(treatment.variance / treatment.n) / control.mean,
    (Math.sqrt(control.variance / control.n) / control.mean) * (treatment.mean / control.mean),
  );
  const df = reference === 'T' ? absolute.degreesOfFreedom : Number.POSITIVE_INFINITY;
  const statistic = value / standardError;
  const half = criticalValue(level, df, alternative) * standardError;
  const [lower, upper] = [value - half, value + half];
  if (Number.isNaN(statistic)) return notComputable('OVERFLOW');
  const result: Lift = {
    value,
    standardError,
    degreesOfFreedom: reference === 'T' ? df : null,
    interval: intervalFor(lower, upper, level, alternative),
    intervalUnknown: null,
    pValue: pValueOf(statistic, df, alternative),
  };
  return computed(result, value, standardError, statistic, lower, upper);
};
