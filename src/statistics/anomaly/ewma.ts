import { type AnomalyPoint, assertSeries, presentValues, type Series, TOO_FEW_POINTS, unjudged } from './anomaly.ts';
import { median, robustScale } from './robust-scale.ts';
import { seasonalMedians } from './seasonal-median.ts';

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

/** The share of the largest value below which a spread is rounding. */
export const LEVEL_ROUNDING = 1e-14;
/** λ by default. */
export const EWMA_WEIGHT = 0.2;
/** L by default. */
export const EWMA_THRESHOLD = 3;

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
 * so limits are tight at the start; a missing value moves neither. The centre is the median of the whole series (of each
 * phase), σ the robust scale of the differences between values one period apart over √2, which a shift hardly moves.
 *
 * Simulated, 8 weeks of independent normal values: 0.4 % of ordinary points are flagged (12 % of series have one); a shift
 * by 2σ in the last third is found in 95 %. As the shift moves the median too, points *before* it are then flagged in the
 * other direction in half of the series: the chart shows that the level changed, not which level is the usual one. With 4
 * weeks and a period it finds half of such shifts. Values must be independent but for the season: a trend or
 * autocorrelation alarms too often. Too few values, no spread: as in `robustZAnomalies`.
 */
export function ewmaAnomalies(series: Series, options: EwmaOptions = {}): EwmaPoint[] {
  const { weight = EWMA_WEIGHT, threshold = EWMA_THRESHOLD, period } = options;
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

/** Where each value is expected, and the standard deviation about it; null when a phase has too few values. */
function levelOf(series: Series, period: number | undefined) {
  const season = period === undefined ? null : seasonalMedians(series, period);
  if (period !== undefined && season === null) return null;
  const centre = season === null ? median(presentValues(series)) : 0;
  const centres = season?.centres ?? series.map(() => centre);
  const differences = laggedDifferences(series, period ?? 1);
  // a difference of two values varies by √2 times as much as one; rounding is no spread
  const scale = differences.length === 0 ? 0 : robustScale(differences, 0) / Math.SQRT2;
  const size = presentValues(series).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { centres, scale: scale > LEVEL_ROUNDING * size ? scale : 0 };
}

/** x_t − x_{t−lag} wherever both are there. */
function laggedDifferences(series: Series, lag: number): number[] {
  return series.flatMap((value, i) => {
    const earlier = series[i - lag] ?? null;
    return value === null || earlier === null ? [] : [value - earlier];
  });
}
