import type { Unknown } from '../../core/vocabulary.ts';

/** A series at equal steps of time, oldest first; null where no value arrived. */
export type Series = readonly (number | null)[];

/**
 * What is unusual about a point: one value far above or below its expectation (SPIKE, DROP), the level of recent values
 * above or below the expectation (SHIFT_UP, SHIFT_DOWN), or no value (MISSING).
 */
export type AnomalyReason = 'SPIKE' | 'DROP' | 'SHIFT_UP' | 'SHIFT_DOWN' | 'MISSING';

/** Where a point was expected; outside [lower, upper] it is an anomaly. */
export interface ExpectedRange {
  readonly lower: number;
  readonly centre: number;
  readonly upper: number;
}

/** The judgement of one point of a series. */
export interface AnomalyPoint {
  readonly value: number | null;
  /** null when there is no expectation; `unknown` says why. Given for a missing value too. */
  readonly expected: ExpectedRange | null;
  /** Distance from the centre in standard deviations, signed; null when the value or the expectation is absent. */
  readonly score: number | null;
  /** null for an ordinary point, and for one that could not be judged. */
  readonly reason: AnomalyReason | null;
  readonly unknown: Unknown | null;
}

/** Too few points for an expectation. The vocabulary has no word for points of a series; its nearest one is used. */
export const TOO_FEW_POINTS: Unknown = 'TOO_FEW_UNITS';

/** Points that could not be judged; a missing value is still said to be missing. */
export function unjudged(series: Series, unknown: Unknown): AnomalyPoint[] {
  return series.map((value) => ({
    value,
    expected: null,
    score: null,
    reason: value === null ? 'MISSING' : null,
    unknown,
  }));
}

export interface Judgement {
  /** Expected value of the point. */
  readonly centre: number;
  /** Standard deviation about it, above 0. */
  readonly scale: number;
  /** Standard deviations from which on a point is an anomaly. */
  readonly threshold: number;
}

/** One value against its expectation: an anomaly when |value − centre|/scale > threshold. */
export function judge(value: number | null, { centre, scale, threshold }: Judgement): AnomalyPoint {
  const expected = { lower: centre - threshold * scale, centre, upper: centre + threshold * scale };
  if (value === null) return { value, expected, score: null, reason: 'MISSING', unknown: null };
  const score = (value - centre) / scale;
  const reason = Math.abs(score) <= threshold ? null : score > 0 ? 'SPIKE' : 'DROP';
  return { value, expected, score, reason, unknown: null };
}

/** Throws unless every value is null or finite: a NaN in a series is a bug of the caller. */
export function assertSeries(series: Series): void {
  if (series.some((value) => value !== null && !Number.isFinite(value))) {
    throw new RangeError('A series holds finite numbers, and null where a value is missing.');
  }
}

/** The values that arrived. */
export function presentValues(series: Series): number[] {
  return series.filter((value) => value !== null);
}
