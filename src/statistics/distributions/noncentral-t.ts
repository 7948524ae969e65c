import { assertNumbers } from './double-exponential.ts';
import { normalSf } from './normal.ts';

/** Degrees of freedom beyond which the noncentral t is a shifted normal distribution to within 1e-12. */
const NORMAL_DF = 1e14;

/** w − (e^(2w) − 1)/2 ≤ 0, the log density of ln(χ/√df) per degree of freedom, by its series near 0. */
function logChi(w: number): number {
  if (Math.abs(w) > 0.1) return w - Math.expm1(2 * w) / 2;
  let series = 0;
  for (let k = 14; k >= 2; k--) series = (2 * w * (1 + series)) / (k + 1);
  return -w * w * (1 + series);
}

/**
 * ∫ weight(w)·exp(df·logChi(w)) dw by the trapezoid rule, whose error falls exponentially for integrands analytic in a strip.
 * From where the density is negligible on the right, leftwards until the terms are; the integrand has one peak.
 */
function integrate(df: number, step: number, weight: (w: number) => number): number {
  // df·w² ≤ −df·logChi(w) for w > 0, so the density beyond √(50/df) is below e^(−50) of its peak
  const right = Math.ceil(Math.sqrt(50 / df) / step);
  let [sum, previous] = [0, 0];
  for (let k = right; ; k--) {
    const w = k * step;
    const logDensity = df * logChi(w);
    const term = logDensity < -745 ? 0 : weight(w) * Math.exp(logDensity);
    sum += term;
    const spent = term <= 1e-17 * sum && term <= previous;
    if (k < 0 && spent && (sum > 0 || logDensity < -745)) return sum * step;
    previous = term;
  }
}

/** P(T > t) for t > 0: E[Φ̄(t·S − δ)] with S = χ/√df, over w = ln S; both integrals by the same rule, so no gamma function. */
function upperTail(t: number, df: number, shift: number): number {
  // t·S where both factors matter: the density is gone on the right of √(50/df), Φ̄ is 0 beyond shift + 39
  const reach = Math.min(t * Math.exp(Math.sqrt(50 / df)), Math.max(0, shift) + 39);
  const curvature = 2 * df + reach * (reach + Math.min(39, Math.max(0, t - shift)));
  const step = Math.min(0.1, 0.6 / Math.sqrt(curvature));
  const density = integrate(df, Math.min(0.1, 0.6 / Math.sqrt(2 * df)), () => 1);
  return Math.min(1, integrate(df, step, (w) => normalSf(t * Math.exp(w) - shift)) / density);
}

/**
 * Upper tail P(T > t) of the noncentral t distribution, T = (Z + shift)/√(χ²/df): any real shift, df ≥ 1 (real, Infinity
 * allowed). As a mixture of normal tails over the chi distribution (Johnson, Kotz & Balakrishnan 1995, eq. 31.15); a sum of
 * positive terms, relative error about 1e-12 for t ≥ 0. For t < 0 it is the complement of the tail of −T.
 */
export function noncentralTSf(t: number, df: number, shift: number): number {
  assertNumbers('noncentralTSf', t, df, shift);
  if (!(df >= 1)) throw new RangeError(`noncentralTSf needs df ≥ 1, not ${df}.`);
  if (!Number.isFinite(t)) return t > 0 ? 0 : 1;
  if (!Number.isFinite(shift)) return shift > 0 ? 1 : 0;
  if (t < 0) return 1 - noncentralTSf(-t, df, -shift);
  if (t === 0 || df > NORMAL_DF) return normalSf(t - shift);
  // so far out that all of the mixture is on one side; also bounds the number of terms
  if (shift > 40 + t * (1 + 40 / Math.sqrt(df))) return 1;
  return upperTail(t, df, shift);
}
