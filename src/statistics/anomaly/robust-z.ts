import {
  type AnomalyPoint,
  assertSeries,
  judge,
  presentValues,
  type Series,
  TOO_FEW_POINTS,
  unjudged,
} from './anomaly.ts';
import { median, robustScale } from './robust-scale.ts';
import { residualsAbout, seasonalMedians } from './seasonal-median.ts';

/** Fewest values without a season: at 14, 1 % of ordinary points pass 3.5 deviations; at 7 it would be 3 %. */
export const FEWEST_VALUES = 14;

export interface RobustZOptions {
  /** Standard deviations from which on a point is an anomaly; 3.5 by default (Iglewicz & Hoaglin 1993). */
  readonly threshold?: number;
  /** Points in a season: 7 for days with a weekly pattern. Without it, one expectation holds for all points. */
  readonly period?: number;
}

/**
 * Each point against the median, in robust standard deviations: (x − median)/(1.4826·MAD) (Hampel 1974; Iglewicz & Hoaglin
 * 1993). With a season, each point against the median of the *other* values of its phase, the scale being that of these
 * distances about 0. The series should have no trend; for one that has, see `stlAnomalies`.
 *
 * Points are left unjudged where there are too few: 14 values, or 4 in each phase of the season; and for a constant series
 * (ZERO_VARIANCE). Missing values are reported in any case.
 */
export function robustZAnomalies(series: Series, { threshold = 3.5, period }: RobustZOptions = {}): AnomalyPoint[] {
  assertSeries(series);
  const values = presentValues(series);
  if (values.length < FEWEST_VALUES) return unjudged(series, TOO_FEW_POINTS);
  if (period === undefined) {
    const centre = median(values);
    return judged(series, { centres: series.map(() => centre), scale: robustScale(values, centre), threshold });
  }
  const season = seasonalMedians(series, period);
  if (season === null) return unjudged(series, TOO_FEW_POINTS);
  const distances = presentValues(residualsAbout(series, season.centresOfOthers));
  return judged(series, { centres: season.centresOfOthers, scale: robustScale(distances, 0), threshold });
}

interface Judgements {
  readonly centres: readonly number[];
  readonly scale: number;
  readonly threshold: number;
}

/** Every point against its own centre with one scale. */
export function judged(series: Series, { centres, scale, threshold }: Judgements): AnomalyPoint[] {
  if (!(threshold > 0)) throw new RangeError(`A threshold is above 0, not ${threshold}.`);
  if (!(scale > 0)) return unjudged(series, 'ZERO_VARIANCE');
  if (!Number.isFinite(scale * threshold)) return unjudged(series, 'OVERFLOW');
  return series.map((value, i) => {
    const point = judge(value, { centre: centres[i]!, scale, threshold });
    const finite = Number.isFinite(point.expected!.lower) && Number.isFinite(point.expected!.upper);
    return finite && Number.isFinite(point.score ?? 0) ? point : unjudged([value], 'OVERFLOW')[0]!;
  });
}
