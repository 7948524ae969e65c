import { assertProbability, criticalValue, pValueOf } from './alternative.ts';
import { computed, type Inference, type Interval, notComputable } from './inference.ts';

/** The effect on units in their day-th day since exposure (0 is the first). */
export interface DailyEffect {
  readonly day: number;
  readonly estimate: number;
  readonly standardError: number;
}

/** How the effect changes with the days since exposure. */
export interface EffectTrend {
  /** Change of the effect per day. */
  readonly slope: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
  readonly statistic: number;
  readonly pValue: number;
  readonly interval: Interval;
  /** The fitted effect on the first and on the last day given. */
  readonly firstEffect: number;
  readonly lastEffect: number;
  /** FADING: nearer to zero at the end (novelty); GROWING: farther (learning); NONE: p ≥ 1 − level. */
  readonly pattern: 'FADING' | 'GROWING' | 'NONE';
}

/** A week: with less, the days of the week are read as a trend, and a line through a few points is no evidence. */
export const FEWEST_DAYS = 7;

/**
 * Trend of daily effects: weighted regression of the effect on the day, weights 1/se² (Draper & Smith 1998, section 9.2),
 *
 *   slope = Σw(t − t̄)(d − d̄)/S,   S = Σw(t − t̄)²,   se² = [Σw·residual²/(n − 2)]/S,   t with n − 2 degrees of freedom
 *
 * Only the proportions of the standard errors count; the size of the error is that of the scatter about the line. So the
 * test also holds when the same units are seen on all days: what they have in common moves all days alike and leaves both
 * slope and scatter as they were. It does not hold for effects that are correlated more on near days than on far ones.
 *
 * Refused: fewer than seven different days (as TOO_FEW_UNITS, the vocabulary's nearest word); a day without error, or days
 * exactly on a line (ZERO_VARIANCE).
 */
export function effectTrend(days: readonly DailyEffect[], level: number): Inference<EffectTrend> {
  assertProbability('level', level);
  if (new Set(days.map(({ day }) => day)).size < FEWEST_DAYS) return notComputable('TOO_FEW_UNITS');
  if (days.some(({ standardError }) => standardError === 0)) return notComputable('ZERO_VARIANCE');
  const smallest = Math.min(...days.map(({ standardError }) => standardError));
  const weights = days.map(({ standardError }) => (smallest / standardError) ** 2);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const average = (of: (effect: DailyEffect) => number) =>
    days.reduce((sum, effect, i) => sum + (weights[i]! / total) * of(effect), 0);
  const origin = days[0]!;
  const day = origin.day + average((effect) => effect.day - origin.day);
  const level0 = origin.estimate + average((effect) => effect.estimate - origin.estimate);
  const spread = average((effect) => (effect.day - day) ** 2);
  const slope = average((effect) => (effect.day - day) * (effect.estimate - level0)) / spread;
  const scatter = average((effect) => (effect.estimate - level0 - slope * (effect.day - day)) ** 2);
  const size = average((effect) => effect.estimate ** 2);
  if (!Number.isFinite(slope) || !Number.isFinite(size)) return notComputable('OVERFLOW');
  // what rounding leaves of points on a line is no scatter
  if (!(spread > 0) || scatter <= 1e-24 * size) return notComputable('ZERO_VARIANCE');
  const degreesOfFreedom = days.length - 2;
  const standardError = Math.sqrt(scatter / degreesOfFreedom / spread);
  const statistic = slope / standardError;
  const half = criticalValue(level, degreesOfFreedom) * standardError;
  const pValue = pValueOf(statistic, degreesOfFreedom);
  const effectOn = (t: number) => level0 + slope * (t - day);
  const firstEffect = effectOn(Math.min(...days.map((effect) => effect.day)));
  const lastEffect = effectOn(Math.max(...days.map((effect) => effect.day)));
  const moving = Math.abs(lastEffect) < Math.abs(firstEffect) ? 'FADING' : 'GROWING';
  const result: EffectTrend = {
    slope,
    standardError,
    degreesOfFreedom,
    statistic,
    pValue,
    interval: { lower: slope - half, upper: slope + half, level },
    firstEffect,
    lastEffect,
    pattern: pValue < 1 - level ? moving : 'NONE',
  };
  return computed(result, slope, standardError, statistic, half, firstEffect, lastEffect);
}
