import { assertNumbers, integrateTail, tailLength } from './double-exponential.ts';
import { normalUpperQuantile } from './normal.ts';

/** Degrees of freedom beyond which Student's t is the normal distribution to the last bit; Infinity is clamped to it. */
const NORMAL_DF = 1e20;
/** A Halley step from a ln sf as near as this to its target ends at the target. */
const CLOSE = 1e-6;
/** sinh θ is a double up to here; one Halley step back from it is exact, as the tail there is a power of t. */
const MAX_THETA = 709;

/** From so many degrees of freedom, and up to this normal quantile, four terms of the expansion are right to 1e-15. */
const MANY_DF = 5000;
const NOT_FAR = 5;

/** The quantile of t by that of the normal distribution (Fisher & Cornish 1960; Abramowitz & Stegun 26.7.5). */
function expansion(z: number, df: number): number {
  const y = z * z;
  const terms = [
    (y + 1) / 4,
    ((5 * y + 16) * y + 3) / 96,
    (((3 * y + 19) * y + 17) * y - 15) / 384,
    ((((79 * y + 776) * y + 1482) * y - 1920) * y - 945) / 92_160,
  ];
  return z * (1 + terms.reduceRight((sum, term) => (sum + term) / df, 0));
}

function checkedDf(name: string, df: number): number {
  if (!(df > 0)) throw new RangeError(`${name} needs df > 0, not ${df}.`);
  return Math.min(df, NORMAL_DF);
}

/** ln[Γ(h + ½)/(Γ(h)√π)] with h = df/2: ten steps up by the recurrence, then the asymptotic series (no lnΓ, no cancellation). */
function logConstant(df: number): number {
  const h = df / 2;
  let product = 1;
  for (let k = 0; k < 10; k++) product *= (h + k) / (h + k + 0.5);
  const i = 1 / (h + 10);
  const i2 = i * i;
  const series = i * (-1 / 8 + i2 * (1 / 192 + i2 * (-1 / 640 + i2 * (17 / 14336 - (i2 * 31) / 18432))));
  return Math.log(product * Math.sqrt((h + 10) / Math.PI)) + series;
}

/**
 * Upper tail at t = √df·sinh θ, as its logarithm and as the ratio sf/density in θ (Mills' ratio).
 * The density in θ is proportional to cosh^(−df) θ; the density at the point is factored out and the rest is integrated by
 * the double-exponential rule, for any df ≥ ½ and any tail.
 */
function tail(sinh: number, df: number): { logSf: number; ratio: number; tanh: number } {
  const cosh = Math.hypot(1, sinh);
  const tanh = sinh / cosh;
  const ratio = integrateTail(
    (u) => {
      const h = Math.sinh(u / 2);
      return Math.exp(-df * Math.log1p(2 * h * h + tanh * Math.sinh(u)));
    },
    tailLength(df * tanh, (df / cosh) * (1 / cosh)),
  );
  // asinh(½ sinh θ tanh θ) is ln cosh θ, accurate near 0
  const logSf = logConstant(df) - df * Math.asinh(0.5 * sinh * tanh) + Math.log(ratio);
  return { logSf, ratio, tanh };
}

/** t/√df, at most the largest double. */
const sinhOf = (t: number, df: number) => Math.min(Number.MAX_VALUE, t / Math.sqrt(df));

/** ln P(T > t): finite where the tail itself underflows. df may be any positive number, Infinity included (the normal tail). */
export function tLogSf(t: number, df: number): number {
  assertNumbers('tLogSf', t, df);
  const v = checkedDf('tLogSf', df);
  if (t < 0) return Math.log1p(-Math.exp(tLogSf(-t, df)));
  return tail(sinhOf(t, v), v).logSf;
}

/** Upper tail P(T > t) of Student's t with df degrees of freedom (real, Infinity allowed). Relative error ≤ 1e-12 to p = 1e-300. */
export function tSf(t: number, df: number): number {
  assertNumbers('tSf', t, df);
  const v = checkedDf('tSf', df);
  if (t === 0) return 0.5;
  if (!Number.isFinite(t)) return t > 0 ? 0 : 1;
  const smaller = Math.min(0.5, Math.exp(tail(sinhOf(Math.abs(t), v), v).logSf));
  return t > 0 ? smaller : 1 - smaller;
}

/** Lower tail P(T ≤ t); accurate in its far tail. */
export function tCdf(t: number, df: number): number {
  return tSf(-t, df);
}

/** Two-sided p-value P(|T| > |t|), in [0, 1]; 0 only where the true value is below the smallest double. */
export function tTwoSidedP(t: number, df: number): number {
  return 2 * tSf(Math.abs(t), df);
}

/** ln of the two-sided p-value: usable where the p-value itself underflows. */
export function tLogTwoSidedP(t: number, df: number): number {
  return Math.min(0, Math.LN2 + tLogSf(Math.abs(t), df));
}

/**
 * The t with P(T > t) = tailProbability. Starts from the normal quantile by Wallace's transform (1959) and takes up to three
 * Halley steps on ln sf in θ; relative error about 1e-14 for df ≥ 1.
 */
export function tUpperQuantile(tailProbability: number, df: number): number {
  assertNumbers('tUpperQuantile', tailProbability, df);
  const v = checkedDf('tUpperQuantile', df);
  if (!(tailProbability > 0 && tailProbability < 1)) {
    throw new RangeError(`tUpperQuantile needs 0 < tail < 1, not ${tailProbability}.`);
  }
  if (tailProbability === 0.5) return 0;
  if (tailProbability > 0.5) return -tUpperQuantile(1 - tailProbability, df);
  const z = normalUpperQuantile(tailProbability);
  if (v >= MANY_DF && z <= NOT_FAR) return expansion(z, v);
  const s = ((z * z) / v) * ((8 * v + 3) / (8 * v + 1)) ** 2;
  let theta = Math.min(MAX_THETA, s < 1e-3 ? Math.sqrt(s) : s / 2 + Math.log(1 + Math.sqrt(-Math.expm1(-s))));
  const target = Math.log(tailProbability);
  for (let step = 0; step < 3; step++) {
    const { logSf, ratio, tanh } = tail(Math.sinh(theta), v);
    const g = logSf - target;
    theta = Math.min(MAX_THETA, theta + (g * ratio) / Math.max(0.5, 1 + 0.5 * g * (1 - v * tanh * ratio)));
    if (Math.abs(g) < CLOSE) break; // what is left after a step is of the order of g³
  }
  return Math.sqrt(v) * Math.sinh(theta);
}

/** The t with P(T ≤ t) = p. For a critical value use {@link tUpperQuantile}, which keeps the digits of a small tail. */
export function tQuantile(p: number, df: number): number {
  return p < 0.5 ? -tUpperQuantile(p, df) : tUpperQuantile(1 - p, df);
}
