import { covarianceOf, type Moments, meanOf } from '../core/moments.ts';
import { computed, type Inference, notComputable, type Sample } from './inference.ts';

/** Of a variance, what is left by rounding. */
const LOST = 1e-12;

/**
 * Where whole clusters were randomised and their units are analysed: the mean over units, or a ratio of two totals, with its
 * variance over clusters. Moments are over clusters: each variable's sum over the cluster's units about `pivots`, and last the number
 * of its units N. With the totals T_i = S_i + k_i·N, by the delta method (Deng, Knoblich & Lu 2018, eq. 3–5):
 *
 *   mean   R = ΣT/ΣN,         residual e = S − (R − k)·N,                      v = v(e)/N̄²
 *   ratio  R = ΣT_0/ΣT_1,     residual e = S_0 − R·S_1 + (k_0 − R·k_1)·N,      v = v(e)/T̄_1²
 *
 * n is the number of clusters, so that variance/n is the squared standard error and tests have the clusters' degrees of freedom.
 */
export function sampleOfClusters(
  clusters: Moments,
  { type, pivots }: { readonly type: 'MEAN' | 'RATIO'; readonly pivots: readonly number[] },
): Inference<Sample> {
  if (clusters.units === 0) return notComputable('NO_UNITS');
  if (clusters.units < 2) return notComputable('TOO_FEW_UNITS');
  const size = meanOf(clusters, clusters.sums.length - 1);
  const k = (i: number) => pivots[i] ?? 0;
  if (type === 'MEAN') {
    const centred = meanOf(clusters, 0) / size;
    return sampleAbout(clusters, k(0) + centred, size, [1, -centred]);
  }
  const denominator = meanOf(clusters, 1) + k(1) * size;
  if (denominator === 0) return notComputable('ZERO_BASELINE');
  const ratio = (meanOf(clusters, 0) + k(0) * size) / denominator;
  return sampleAbout(clusters, ratio, denominator, [1, -ratio, k(0) - ratio * k(1)]);
}

/** The variance of a linear combination of a cluster's sums, over the square of what it is divided by. */
function sampleAbout(
  clusters: Moments,
  mean: number,
  scale: number,
  coefficients: readonly number[],
): Inference<Sample> {
  const terms = coefficients.flatMap((a, i) => coefficients.map((b, j) => a * b * covarianceOf(clusters, i, j)));
  const sum = terms.reduce((total, term) => total + term, 0);
  const size = terms.reduce((total, term) => total + Math.abs(term), 0);
  const variance = sum <= LOST * size ? 0 : sum / scale / scale;
  return computed({ n: clusters.units, mean, variance }, mean, variance);
}
