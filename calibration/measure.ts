import { uniformityTest } from '../src/statistics/kolmogorov-smirnov.ts';
import { wilsonInterval } from '../src/statistics/proportions.ts';
import { type Tallies, tallyOf } from './tally.ts';

/** Level of all Monte-Carlo bands, and its two-sided normal quantile. */
export const BAND_LEVEL = 0.999;
export const BAND_Z = 3.2905267314919255;

/** A simulated figure with its Monte-Carlo band. */
export interface Figure {
  readonly value: number;
  /** The band at BAND_LEVEL; null where the figure has none. */
  readonly band: { readonly low: number; readonly high: number } | null;
  /** Runs to which the figure applies. */
  readonly runs: number;
  /** Those that were refused and count as no event. */
  readonly refused: number;
}

export type Measure = (tallies: Tallies) => Figure;

/** Share of the runs in which something happened, with Wilson's interval. */
export function rate(find: string): Measure {
  return (tallies) => {
    const { runs, refused, sum } = tallyOf(tallies, find);
    const band = wilsonInterval({ units: runs, successes: sum }, BAND_LEVEL);
    return { value: sum / runs, band: band.ok ? { low: band.lower, high: band.upper } : null, runs, refused };
  };
}

/** Share of the runs in which something did not happen: a coverage. */
export function complement(find: string): Measure {
  return (tallies) => {
    const { value, band, ...counts } = rate(find)(tallies);
    return { ...counts, value: 1 - value, band: band && { low: 1 - band.high, high: 1 - band.low } };
  };
}

function moments(tallies: Tallies, find: string) {
  const { runs, refused, sum, sumOfSquares } = tallyOf(tallies, find);
  const mean = sum / runs;
  const variance = Math.max(0, (sumOfSquares - sum * mean) / (runs - 1));
  return { runs, refused, mean, variance };
}

/** Mean over the runs ± BAND_Z standard errors. */
export function mean(find: string): Measure {
  return (tallies) => {
    const { runs, refused, mean: value, variance } = moments(tallies, find);
    const half = BAND_Z * Math.sqrt(variance / runs);
    return { value, band: { low: value - half, high: value + half }, runs, refused };
  };
}

/** |mean| of an error in its Monte-Carlo standard errors: about 1 for an unbiased estimate, whatever the runs. */
export function biasInErrors(find: string): Measure {
  return (tallies) => {
    const { runs, refused, mean: value, variance } = moments(tallies, find);
    return { value: Math.abs(value) / Math.sqrt(variance / runs), band: null, runs, refused };
  };
}

/**
 * Variance of one error over that of another of the same runs. `product` is the find of their product, from which comes their
 * correlation r: the logarithm of the ratio has a standard error of √(4(1 − r²)/runs) for normal errors.
 */
export function varianceRatio(numerator: string, denominator: string, product: string): Measure {
  return (tallies) => {
    const [a, b, ab] = [numerator, denominator, product].map((find) => moments(tallies, find));
    const { runs, refused } = a!;
    const value = a!.variance / b!.variance;
    const r = (ab!.mean - a!.mean * b!.mean) / Math.sqrt(a!.variance * b!.variance);
    const half = BAND_Z * Math.sqrt((4 * (1 - r * r)) / runs);
    return { value, band: { low: value * Math.exp(-half), high: value * Math.exp(half) }, runs, refused };
  };
}

/** Kolmogorov–Smirnov distance of kept p-values from the uniform distribution. */
export function distanceFromUniform(find: string): Measure {
  return (tallies) => {
    const { values, refused } = tallyOf(tallies, find);
    const test = uniformityTest(values);
    if (!test.ok) throw new Error(`${find} has no kept values: ${test.reason}.`);
    return { value: test.distance, band: null, runs: values.length, refused };
  };
}

/** A number that takes no drawing: the mean of runs that are all the same. */
export function exactly(find: string): Measure {
  return (tallies) => ({ ...mean(find)(tallies), band: null });
}
