import { type AnomalyPoint, presentValues, type Series, TOO_FEW_POINTS, unjudged } from './anomaly.ts';
import { robustScale } from './robust-scale.ts';
import { judged } from './robust-z.ts';
import { type StlOptions, stl } from './stl.ts';

/** Fewest seasons: with three, the fit takes up most of the spread of the values. */
const FEWEST_SEASONS = 4;

/** n_s unless given: of series of days, over how many weeks the pattern of a week may change. */
export const SEASONAL_WINDOW = 35;
/** The share of the largest value below which the residuals' spread is rounding. */
export const FIT_ROUNDING = 1e-12;

export interface StlAnomalyOptions extends Omit<StlOptions, 'robust'> {
  /** Robust standard deviations of the residual from which on a point is an anomaly; 3.5 by default. */
  readonly threshold?: number;
}

/**
 * Each point against trend + season of the STL decomposition, in robust standard deviations of the residuals. For series
 * with a trend; without one, `robustZAnomalies` with a period is the sharper test. Unjudged below four seasons, where `stl`
 * refuses, and for residuals without spread.
 *
 * The fit is not the robust one, and the seasonal window is 35 unless given: simulated for a normal series with a trend,
 * 0.5 % (4 weeks) to 0.1 % (6 weeks and more) of ordinary points pass 3.5. The robust fit follows most points so closely
 * that 5–15 % would.
 */
export function stlAnomalies(series: Series, options: StlAnomalyOptions): AnomalyPoint[] {
  const { threshold = 3.5, period, seasonalWindow = SEASONAL_WINDOW } = options;
  if (series.length < FEWEST_SEASONS * period) return unjudged(series, TOO_FEW_POINTS);
  const parts = stl(series, { period, seasonalWindow, robust: false });
  if (!parts.ok) return unjudged(series, parts.reason);
  const centres = parts.trend.map((trend, i) => trend + parts.seasonal[i]!);
  // what rounding leaves of values that the fit meets exactly is no spread
  const size = presentValues(series).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const scale = robustScale(presentValues(parts.residual), 0);
  return judged(series, { centres, scale: scale > FIT_ROUNDING * size ? scale : 0, threshold });
}
