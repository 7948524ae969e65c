import { type AnomalyPoint, assertSeries, presentValues, type Series, TOO_FEW_POINTS, unjudged } from './anomaly.ts';
import { median, robustScale } from './robust-scale.ts';
import { residualsAbout, seasonalMedians } from './seasonal-median.ts';

/** As for `robustZAnomalies`: the limits rest on a robust scale, which fewer values do not give. */
const FEWEST_VALUES = 14;

function assertWeight(weight: number): void {
  if (!(weight > 0 && weight <= 1)) throw new RangeError(`A weight is above 0 and at most 1, not ${weight}.`);
}

/**
 * Exponentially weighted moving average, z_t = w·x_t + (1 − w)·z_{t−1}, starting at the first value (Roberts 1959; pandas'
 * `ewm(alpha, adjust=False)` for a series without gaps). A missing value leaves it where it was; null before the first value.
 */
export function ewma(series: Series, weight: number): Series {
  assertSeries(series);
  assertWeight(weight);
  let level: number | null = null;
  return series.map((value) => {
    if (value !== null) level = level === null ? value : weight * value + (1 - weight) * level;
    return level;
  });
}

export interface EwmaOptions {
  /** λ: the share of the newest value; 0.2 by default. Smaller finds smaller shifts, later. */
  readonly weight?: number;
  /** L: standard deviations of the average from which on it is out of control; 3 by default. */
  readonly threshold?: number;
  /** Points in a season; its medians are taken out first. */
  readonly period?: number;
}

/** A point of the control chart: `expected` and `score` are those of the average, not of the value. */
export interface EwmaPoint extends AnomalyPoint {
  /** The average at this point, on the scale of the values. */
  readonly smoothed: number | null;
}

/**
 * EWMA control chart (Roberts 1959; Lucas & Saccucci 1990): finds a lasting shift that no single value shows. The average
 * starts at the centre, and its exact variance is carried along,
 *
 *   v_t = (1 − λ)²·v_{t−1} + λ²σ²   ( = σ²·λ/(2 − λ)·(1 − (1 − λ)^{2t}) without gaps),
 *
 * so limits are tight at the start; a missing value moves neither. Centre and σ are the median and the robust scale of the
 * whole series, so a shift is found as long as it covers less than half of it. Values must be independent but for the
 * season: a trend or autocorrelation alarms too often. Too few values, no spread: as in `robustZAnomalies`.
 */
export function ewmaAnomalies(series: Series, options: EwmaOptions = {}): EwmaPoint[] {
  const { weight = 0.2, threshold = 3, period } = options;
  assertSeries(series);
  assertWeight(weight);
  if (!(threshold > 0)) throw new RangeError(`A threshold is above 0, not ${threshold}.`);
  const values = presentValues(series);
  const none = (reason: Parameters<typeof unjudged>[1]) =>
    unjudged(series, reason).map((point) => ({ ...point, smoothed: null }));
  if (values.length < FEWEST_VALUES) return none(TOO_FEW_POINTS);
  const level = levelOf(series, period);
  if (level === null) return none(TOO_FEW_POINTS);
  if (level.scale === 0) return none('ZERO_VARIANCE');

  let [average, variance] = [0, 0];
  const points = series.map((value, i): EwmaPoint => {
    const centre = level.centres[i]!;
    if (value !== null) {
      average = weight * (value - centre) + (1 - weight) * average;
      variance = (1 - weight) ** 2 * variance + weight ** 2;
    }
    const deviation = level.scale * Math.sqrt(variance);
    const expected = { lower: centre - threshold * deviation, centre, upper: centre + threshold * deviation };
    const common = { value, expected, unknown: null, smoothed: centre + average };
    if (value === null) return { ...common, score: null, reason: 'MISSING' };
    const score = average / deviation;
    const reason = Math.abs(score) <= threshold ? null : score > 0 ? 'SHIFT_UP' : 'SHIFT_DOWN';
    return { ...common, score, reason };
  });
  const finite = points.every(({ expected, score, smoothed }) =>
    [expected!.lower, expected!.upper, score ?? 0, smoothed!].every(Number.isFinite),
  );
  return finite ? points : none('OVERFLOW');
}

/** Where each value is expected, and the robust standard deviation about it; null when a phase has too few values. */
function levelOf(series: Series, period: number | undefined) {
  if (period === undefined) {
    const centre = median(presentValues(series));
    return { centres: series.map(() => centre), scale: robustScale(presentValues(series), centre) };
  }
  const season = seasonalMedians(series, period);
  if (season === null) return null;
  const distances = presentValues(residualsAbout(series, season.centresOfOthers));
  return { centres: season.centres, scale: robustScale(distances, 0) };
}
