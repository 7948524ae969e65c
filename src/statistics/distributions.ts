import jStat from 'jstat';
import { assertNumbers, integrateTail, tailLength } from './distributions/double-exponential.ts';

export { normalCdf, normalQuantile, normalSf, normalUpperQuantile } from './distributions/normal.ts';
export {
  tCdf,
  tLogSf,
  tLogTwoSidedP,
  tQuantile,
  tSf,
  tTwoSidedP,
  tUpperQuantile,
} from './distributions/student-t.ts';

/** ln(1 + x) − x without cancellation near 0: with r = x/(2 + x), ln(1 + x) = 2·atanh r and x − 2r = r·x. */
function log1pMinus(x: number): number {
  if (Math.abs(x) > 0.3) return Math.log1p(x) - x;
  const r = x / (2 + x);
  const r2 = r * r;
  let series = 0;
  for (let k = 12; k >= 1; k--) series = series * r2 + 1 / (2 * k + 1);
  return 2 * r * r2 * series - r * x;
}

/** What Stirling's formula leaves out: ln Γ(a) − [(a − ½)·ln a − a + ½·ln 2π]. */
function stirlingRemainder(a: number): number {
  if (a < 10) return jStat.gammaln(a) - ((a - 0.5) * Math.log(a) - a + 0.5 * Math.log(2 * Math.PI));
  const i = 1 / a;
  const i2 = i * i;
  return i * (1 / 12 - i2 * (1 / 360 - i2 * (1 / 1260 - i2 * (1 / 1680 - i2 * (1 / 1188 - (i2 * 691) / 360360)))));
}

/** ln Γ(a), a > 0. */
export function logGamma(a: number): number {
  return (a - 0.5) * Math.log(a) - a + 0.5 * Math.log(2 * Math.PI) + stirlingRemainder(a);
}

/** y^a·e^(−y)/Γ(a), by the deviance form so that large shapes keep their digits (Loader 2000). */
function gammaKernel(a: number, y: number): number {
  const exponent = a * log1pMinus((y - a) / a) - stirlingRemainder(a);
  return Math.sqrt(a / (2 * Math.PI)) * Math.exp(exponent);
}

/** Both tails of the gamma distribution; the smaller one is integrated, the other is its complement. */
function gammaTails(a: number, y: number): { lower: number; upper: number } {
  if (!(a > 0)) throw new RangeError(`The gamma distribution needs a shape > 0, not ${a}.`);
  if (y <= 0) return { lower: 0, upper: 1 };
  if (y === Number.POSITIVE_INFINITY) return { lower: 1, upper: 0 };
  if (y > a) {
    // t = y + v:  Q = kernel/y · ∫ exp(−[v − (a − 1)·ln(1 + v/y)]) dv
    const slope = (y - a + 1) / y;
    const length = Math.max(1, tailLength(slope, (a - 1) / (y * y)));
    const integral = integrateTail((v) => Math.exp((a - 1) * log1pMinus(v / y) - slope * v), length);
    const upper = Math.min(1, (gammaKernel(a, y) / y) * integral);
    return { lower: 1 - upper, upper };
  }
  // t = y·e^(−u):  P = kernel · ∫ exp(−[a·u − y·(1 − e^(−u))]) du
  const length = Math.max(1 / a, tailLength(a - y, y));
  const integral = integrateTail((u) => Math.exp(-a * u - y * Math.expm1(-u)), length);
  const lower = Math.min(1, gammaKernel(a, y) * integral);
  return { lower, upper: 1 - lower };
}

/** Upper tail Q(a, y) of the gamma distribution with shape a and scale 1. */
export function gammaSf(y: number, a: number): number {
  assertNumbers('gammaSf', y, a);
  return gammaTails(a, y).upper;
}

/** Lower tail P(a, y) of the gamma distribution with shape a and scale 1. */
export function gammaCdf(y: number, a: number): number {
  assertNumbers('gammaCdf', y, a);
  return gammaTails(a, y).lower;
}

/** Upper tail P(X > x) of the chi-square distribution, any df > 0: Q(df/2, x/2). Relative error ≤ 1e-11 to p = 1e-300. */
export function chi2Sf(x: number, df: number): number {
  return gammaSf(x / 2, df / 2);
}

/** Lower tail P(X ≤ x) of the chi-square distribution. */
export function chi2Cdf(x: number, df: number): number {
  return gammaCdf(x / 2, df / 2);
}

/** I_x(a, b) below the mean, with y = 1 − x given apart: t = x·e^(−u), the kernel by the deviance form. */
function betaLowerTail(x: number, y: number, a: number, b: number): number {
  const n = a + b;
  const shift = x * b - y * a; // n·(x − a/n), exact in sign
  const deviance = a * log1pMinus(shift / a) + b * log1pMinus(-shift / b);
  const remainder = stirlingRemainder(n) - stirlingRemainder(a) - stirlingRemainder(b);
  const kernel = Math.sqrt(a / n) * Math.sqrt(b / (2 * Math.PI)) * Math.exp(deviance + remainder);
  const odds = x / y;
  const length = Math.max(1 / a, tailLength(a - (b - 1) * odds, ((b - 1) * odds) / y));
  const integral = integrateTail((u) => Math.exp((b - 1) * Math.log1p(-odds * Math.expm1(-u)) - a * u), length);
  return Math.min(1, (kernel / y) * integral);
}

/**
 * Lower tail I_x(a, b) of the beta distribution. `y` is 1 − x: give it when x is so near 1 that the difference has lost its
 * digits. Right from shapes below 1 to 1e9 and beyond, where continued fractions fail.
 */
export function betaCdf(x: number, a: number, b: number, y = 1 - x): number {
  assertNumbers('betaCdf', x, a, b, y);
  if (!(a > 0 && b > 0)) throw new RangeError(`The beta distribution needs shapes > 0, not ${a} and ${b}.`);
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  return x * b <= y * a ? betaLowerTail(x, y, a, b) : 1 - betaLowerTail(y, x, b, a);
}

/** Upper tail P(F > f) of the F distribution: I(df2/(df2 + df1·f); df2/2, df1/2). */
export function fSf(f: number, df1: number, df2: number): number {
  assertNumbers('fSf', f, df1, df2);
  if (f <= 0) return 1;
  const total = df2 + df1 * f;
  return betaCdf(df2 / total, df2 / 2, df1 / 2, (df1 * f) / total);
}
