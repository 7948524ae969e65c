import { type AnomalyPoint, presentValues, type Series, unjudged } from './anomaly.ts';
import { robustScale } from './robust-scale.ts';
import { judged } from './robust-z.ts';
import { type StlOptions, stl } from './stl.ts';

export interface StlAnomalyOptions extends Omit<StlOptions, 'robust'> {
  /** Robust standard deviations of the residual from which on a point is an anomaly; 3.5 by default. */
  readonly threshold?: number;
}

/**
 * Each point against trend + season of the robust STL decomposition, in robust standard deviations of the residuals. For
 * series with a trend; without one, `robustZAnomalies` with a period is the sharper test. Unjudged where `stl` refuses.
 */
export function stlAnomalies(series: Series, { threshold = 3.5, ...options }: StlAnomalyOptions): AnomalyPoint[] {
  const parts = stl(series, { ...options, robust: true });
  if (!parts.ok) return unjudged(series, parts.reason);
  const centres = parts.trend.map((trend, i) => trend + parts.seasonal[i]!);
  return judged(series, { centres, scale: robustScale(presentValues(parts.residual), 0), threshold });
}
