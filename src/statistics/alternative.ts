import { tSf, tTwoSidedP, tUpperQuantile } from './distributions.ts';
import type { Interval } from './inference.ts';

/** Which effect the test looks for: any, only a treatment above control, only one below it. */
export type Alternative = 'two-sided' | 'greater' | 'less';

/** Throws unless 0 < probability < 1: a level or an alpha outside is a bug of the caller. */
export function assertProbability(name: string, probability: number): void {
  if (!(probability > 0 && probability < 1))
    throw new RangeError(`${name} must be between 0 and 1, not ${probability}.`);
}

/** p-value of a t statistic; df Infinity is the normal distribution. */
export function pValueOf(statistic: number, df: number, alternative: Alternative = 'two-sided'): number {
  if (alternative === 'two-sided') return tTwoSidedP(statistic, df);
  return alternative === 'greater' ? tSf(statistic, df) : tSf(-statistic, df);
}

/** Critical value at a level: the t with (1 − level)/2 above it, or 1 − level for a one-sided alternative. */
export function criticalValue(level: number, df: number, alternative: Alternative = 'two-sided'): number {
  assertProbability('level', level);
  return tUpperQuantile(alternative === 'two-sided' ? (1 - level) / 2 : 1 - level, df);
}

/** The interval with the bound dropped that a one-sided alternative leaves open: the upper one for 'greater'. */
export function intervalFor(
  lower: number,
  upper: number,
  level: number,
  alternative: Alternative = 'two-sided',
): Interval {
  return {
    lower: alternative === 'less' ? null : lower,
    upper: alternative === 'greater' ? null : upper,
    level,
  };
}
