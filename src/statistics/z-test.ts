import { criticalValue, intervalFor, pValueOf } from './alternative.ts';
import { contrast } from './contrast.ts';
import { computed, type Inference, type Sample } from './inference.ts';
import type { WelchOptions, WelchTest } from './welch.ts';

/**
 * z test of treatment minus control with unpooled variances: Welch's test with normal instead of t quantiles, as
 * spotify-confidence's ZTest. For large samples; below some 200 units an arm its error is above alpha, and Welch's t is right.
 * For zeros and ones in that library's form, take samples of p(1 − p) (`sampleOfProportion`, 'BINOMIAL').
 */
export function zTest(
  control: Sample,
  treatment: Sample,
  options: WelchOptions,
): Inference<Omit<WelchTest, 'degreesOfFreedom' | 'criticalValue'>> {
  const { level, alternative = 'two-sided' } = options;
  const test = contrast(control, treatment);
  if (!test.ok) return test;
  const { estimate: difference, standardError } = test;
  const statistic = difference / standardError;
  const half = criticalValue(level, Number.POSITIVE_INFINITY, alternative) * standardError;
  const [lower, upper] = [difference - half, difference + half];
  return computed(
    {
      difference,
      standardError,
      statistic,
      pValue: pValueOf(statistic, Number.POSITIVE_INFINITY, alternative),
      interval: intervalFor(lower, upper, level, alternative),
    },
    statistic,
    lower,
    upper,
  );
}
