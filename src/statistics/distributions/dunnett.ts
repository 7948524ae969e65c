import { assertNumbers } from './double-exponential.ts';
import { normalSf } from './normal.ts';
import { tSf, tTwoSidedP, tUpperQuantile } from './student-t.ts';

/** The largest of several statistics T_j = (Z_j·√(1 − λ_j²) + λ_j·U)/S that share U, from the control. */
export interface Maximum {
  /** λ_j: the correlation of T_i and T_j is λ_i·λ_j. 0 ≤ λ ≤ 1. */
  readonly lambdas: readonly number[];
  /** Of S = χ/√df; Infinity for known variances, S = 1. */
  readonly df: number;
  /** Whether the maximum is that of |T_j|. */
  readonly twoSided: boolean;
}

/**
 * λ² is held below this, so that the steps of the integral stay wide. A smaller correlation makes a larger maximum
 * (Slepian 1962; Šidák 1967), so the tail errs to the safe side, and only where a control has less than 1/10,000 of the units.
 */
const LARGEST_SQUARE = 0.9999;
const LARGEST_DF = 1e20;
/** Beyond it a normal tail is below the smallest double, and the other one 1. */
const FARTHEST = 40;

/**
 * P(max_j T_j > x) or P(max_j |T_j| > x) (Dunnett 1955): given U = u the statistics are independent, so for S = 1
 *
 *   ∫ φ(u)·(1 − Π_j (1 − q_j(u))) du,   q_j(u) = P(Z > (x − λ_j·u)/√(1 − λ_j²))  (two-sided: plus the same at −u)
 *
 * which, for a finite df, is averaged over the distribution of S at x·S. Both integrals are trapezoidal sums over the whole
 * line of smooth terms that are all positive (error below 1e-13 by the choice of step, Trefethen & Weideman 2014): the tail
 * is computed as a tail.
 */
export function dunnettSf(x: number, { lambdas, df, twoSided }: Maximum): number {
  assertNumbers('dunnettSf', x, df, ...lambdas);
  if (lambdas.length === 0 || lambdas.some((lambda) => lambda < 0 || lambda > 1)) {
    throw new RangeError('dunnettSf needs at least one λ, each from 0 to 1.');
  }
  if (!(df > 0)) throw new RangeError(`dunnettSf needs df > 0, not ${df}.`);
  if (twoSided && x <= 0) return 1;
  if (lambdas.length === 1) return twoSided ? tTwoSidedP(x, df) : tSf(x, df);
  const arms = lambdas.map((lambda) => {
    const square = Math.min(LARGEST_SQUARE, lambda * lambda);
    return { lambda: Math.sqrt(square), own: Math.sqrt(1 - square) };
  });
  const tail = (scaled: number) => normalMaximumSf(scaled, arms, twoSided);
  return Math.min(1, df === Number.POSITIVE_INFINITY ? tail(x) : overScale(x, Math.min(df, LARGEST_DF), tail));
}

interface Arm {
  readonly lambda: number;
  /** √(1 − λ²). */
  readonly own: number;
}

function normalMaximumSf(x: number, arms: readonly Arm[], twoSided: boolean): number {
  if (Math.abs(x) > FARTHEST) return x > 0 ? 0 : 1;
  // the terms grow off the real line like exp(y²/2·(1 + Σ λ²/(1 − λ²))): this sets the step
  const growth = arms.reduce((sum, { lambda, own }) => sum + (lambda / own) ** 2, 1);
  const step = 0.785 / Math.sqrt(growth);
  const last = Math.ceil(Math.sqrt(x * x + 75) / step);
  let sum = 0;
  for (let k = twoSided ? 0 : -last; k <= last; k++) {
    const u = k * step;
    let logNone = 0;
    for (const { lambda, own } of arms) {
      const above = normalSf((x - lambda * u) / own);
      const q = twoSided ? above + normalSf((x + lambda * u) / own) : above;
      logNone += Math.log1p(-Math.min(1, q));
    }
    const term = Math.exp((-u * u) / 2) * -Math.expm1(logNone);
    sum += twoSided && k > 0 ? 2 * term : term;
  }
  return (sum * step) / Math.sqrt(2 * Math.PI);
}

/** e^(2y)/2 − ½ − y, without cancellation near 0. */
function deviance(y: number): number {
  if (Math.abs(y) > 0.1) return Math.expm1(2 * y) / 2 - y;
  let sum = 0;
  for (let m = 14; m >= 2; m--) sum = ((sum + 1) * 2 * y) / m;
  // the loop left Σ_{m≥2} (2y)^(m−1)/m!, which times 2y is e^(2y) − 1 − 2y
  return sum * y;
}

/** The mean of tail(x·S) over S = χ_df/√df, in y = ln S, whose density is proportional to exp(−df·deviance(y)). */
function overScale(x: number, df: number, tail: (scaled: number) => number): number {
  const step = Math.min(0.1, 0.4 / Math.sqrt(2 * df));
  let [weights, sum] = [0, 0];
  const add = (k: number) => {
    const weight = Math.exp(-df * deviance(k * step));
    weights += weight;
    if (weight > 0) sum += weight * tail(x * Math.exp(k * step));
    return weight;
  };
  for (let k = 0; add(k) > 1e-19; k++);
  // a far tail lies at small S: go on until what is left cannot matter to it, as tail ≤ 1
  for (let k = -1; ; k--) {
    const weight = add(k);
    if (weight === 0 || (weight < 1e-19 && weight < 1e-19 * sum)) break;
  }
  return sum / weights;
}

/**
 * The x with `dunnettSf(x) = tail`, 0 < tail < 1: between the value for one statistic and Bonferroni's, by the secant rule
 * on ln sf, kept inside its bracket.
 */
export function dunnettUpperQuantile(tail: number, maximum: Maximum): number {
  if (!(tail > 0 && tail < 1)) throw new RangeError(`dunnettUpperQuantile needs 0 < tail < 1, not ${tail}.`);
  const { lambdas, df, twoSided } = maximum;
  const sides = twoSided ? 2 : 1;
  const excess = (x: number) => Math.log(dunnettSf(x, maximum) / tail);
  let low = tUpperQuantile(tail / sides, df);
  if (lambdas.length === 1) return low;
  let high = tUpperQuantile(tail / sides / lambdas.length, df);
  let [atLow, atHigh] = [excess(low), excess(high)];
  for (let round = 0; round < 100 && atLow > 0 && atHigh < 0; round++) {
    const x = low + ((high - low) * atLow) / (atLow - atHigh);
    if (!(x > low && x < high) || high - low < 1e-14 * Math.abs(high)) break;
    const at = excess(x);
    if (Math.abs(at) < 1e-14) return x;
    // Illinois: the end that stays counts half, so that both ends close in
    if (at > 0) [low, atLow, atHigh] = [x, at, atHigh / 2];
    else [high, atHigh, atLow] = [x, at, atLow / 2];
  }
  return atLow > 0 && atHigh < 0 ? low + ((high - low) * atLow) / (atLow - atHigh) : atLow <= 0 ? low : high;
}
