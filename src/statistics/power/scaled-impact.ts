import type { MetricType } from '../../core/vocabulary.ts';
import { computed, type Inference, type Interval, notComputable } from '../inference.ts';

/** An absolute difference per unit with its uncertainty, as {@link welchTest} gives it. */
export interface DifferencePerUnit {
  readonly difference: number;
  readonly standardError: number;
  readonly interval: Interval;
}

export interface Rollout {
  readonly type: MetricType;
  /** Units analysed, all arms together. */
  readonly units: number;
  /** Share of the eligible traffic that was in the experiment, 0 < share ≤ 1. */
  readonly share: number;
  /** Days over which these units were exposed, above 0. */
  readonly days: number;
}

/** What all eligible units together gain a day if every one of them is treated. */
export interface ScaledImpact {
  readonly value: number;
  readonly standardError: number;
  readonly interval: Interval;
}

/**
 * The difference per unit times the eligible units of a day, units/(share·days); GrowthBook's scaled impact. Units of the
 * future are taken to be as those of the experiment, and their number as known. A ratio's difference is not per unit:
 * NOT_APPLICABLE.
 */
export function scaledImpact(test: DifferencePerUnit, rollout: Rollout): Inference<ScaledImpact> {
  const { type, units, share, days } = rollout;
  if (!(share > 0 && share <= 1))
    throw new RangeError(`A share of traffic must be above 0 and at most 1, not ${share}.`);
  if (!(days > 0 && Number.isFinite(days))) throw new RangeError(`Days must be above 0, not ${days}.`);
  if (type === 'RATIO') return notComputable('NOT_APPLICABLE');
  if (units === 0) return notComputable('NO_UNITS');
  const scale = units / share / days;
  const [lower, upper] = [test.interval.lower, test.interval.upper].map((bound) =>
    bound === null ? null : bound * scale,
  );
  const [value, standardError] = [test.difference * scale, test.standardError * scale];
  const interval = { lower: lower!, upper: upper!, level: test.interval.level };
  return computed({ value, standardError, interval }, value, standardError, lower ?? 0, upper ?? 0);
}
