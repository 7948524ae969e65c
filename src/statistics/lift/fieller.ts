import { criticalValue, intervalFor, pValueOf } from '../alternative.ts';
import { contrast } from '../contrast.ts';
import { computed, type Inference, notComputable, type Sample } from '../inference.ts';
import type { WelchTest } from '../welch.ts';
import type { Lift, LiftFunction } from './method.ts';

/** The Fieller set of lifts for one critical value. */
export interface FiellerSet {
  /** q²·v_C/(n_C·m_C²): below 1 the control mean is distinguishable from zero and the set is one interval. */
  readonly g: number;
  readonly bounds: { readonly lower: number; readonly upper: number } | null;
}

/**
 * All lifts r − 1 with (m_T − r·m_C)² ≤ q²·(v_T/n_T + r²·v_C/n_C) (Fieller 1954, with independent means):
 *
 *   [lift + g ± q·√(b(1 − g) + (1 + lift)²·a)] / (1 − g),   a = v_C/(n_C m_C²),  b = v_T/(n_T m_C²),  g = q²a
 *
 * For g ≥ 1 the set is the complement of an interval or the whole line: no bounds. The control mean must not be zero.
 */
export function fiellerSet(control: Sample, treatment: Sample, q: number): FiellerSet {
  const a = (Math.sqrt(control.variance / control.n) / control.mean) ** 2;
  const b = (Math.sqrt(treatment.variance / treatment.n) / control.mean) ** 2;
  const lift = (treatment.mean - control.mean) / control.mean;
  const g = q * q * a;
  if (!(g < 1)) return { g, bounds: null };
  const half = q * Math.sqrt(b * (1 - g) + (1 + lift) ** 2 * a);
  return { g, bounds: { lower: (lift + g - half) / (1 - g), upper: (lift + g + half) / (1 - g) } };
}

/** Lift with Fieller's interval: t with the degrees of freedom of the absolute test, so 0 is outside iff that test rejects. */
export const fiellerLift: LiftFunction = (control, treatment, { level, alternative, reference = 'T' }) => {
  if (control.mean === 0) return notComputable('ZERO_BASELINE');
  const test = contrast(control, treatment);
  if (!test.ok) return test;
  const df = reference === 'T' ? test.degreesOfFreedom : Number.POSITIVE_INFINITY;
  const value = test.estimate / control.mean;
  const statistic = test.estimate / test.standardError;
  const { bounds } = fiellerSet(control, treatment, criticalValue(level, df, alternative));
  const finite = bounds !== null && Number.isFinite(bounds.lower) && Number.isFinite(bounds.upper);
  const result: Lift = {
    value,
    standardError: null,
    degreesOfFreedom: reference === 'T' ? df : null,
    interval: finite ? intervalFor(bounds.lower, bounds.upper, level, liftSide(control, alternative)) : null,
    intervalUnknown: finite ? null : 'UNBOUNDED',
    pValue: pValueOf(statistic, df, alternative),
  };
  return computed(result, value, statistic);
};

/** The same, two-sided, of arms whose Welch test has been made: with its critical value and its p-value. */
export function fiellerLiftOf(control: Sample, treatment: Sample, test: WelchTest): Inference<Lift> {
  if (control.mean === 0) return notComputable('ZERO_BASELINE');
  const value = test.difference / control.mean;
  const { bounds } = fiellerSet(control, treatment, test.criticalValue);
  const finite = bounds !== null && Number.isFinite(bounds.lower) && Number.isFinite(bounds.upper);
  const result: Lift = {
    value,
    standardError: null,
    degreesOfFreedom: test.degreesOfFreedom,
    interval: finite ? { ...bounds, level: test.interval.level } : null,
    intervalUnknown: finite ? null : 'UNBOUNDED',
    pValue: test.pValue,
  };
  return computed(result, value);
}

/** Over a negative control mean a greater treatment is a smaller lift: the open bound is the other one. */
function liftSide(control: Sample, alternative: 'two-sided' | 'greater' | 'less' = 'two-sided') {
  if (control.mean > 0 || alternative === 'two-sided') return alternative;
  return alternative === 'greater' ? 'less' : 'greater';
}
