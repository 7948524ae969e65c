import { chi2Sf } from './distributions.ts';
import { computed, type Inference, notComputable } from './inference.ts';

/** Units seen in one arm, and the arm's planned share on any scale. */
export interface AllocatedArm {
  readonly observed: number;
  readonly weight: number;
}

/** How well the observed allocation fits the planned one. */
export interface SampleRatioTest {
  readonly chiSquare: number;
  readonly degreesOfFreedom: number;
  readonly pValue: number;
  /** Expected units of each arm, in the order given. */
  readonly expected: readonly number[];
}

/**
 * Pearson's chi-square test (1900) of the observed units against the weights: Σ (O − E)²/E with k − 1 degrees of freedom,
 * its upper tail computed as such, never as 1 − cdf. An arm whose weight is not above 0 was not planned to have units, so
 * there is no expectation to test: NOT_APPLICABLE, as for fewer than two arms. No units at all: NO_UNITS.
 */
export function sampleRatioTest(arms: readonly AllocatedArm[]): Inference<SampleRatioTest> {
  if (arms.some(({ observed }) => !(observed >= 0))) throw new RangeError('Observed units must be 0 or more.');
  const planned = arms.every(({ weight }) => weight > 0 && Number.isFinite(weight));
  if (arms.length < 2 || !planned) return notComputable('NOT_APPLICABLE');
  const total = arms.reduce((sum, arm) => sum + arm.observed, 0);
  if (total === 0) return notComputable('NO_UNITS');
  const weights = arms.reduce((sum, arm) => sum + arm.weight, 0);
  const expected = arms.map((arm) => (arm.weight / weights) * total);
  const chiSquare = arms.reduce((sum, arm, i) => {
    const gap = arm.observed - expected[i]!;
    return sum + gap * (gap / expected[i]!);
  }, 0);
  const degreesOfFreedom = arms.length - 1;
  if (!Number.isFinite(chiSquare)) return notComputable('OVERFLOW');
  const pValue = chi2Sf(chiSquare, degreesOfFreedom);
  return computed({ chiSquare, degreesOfFreedom, pValue, expected }, chiSquare);
}
