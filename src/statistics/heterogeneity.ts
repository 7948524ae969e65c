import { chi2Sf, fSf } from './distributions.ts';
import { computed, type Inference, notComputable } from './inference.ts';

/** The effect in one slice: a difference, or anything else with an approximately normal error. */
export interface SliceEffect {
  readonly estimate: number;
  readonly standardError: number;
  /** Of the standard error; Infinity when it is as good as known. */
  readonly degreesOfFreedom: number;
}

/** Whether the effect differs between slices at all, asked once for all of them. */
export interface HeterogeneityTest {
  /** Cochran's Q = Σ w(x − x̄)², w = 1/se². */
  readonly q: number;
  /** Slices − 1. */
  readonly degreesOfFreedom: number;
  /** Of the error, by Welch; null when all slices' standard errors are taken as known. */
  readonly errorDegreesOfFreedom: number | null;
  readonly pValue: number;
  /** I² = max(0, (Q − df)/Q): the share of the scatter of the estimates that is not sampling error; from 0 to 1. */
  readonly inconsistency: number;
  /** x̄: the effect common to all slices if there is one, weighted by 1/se². */
  readonly commonEffect: number;
}

/**
 * Test of interaction: no slice is to be read as a finding unless this rejects. Q of Cochran (1954), I² of Higgins &
 * Thompson (2002). With known standard errors Q is chi-square with k − 1 degrees of freedom; with estimated ones that test
 * rejects too often, so Q is then referred to F as in Welch (1951), eq. 28–29, with the slices' own degrees of freedom ν:
 *
 *   F = (Q/(k − 1)) / (1 + 2(k − 2)/(k² − 1)·Λ),   Λ = Σ (1 − w/Σw)²/ν,   df = k − 1 and (k² − 1)/(3Λ)
 *
 * Slices must hold different units. Fewer than two slices: NOT_APPLICABLE; a slice without error: ZERO_VARIANCE.
 */
export function heterogeneityTest(slices: readonly SliceEffect[]): Inference<HeterogeneityTest> {
  const k = slices.length;
  if (k < 2) return notComputable('NOT_APPLICABLE');
  for (const { standardError, degreesOfFreedom } of slices) {
    if (!(standardError >= 0)) throw new RangeError(`A standard error is 0 or more, not ${standardError}.`);
    if (!(degreesOfFreedom > 0)) throw new RangeError(`Degrees of freedom are above 0, not ${degreesOfFreedom}.`);
  }
  if (slices.some(({ standardError }) => standardError === 0)) return notComputable('ZERO_VARIANCE');
  // weights relative to the most precise slice, so that no square overflows
  const smallest = Math.min(...slices.map(({ standardError }) => standardError));
  const weights = slices.map(({ standardError }) => (smallest / standardError) ** 2);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const first = slices[0]!.estimate;
  const shift = slices.reduce((sum, { estimate }, i) => sum + (weights[i]! / total) * (estimate - first), 0);
  const q = slices.reduce((sum, { estimate, standardError }) => {
    return sum + ((estimate - first - shift) / standardError) ** 2;
  }, 0);
  const lambda = slices.reduce((sum, { degreesOfFreedom }, i) => {
    return sum + (1 - weights[i]! / total) ** 2 / degreesOfFreedom;
  }, 0);
  if (!Number.isFinite(q) || !Number.isFinite(shift)) return notComputable('OVERFLOW');
  const f = q / (k - 1) / (1 + ((2 * (k - 2)) / (k * k - 1)) * lambda);
  const result: HeterogeneityTest = {
    q,
    degreesOfFreedom: k - 1,
    errorDegreesOfFreedom: lambda === 0 ? null : (k * k - 1) / (3 * lambda),
    pValue: lambda === 0 ? chi2Sf(q, k - 1) : fSf(f, k - 1, (k * k - 1) / (3 * lambda)),
    inconsistency: q === 0 ? 0 : Math.max(0, (q - (k - 1)) / q),
    commonEffect: first + shift,
  };
  return computed(result, q, result.commonEffect, result.pValue);
}
