import { normalQuantile } from './distributions.ts';
import { type Inference, notComputable } from './inference.ts';

/** z of the 95 % interval whose width measures the spread of a sample quantile; it is the same whatever level is reported. */
export const QUANTILE_Z = normalQuantile(0.975);

/** The three levels at which the engine has to read sample quantiles. */
export interface QuantileLevels {
  readonly lower: number;
  readonly probability: number;
  readonly upper: number;
}

/**
 * ν ∓ z·√(ν(1 − ν)/n) with z = z₀.₉₇₅: between the sample quantiles at these levels lies, in 95 % of samples, the true
 * quantile (normal approximation to the binomial ranks; Deng, Knoblich & Lu 2018, section 4; GrowthBook's levels).
 * `n` counts values. TOO_FEW_UNITS when a level would leave (0, 1): there is no order statistic to read.
 */
export function quantileLevels(n: number, probability: number): Inference<QuantileLevels> {
  assertQuantileProbability(probability);
  if (n < 1) return notComputable('NO_UNITS');
  if (!enoughValues(n, probability)) return notComputable('TOO_FEW_UNITS');
  const half = QUANTILE_Z * Math.sqrt((probability * (1 - probability)) / n);
  return { ok: true, lower: probability - half, probability, upper: probability + half };
}

/** Whether both levels of n values lie inside (0, 1): n > z²·ν/(1 − ν) and n > z²·(1 − ν)/ν. */
export function enoughValues(n: number, probability: number): boolean {
  const odds = probability / (1 - probability);
  return n > QUANTILE_Z * QUANTILE_Z * Math.max(odds, 1 / odds);
}

/** A place among the values that misses an integer by no more is that integer: 0.57·100 is 56.99999999999999 in doubles. */
export const RANK_TOLERANCE = 1e-9;

/** The order statistics between which a sample quantile is interpolated; ranks count from 1. */
export interface InterpolationRanks {
  readonly below: number;
  readonly above: number;
  /** quantile = x_(below) + fraction·(x_(above) − x_(below)). */
  readonly fraction: number;
}

/**
 * The ranks of the linearly interpolated quantile of n ≥ 1 values, h = p(n − 1) (Hyndman & Fan 1996, type 7; numpy's
 * 'linear', SQL's PERCENTILE_CONT). With `zeros`, the ranks among the other values, for an engine that only counts zeros
 * of a non-negative metric: a rank of 0 or less is a zero.
 */
export function interpolationRanks(n: number, probability: number, zeros = 0): InterpolationRanks {
  if (!(n >= 1)) throw new RangeError(`A quantile needs at least one value, not ${n}.`);
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(`A quantile's probability must be from 0 to 1, not ${probability}.`);
  }
  const position = probability * (n - 1);
  const floor = Math.floor(position + RANK_TOLERANCE);
  const fraction = Math.max(0, position - floor);
  return { below: floor + 1 - zeros, above: floor + (fraction > 0 ? 2 : 1) - zeros, fraction };
}

/** Throws unless 0 < probability < 1. */
export function assertQuantileProbability(probability: number): void {
  if (!(probability > 0 && probability < 1)) {
    throw new RangeError(`A quantile's probability must be between 0 and 1, not ${probability}.`);
  }
}
