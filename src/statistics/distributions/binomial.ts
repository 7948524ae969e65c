import { betaCdf } from '../distributions.ts';
import { deviance, stirlingError } from './deviance.ts';
import { assertNumbers } from './double-exponential.ts';

/** Throws unless 0 ≤ k ≤ n are whole numbers and 0 < p < 1. */
function assertBinomial(name: string, k: number, n: number, p: number): void {
  assertNumbers(name, k, n, p);
  if (!(Number.isSafeInteger(k) && Number.isSafeInteger(n) && k >= 0 && k <= n)) {
    throw new RangeError(`${name} needs whole numbers 0 ≤ k ≤ n, not ${k} of ${n}.`);
  }
  if (!(p > 0 && p < 1)) throw new RangeError(`${name} needs 0 < p < 1, not ${p}.`);
}

/**
 * ln P(X = k) of the binomial distribution, by Loader's saddle-point form (2000): Stirling's remainders and two deviances, so
 * that nothing of the size of ln n! cancels. Absolute error about 1e-14 plus 1e-16 of the result.
 */
export function binomialLogPmf(k: number, n: number, p: number): number {
  assertBinomial('binomialLogPmf', k, n, p);
  if (k === 0) return n * Math.log1p(-p);
  if (k === n) return n * Math.log(p);
  const remainder = stirlingError(n) - stirlingError(k) - stirlingError(n - k);
  const exponent = remainder - deviance(k, n * p) - deviance(n - k, n * (1 - p));
  return exponent - 0.5 * Math.log(2 * Math.PI * k * (1 - k / n));
}

/** Lower tail P(X ≤ k): I_(1−p)(n − k, k + 1). */
export function binomialCdf(k: number, n: number, p: number): number {
  assertBinomial('binomialCdf', k, n, p);
  return k === n ? 1 : betaCdf(1 - p, n - k, k + 1, p);
}

/** Upper tail P(X ≥ k), k included: I_p(k, n − k + 1). */
export function binomialUpperTail(k: number, n: number, p: number): number {
  assertBinomial('binomialUpperTail', k, n, p);
  return k === 0 ? 1 : betaCdf(p, k, n - k + 1);
}

/**
 * Two-sided exact p-value of k successes of n: the probability of all outcomes that are no likelier than k ("minimum
 * likelihood"; scipy's `binomtest`, R's `binom.test`, with their relative tolerance of 1e-7 for ties).
 */
export function binomialTwoSidedP(k: number, n: number, p: number): number {
  assertBinomial('binomialTwoSidedP', k, n, p);
  const expected = n * p;
  if (k === expected) return 1;
  const threshold = binomialLogPmf(k, n, p) + Math.log1p(1e-7);
  const unlikely = (x: number) => binomialLogPmf(x, n, p) <= threshold;
  // beyond the mean the probabilities fall monotonically, so the outcomes that count are an end of the range
  if (k < expected) {
    let [low, high] = [Math.ceil(expected), n + 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (unlikely(middle)) high = middle;
      else low = middle + 1;
    }
    return Math.min(1, binomialCdf(k, n, p) + (low > n ? 0 : binomialUpperTail(low, n, p)));
  }
  let [low, high] = [-1, Math.floor(expected)];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (unlikely(middle)) low = middle;
    else high = middle - 1;
  }
  return Math.min(1, binomialUpperTail(k, n, p) + (low < 0 ? 0 : binomialCdf(low, n, p)));
}
