import type { JointSample } from './joint-sample.ts';

/** A covariate of which less than this share varies apart from the ones before it is a repeat of them. */
const REPEATED = 1e-9;

/**
 * Coefficients of the least-squares regression of variable 0 on the others, θ = Σ_xx⁻¹·σ_xy (for one covariate
 * cov(y, x)/var(x), Deng, Xu, Kohavi & Walker 2013, eq. 4), by sweeping the correlation matrix (Goodnight 1979). A covariate that
 * is constant or a combination of those before it has coefficient 0.
 */
export function regressionCoefficients({ covariance }: JointSample): number[] {
  const sd = covariance.map((row, i) => Math.sqrt(row[i]!));
  const a = covariance.map((row, i) =>
    row.map((value, j) => (sd[i] === 0 || sd[j] === 0 ? 0 : value / sd[i]! / sd[j]!)),
  );
  const covariates = a.map((_, i) => i).slice(1);
  const used = covariates.filter((j) => sweep(a, j));
  return covariates.map((j) => (used.includes(j) ? (a[j]![0]! * sd[0]!) / sd[j]! : 0));
}

/** Sweeps on diagonal j in place; false, and untouched, when nothing is left of it. */
function sweep(a: number[][], j: number): boolean {
  const pivot = a[j]![j]!;
  if (!(pivot > REPEATED)) return false;
  const row = a[j]!.map((value) => value / pivot);
  for (const [i, current] of a.entries()) {
    if (i === j) continue;
    const factor = current[j]!;
    a[i] = current.map((value, k) => (k === j ? -factor / pivot : value - factor * row[k]!));
  }
  a[j] = row.map((value, k) => (k === j ? 1 / pivot : value));
  return true;
}
