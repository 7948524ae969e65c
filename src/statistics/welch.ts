import { type Alternative, criticalValue, intervalFor, pValueOf } from './alternative.ts';
import { contrast } from './contrast.ts';
import { computed, type Inference, type Interval, type Sample } from './inference.ts';

export interface WelchOptions {
  /** Confidence level of the interval, e.g. 0.95. */
  readonly level: number;
  readonly alternative?: Alternative;
}

/** The test of the absolute difference of two arms. */
export interface WelchTest {
  /** Treatment minus control. */
  readonly difference: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
  /** difference/standardError. */
  readonly statistic: number;
  readonly pValue: number;
  /** Student's t at the level. */
  readonly criticalValue: number;
  /** A one-sided alternative leaves the other bound null. */
  readonly interval: Interval;
}

/**
 * Welch's two-sample t test of treatment minus control, unequal variances (Welch 1947; as scipy's
 * `ttest_ind_from_stats(equal_var=False)`). Means, proportions and ratios alike come as samples.
 */
export function welchTest(control: Sample, treatment: Sample, options: WelchOptions): Inference<WelchTest> {
  const { level, alternative = 'two-sided' } = options;
  const test = contrast(control, treatment);
  if (!test.ok) return test;
  const { estimate: difference, standardError, degreesOfFreedom } = test;
  const statistic = difference / standardError;
  const critical = criticalValue(level, degreesOfFreedom, alternative);
  const half = critical * standardError;
  const [lower, upper] = [difference - half, difference + half];
  return computed(
    {
      difference,
      standardError,
      degreesOfFreedom,
      statistic,
      pValue: pValueOf(statistic, degreesOfFreedom, alternative),
      criticalValue: critical,
      interval: intervalFor(lower, upper, level, alternative),
    },
    statistic,
    lower,
    upper,
  );
}
