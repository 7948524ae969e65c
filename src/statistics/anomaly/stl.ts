import { computed, type Inference, notComputable } from '../inference.ts';
import { assertSeries, presentValues, type Series, TOO_FEW_POINTS } from './anomaly.ts';
import { loess, loessAt } from './loess.ts';
import { median } from './robust-scale.ts';

export interface StlOptions {
  /** Points in a season: 7 for days with a weekly pattern. */
  readonly period: number;
  /** Whether outliers are weighted down, so that they stay in the residual. */
  readonly robust: boolean;
  /** n_s, odd, at least 7: over how many seasons the seasonal pattern may change. 7 by default. */
  readonly seasonalWindow?: number;
}

/** value = trend + seasonal + residual. */
export interface Decomposition {
  /** Known at missing values too. */
  readonly trend: readonly number[];
  readonly seasonal: readonly number[];
  /** null where the value is missing. */
  readonly residual: readonly (number | null)[];
}

/** How many neighbours have a say in each of the smoothings: n_s, n_t and n_l of the paper. */
export interface StlWindows {
  readonly period: number;
  readonly seasonal: number;
  readonly trend: number;
  readonly lowPass: number;
}

const oddFrom = (least: number) => least + (least % 2 === 0 ? 1 : 0);

/** The paper's choices for a season of so many points, and a seasonal window of so many seasons. */
export function stlWindows(period: number, seasonal: number): StlWindows {
  const trend = oddFrom(Math.ceil((1.5 * period) / (1 - 1.5 / seasonal)));
  return { period, seasonal, trend, lowPass: oddFrom(period + 1) };
}

/** Fewest values of each phase of the season. */
export const FEWEST_PER_SEASON = 2;

/** Passes without robustness weights. */
export const INNER_PASSES = 5;

/**
 * Seasonal-trend decomposition by loess, STL (Cleveland, Cleveland, McRae & Terpenning 1990), with the paper's choices:
 * n_l the least odd number above the period, n_t the least odd number ≥ 1.5·n_p/(1 − 1.5/n_s), all fits locally linear;
 * 5 inner passes, or 2 in each of 1 + 15 outer ones when robust. As statsmodels' STL. A missing value has weight 0.
 *
 * Refused (too few points): fewer than two whole periods, a phase of the season with fewer than two values, or a gap that no
 * local fit can bridge. OVERFLOW for values whose sums leave the doubles.
 */
export function stl(series: Series, { period, robust, seasonalWindow = 7 }: StlOptions): Inference<Decomposition> {
  assertSeries(series);
  if (!(Number.isInteger(period) && period >= 2)) throw new RangeError(`A period is 2 or more points, not ${period}.`);
  if (!(seasonalWindow >= 7 && seasonalWindow % 2 === 1)) {
    throw new RangeError(`The seasonal window is an odd number from 7 on, not ${seasonalWindow}.`);
  }
  const n = series.length;
  const phases = Array.from({ length: period }, (_, phase) => {
    return presentValues(series.filter((_value, i) => i % period === phase));
  });
  if (n < 2 * period || phases.some((values) => values.length < FEWEST_PER_SEASON))
    return notComputable(TOO_FEW_POINTS);
  const windows = stlWindows(period, seasonalWindow);
  // a stand-in for a missing value: it has no weight, so it moves nothing
  const y = Float64Array.from(series, (value, i) => value ?? median(phases[i % period]!));
  const present = series.map((value) => (value === null ? 0 : 1));
  const complete = !series.includes(null);

  let trend: Float64Array = new Float64Array(n);
  let seasonal: Float64Array = new Float64Array(n);
  let weights: readonly number[] | null = complete ? null : present;
  for (let outer = 0; outer <= (robust ? 15 : 0); outer++) {
    if (outer > 0) {
      const robustness = bisquare(
        y.map((value, i) => value - trend[i]! - seasonal[i]!),
        present,
      );
      weights = robustness.map((weight, i) => weight * present[i]!);
    }
    for (let inner = 0; inner < (robust ? 2 : INNER_PASSES); inner++) {
      const pattern = seasonalOf(
        y.map((value, i) => value - trend[i]!),
        weights,
        windows,
      );
      const smooth = loess({ values: y.map((value, i) => value - pattern.fit[i]!), weights, window: windows.trend });
      if (outer === 0 && !complete && (pattern.gap || smooth.gap)) return notComputable(TOO_FEW_POINTS);
      [seasonal, trend] = [pattern.fit, smooth.fit];
    }
  }
  const residual = series.map((value, i) => (value === null ? null : value - seasonal[i]! - trend[i]!));
  const result = { trend: [...trend], seasonal: [...seasonal], residual };
  return computed(result, ...result.trend, ...result.seasonal);
}

/** Steps 2–4 of the inner loop: the smoothed phases, one period longer on both sides, less their own low-pass level. */
function seasonalOf(detrended: Float64Array, weights: readonly number[] | null, windows: StlWindows) {
  const { period, seasonal: window, lowPass } = windows;
  const n = detrended.length;
  const cycle = new Float64Array(n + 2 * period);
  let gap = false;
  for (let phase = 0; phase < period; phase++) {
    const ofPhase = (_: unknown, i: number) => i % period === phase;
    const input = { values: detrended.filter(ofPhase), weights: weights?.filter(ofPhase) ?? null, window };
    const k = input.values.length;
    const smooth = loess(input);
    const before = loessAt(input, -1, 0, Math.min(window, k) - 1) ?? smooth.fit[0]!;
    const after = loessAt(input, k, Math.max(0, k - window), k - 1) ?? smooth.fit[k - 1]!;
    [before, ...smooth.fit, after].forEach((value, season) => {
      cycle[season * period + phase] = value;
    });
    gap ||= smooth.gap;
  }
  const averaged = movingAverage(movingAverage(movingAverage(cycle, period), period), 3);
  const level = loess({ values: averaged, weights: null, window: lowPass }).fit;
  return { fit: level.map((value, i) => cycle[period + i]! - value), gap };
}

function movingAverage(values: Float64Array, length: number): Float64Array {
  return Float64Array.from({ length: values.length - length + 1 }, (_, start) => {
    let sum = 0;
    for (let i = start; i < start + length; i++) sum += values[i]!;
    return sum / length;
  });
}

/** Robustness weights (1 − (|r|/6m)²)², m the median of |r| over the values that arrived (section 2.4 of the paper). */
function bisquare(residuals: Float64Array, present: readonly number[]): number[] {
  const sizes = [...residuals].map(Math.abs);
  const reach = 6 * median(sizes.filter((_, i) => present[i] === 1));
  return sizes.map((size) => {
    if (reach === 0 || size <= 0.001 * reach) return 1;
    return size <= 0.999 * reach ? (1 - (size / reach) ** 2) ** 2 : 0;
  });
}
