import { covarianceOf, type Moments, meanOf, mergeMoments, repivot } from '../../core/moments.ts';
import { computed, type Inference, notComputable, type Sample } from '../inference.ts';
import { sampleOfMean } from '../samples.ts';

/** Several per-unit variables of one arm: their means, and their covariances (ddof 1, both triangles). */
export interface JointSample {
  readonly n: number;
  readonly means: readonly number[];
  readonly covariance: readonly (readonly number[])[];
}

/** All variables of the moments, in their order; means and variances settled as `sampleOfMean` settles them. */
export function jointSample(moments: Moments): Inference<JointSample> {
  const indices = moments.pivots.map((_, i) => i);
  const samples: Sample[] = [];
  for (const i of indices) {
    const sample = sampleOfMean(moments, i);
    if (!sample.ok) return sample;
    samples.push(sample);
  }
  const covariance = indices.map((i) =>
    indices.map((j) => {
      if (i === j) return samples[i]!.variance;
      return samples[i]!.variance === 0 || samples[j]!.variance === 0 ? 0 : covarianceOf(moments, i, j);
    }),
  );
  const means = samples.map(({ mean }) => mean);
  return computed({ n: moments.units, means, covariance }, ...covariance.flat());
}

/**
 * Ratios of pairs of variables, 0 over 1, 2 over 3 …, as if each were a per-unit variable, by the delta method (Deng, Knoblich
 * & Lu 2018, eq. 3–5, for the covariance; tea-tasting's `ratio_cov`):
 *
 *   cov(A/B, C/D) = [cov(A, C) − R_C·cov(A, D) − R_A·cov(B, C) + R_A·R_C·cov(B, D)]/(m_B·m_D)
 *
 * A denominator of zero: ZERO_BASELINE.
 */
export function jointRatios({ n, means, covariance }: JointSample): Inference<JointSample> {
  if (means.length % 2 !== 0) throw new Error('Ratios need pairs of a numerator and a denominator.');
  const pairs = Array.from({ length: means.length / 2 }, (_, pair) => [2 * pair, 2 * pair + 1] as const);
  if (pairs.some(([, denominator]) => means[denominator] === 0)) return notComputable('ZERO_BASELINE');
  const ratios = pairs.map(([numerator, denominator]) => means[numerator]! / means[denominator]!);
  const product = (i: number, j: number) => {
    const [[a, b], [c, d]] = [pairs[i]!, pairs[j]!];
    const terms = [
      covariance[a]![c]!,
      -ratios[j]! * covariance[a]![d]!,
      -ratios[i]! * covariance[b]![c]!,
      ratios[i]! * ratios[j]! * covariance[b]![d]!,
    ];
    const sum = terms.reduce((total, term) => total + term, 0);
    return i === j && sum <= 1e-12 * (terms[0]! + terms[3]!) ? 0 : sum / means[b]! / means[d]!;
  };
  const ofRatios = ratios.map((_, i) => ratios.map((__, j) => product(i, j)));
  return computed({ n, means: ratios, covariance: ofRatios }, ...ratios, ...ofRatios.flat());
}

/** The first variable alone. */
export function outcomeOf({ n, means, covariance }: JointSample): Sample {
  return { n, mean: means[0]!, variance: covariance[0]![0]! };
}

/** Moments of both groups of units together, whatever their pivots. */
export function pooledMoments(a: Moments, b: Moments): Moments {
  if (a.units === 0) return b;
  if (b.units === 0) return a;
  // about the pooled means, so that nothing cancels whichever of the pivots is far off
  const pivots = a.pivots.map((_, i) => {
    const share = b.units / (a.units + b.units);
    return meanOf(a, i) * (1 - share) + meanOf(b, i) * share;
  });
  const same = a.pivots.every((pivot, i) => pivot === b.pivots[i]);
  return same ? mergeMoments(a, b) : mergeMoments(repivot(a, pivots), repivot(b, pivots));
}
