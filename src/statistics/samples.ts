import { covarianceOf, type Moments, meanOf } from '../core/moments.ts';
import { computed, type Inference, type NotComputable, notComputable, type Sample } from './inference.ts';

/**
 * What is left of a sum after cancellation counts as zero below this share of what was subtracted: a sum of doubles over
 * millions of units is known to about 1e-11 of its size, so anything smaller is rounding. With a pivot near the mean (see
 * `Moments`) real variances are never near it; a variance of less than 1e-10 of (mean − pivot)² is lost.
 */
const LOST = 1e-10;

function refuse(moments: Moments): NotComputable | null {
  if (moments.units === 0) return notComputable('NO_UNITS');
  return moments.units < 2 ? notComputable('TOO_FEW_UNITS') : null;
}

/** Mean of variable i; exactly 0 where only rounding about the pivot is left. */
function settledMean(moments: Moments, i: number): number {
  const mean = meanOf(moments, i);
  return Math.abs(mean) <= LOST * Math.abs(moments.pivots[i]!) ? 0 : mean;
}

/** Variance of variable i (ddof 1); exactly 0 where only rounding about the pivot is left, never negative. */
function settledVariance(moments: Moments, i: number): number {
  if (moments.products === null) throw new Error('A variance was asked of moments without products.');
  const variance = covarianceOf(moments, i);
  const shifted = moments.products[i]![i]! / (moments.units - 1);
  return variance <= LOST * shifted ? 0 : variance;
}

/** The per-unit mean of variable i with its sample variance (ddof 1). */
export function sampleOfMean(moments: Moments, i = 0): Inference<Sample> {
  const refused = refuse(moments);
  if (refused) return refused;
  const mean = settledMean(moments, i);
  const variance = settledVariance(moments, i);
  return computed({ n: moments.units, mean, variance }, mean, variance);
}

/**
 * SAMPLE: n/(n − 1)·p(1 − p), the ddof 1 variance of the zeros and ones, as for any mean. BINOMIAL: p(1 − p), the maximum
 * likelihood form that GrowthBook's proportion statistic uses.
 */
export type ProportionVariance = 'SAMPLE' | 'BINOMIAL';

/** The share of units with variable 0 equal to 1; needs no products, as the variance follows from the share. */
export function sampleOfProportion(moments: Moments, variance: ProportionVariance = 'SAMPLE'): Inference<Sample> {
  const refused = refuse(moments);
  if (refused) return refused;
  const n = moments.units;
  const mean = settledMean(moments, 0);
  if (!Number.isFinite(mean)) return notComputable('OVERFLOW');
  if (mean < -1e-9 || mean > 1 + 1e-9) throw new RangeError(`A proportion of ${mean} is not between 0 and 1.`);
  const p = Math.min(1, Math.max(0, mean));
  const binomial = p * (1 - p);
  return { ok: true, n, mean: p, variance: variance === 'SAMPLE' ? (binomial * n) / (n - 1) : binomial };
}

/**
 * The ratio of two totals, variable 0 over variable 1, with its per-unit delta-method variance (ddof 1, n = units):
 *
 *   R = m_N/m_D,   v = (v_N − 2R·cov + R²·v_D)/m_D²
 *
 * (Deng, Knoblich & Lu 2018, eq. 3–5; GrowthBook's RatioStatistic and tea-tasting's RatioOfMeans are the same.) The
 * denominator's total must not be zero: ZERO_BASELINE.
 */
export function sampleOfRatio(moments: Moments): Inference<Sample> {
  const refused = refuse(moments);
  if (refused) return refused;
  const denominator = settledMean(moments, 1);
  if (denominator === 0) return notComputable('ZERO_BASELINE');
  const ratio = settledMean(moments, 0) / denominator;
  const numeratorTerm = settledVariance(moments, 0);
  const denominatorTerm = ratio * ratio * settledVariance(moments, 1);
  const sum = numeratorTerm - 2 * ratio * covarianceOf(moments, 0, 1) + denominatorTerm;
  const variance = sum <= 1e-12 * (numeratorTerm + denominatorTerm) ? 0 : sum / denominator / denominator;
  return computed({ n: moments.units, mean: ratio, variance }, ratio, variance);
}
