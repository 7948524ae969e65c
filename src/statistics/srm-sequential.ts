import { logGamma } from './distributions.ts';
import { type Inference, notComputable } from './inference.ts';
import type { AllocationStratum } from './srm-strata.ts';

/**
 * Sum of the Dirichlet prior's parameters, in proportion to the weights: how near to them a mismatch is thought to be. Large, as in
 * the authors' package `ssrm`: mismatches are small and units are many.
 */
export const CONCENTRATION = 10_000;

/**
 * Always-valid p-value of the units seen so far against their weights, however often and whenever it is looked at (Lindon & Malek
 * 2022, "Anytime-valid inference for multinomial count data", eq. 6 and 9): the mixture of multinomials over a Dirichlet prior about
 * the weights θ, against the weights themselves,
 *
 *   B = Γ(A)/Γ(A + n)·Π Γ(α_i + x_i)/Γ(α_i) / Π θ_i^{x_i},   α = A·θ,   p = min(1, 1/B)
 *
 * B is a martingale from 1 under the weights, so that P(any p ≤ u) ≤ u (Ville 1939). Each stratum has a prior of its own, and their
 * B multiply. Arms with weight 0 and their units do not count. Fewer than two arms with a weight: NOT_APPLICABLE; no units: NO_UNITS.
 */
export function sequentialSampleRatioTest(
  strata: readonly AllocationStratum[],
  { concentration = CONCENTRATION }: { readonly concentration?: number } = {},
): Inference<{ readonly pValue: number; readonly logBayesFactor: number }> {
  if (!(concentration > 0)) throw new RangeError(`The concentration must be above 0, not ${concentration}.`);
  const planned = strata.map((arms) => arms.filter(({ weight }) => weight > 0)).filter((arms) => arms.length > 1);
  if (planned.length === 0) return notComputable('NOT_APPLICABLE');
  if (planned.every((arms) => arms.every(({ observed }) => observed === 0))) return notComputable('NO_UNITS');
  const logBayesFactor = planned.reduce((sum, arms) => sum + logFactor(arms, concentration), 0);
  return { ok: true, pValue: Math.min(1, Math.exp(-logBayesFactor)), logBayesFactor };
}

function logFactor(arms: AllocationStratum, concentration: number): number {
  const total = arms.reduce((sum, { observed }) => sum + observed, 0);
  const weights = arms.reduce((sum, { weight }) => sum + weight, 0);
  const terms = arms.map(({ observed, weight }) => {
    const share = weight / weights;
    const alpha = concentration * share;
    return logGamma(alpha + observed) - logGamma(alpha) - observed * Math.log(share);
  });
  return terms.reduce((sum, term) => sum + term, logGamma(concentration) - logGamma(concentration + total));
}
