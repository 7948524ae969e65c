import type { MetricType } from '../../core/vocabulary.ts';
import { type Inference, notComputable, type Sample } from '../inference.ts';

/** What is known of a metric before the experiment: a sample of it without a treatment, and what CUPED will save. */
export interface Baseline {
  readonly type: MetricType;
  readonly mean: number;
  /** Per unit, as in a `Sample`: for a ratio the delta-method variance, for a proportion p(1 − p). */
  readonly variance: number;
  /** Share of the variance that CUPED is expected to remove, 0 ≤ r < 1; 0 by default. Of means r is ρ². */
  readonly varianceReduction?: number;
}

/** Units of the two arms of one comparison; real numbers are allowed in a plan. */
export interface ArmUnits {
  readonly control: number;
  readonly treatment: number;
}

/** Both arms as they are expected to be. */
export interface ExpectedArms {
  readonly control: Sample;
  readonly treatment: Sample;
}

/** Throws when a baseline is not one: a bug of the caller. */
export function assertBaseline({ mean, variance, varianceReduction = 0, type }: Baseline): void {
  if (!(Number.isFinite(mean) && Number.isFinite(variance) && variance >= 0)) {
    throw new RangeError(`A baseline needs a finite mean and a variance of 0 or more, not ${mean} and ${variance}.`);
  }
  if (!(varianceReduction >= 0 && varianceReduction < 1)) {
    throw new RangeError(`A variance reduction must be 0 or more and below 1, not ${varianceReduction}.`);
  }
  if (type === 'PROPORTION' && !(mean >= 0 && mean <= 1)) {
    throw new RangeError(`A proportion of ${mean} is not between 0 and 1.`);
  }
}

/**
 * The arms under a relative effect: the treatment's mean is (1 + effect)·mean. Its variance is the control's, except for a
 * proportion, where it goes with p(1 − p). A zero mean has no relative effect (ZERO_BASELINE), a constant metric no test
 * (ZERO_VARIANCE); a proportion that the effect would take out of [0, 1] is NOT_APPLICABLE.
 */
export function expectedArms(baseline: Baseline, effect: number, units: ArmUnits): Inference<ExpectedArms> {
  assertBaseline(baseline);
  if (!Number.isFinite(effect)) throw new RangeError(`An effect must be finite, not ${effect}.`);
  const { mean, type, varianceReduction = 0 } = baseline;
  if (mean === 0) return notComputable('ZERO_BASELINE');
  const variance = baseline.variance * (1 - varianceReduction);
  if (variance === 0 || (type === 'PROPORTION' && mean === 1)) return notComputable('ZERO_VARIANCE');
  const moved = mean * (1 + effect);
  if (!Number.isFinite(moved)) return notComputable('OVERFLOW');
  if (type === 'PROPORTION' && !(moved >= 0 && moved <= 1)) return notComputable('NOT_APPLICABLE');
  const scale = type === 'PROPORTION' ? (moved / mean) * ((1 - moved) / (1 - mean)) : 1;
  return {
    ok: true,
    control: { n: units.control, mean, variance },
    treatment: { n: units.treatment, mean: moved, variance: variance * scale },
  };
}
