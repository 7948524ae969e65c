import { normalQuantile } from '../distributions.ts';

/** 1/Φ⁻¹(¾): makes the median absolute deviation the standard deviation of a normal sample. */
export const NORMAL_MAD = 1 / normalQuantile(0.75);

/** The share of the largest number below which what a subtraction leaves is rounding. */
export const ROUNDING = 1e-14;

/** The middle value, or the average of the two middle ones; at least one value. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('The median needs at least one value.');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  const [below, above] = [sorted[middle - 1]!, sorted[middle]!];
  return below + (above - below) / 2;
}

/** Median absolute deviation about the median, times 1.4826 so that it estimates a normal standard deviation (Hampel 1974). */
export function medianAbsoluteDeviation(values: readonly number[], centre = median(values)): number {
  return NORMAL_MAD * median(values.map((value) => Math.abs(value - centre)));
}

/**
 * A standard deviation that outliers do not move: the median absolute deviation; where more than half the values are equal,
 * which makes it 0, the mean absolute deviation times √(π/2) (Iglewicz & Hoaglin 1993). 0 only when all values are equal.
 */
export function robustScale(values: readonly number[], centre = median(values)): number {
  const mad = medianAbsoluteDeviation(values, centre);
  // what the rounding of a subtraction leaves is no spread
  const rounding = ROUNDING * values.reduce((most, value) => Math.max(most, Math.abs(value)), Math.abs(centre));
  if (mad > rounding) return mad;
  const mean = values.reduce((sum, value) => sum + Math.abs(value - centre) / values.length, 0);
  const scale = Math.sqrt(Math.PI / 2) * mean;
  return scale > rounding ? scale : 0;
}
