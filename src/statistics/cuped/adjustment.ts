import type { Unknown } from '../../core/vocabulary.ts';
import type { Sample } from '../inference.ts';

/**
 * Why the arms were left as they are: the covariate (or the outcome) does not vary, too few units have one, its ratio has no
 * denominator, it exceeds a double, or it does not make the estimate more precise.
 */
export type NotAdjusted =
  | Extract<Unknown, 'ZERO_VARIANCE' | 'TOO_FEW_UNITS' | 'ZERO_BASELINE' | 'OVERFLOW'>
  | 'NO_REDUCTION';

/** Both arms, ready for the tests of samples (`welchTest`, `lift` …). */
export interface Arms {
  readonly control: Sample;
  readonly treatment: Sample;
}

/** Arms left as they are, and why. */
export interface Unadjusted extends Arms {
  readonly kind: 'UNADJUSTED';
  readonly reason: NotAdjusted;
}

/** Var(m_T − m_C): what an adjustment makes smaller. */
export function squaredError({ control, treatment }: Arms): number {
  return control.variance / control.n + treatment.variance / treatment.n;
}

/** 1 − v_adjusted/v of the difference's squared standard error; null when it was 0 already. */
export function varianceReduction(before: Arms, after: Arms): number | null {
  const unadjusted = squaredError(before);
  return unadjusted === 0 ? null : 1 - squaredError(after) / unadjusted;
}
