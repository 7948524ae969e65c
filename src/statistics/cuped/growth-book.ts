import { criticalValue, intervalFor, pValueOf } from '../alternative.ts';
import { computed, type Inference, type Sample } from '../inference.ts';
import { deltaLift } from '../lift/delta.ts';
import type { Lift, LiftOptions } from '../lift/method.ts';
import type { Arms } from './adjustment.ts';

/**
 * GrowthBook's relative lift under CUPED (gbstats, RegressionAdjustedStatistic): the difference of the adjusted means over the
 * unadjusted control mean, its error by the delta method with the adjusted variances at the unadjusted means. For comparison;
 * ours is `lift` of the adjusted arms. Refuses what the DELTA lift refuses.
 */
export function growthBookCupedLift(unadjusted: Arms, adjusted: Arms, options: LiftOptions): Inference<Lift> {
  const spread = (arm: Sample, { variance }: Sample): Sample => ({ ...arm, variance });
  const control = spread(unadjusted.control, adjusted.control);
  const at = deltaLift(control, spread(unadjusted.treatment, adjusted.treatment), options);
  if (!at.ok) return at;
  const { standardError, degreesOfFreedom } = at;
  const df = degreesOfFreedom ?? Number.POSITIVE_INFINITY;
  const value = (adjusted.treatment.mean - adjusted.control.mean) / control.mean;
  const half = criticalValue(options.level, df, options.alternative) * standardError!;
  const [lower, upper] = [value - half, value + half];
  const statistic = value / standardError!;
  const interval = intervalFor(lower, upper, options.level, options.alternative);
  const pValue = pValueOf(statistic, df, options.alternative);
  return computed({ ...at, value, interval, pValue }, value, statistic, lower, upper);
}
