import { presentValues, type Series } from './anomaly.ts';
import { median } from './robust-scale.ts';

/** Fewest values that a phase of the season needs: one to be judged, three to be judged by (of two, one may be an outlier). */
export const FEWEST_PER_PHASE = 4;

/** The season taken out of a series by medians; phases count from the first point. */
export interface SeasonalMedians {
  /** Median of all values of the point's phase. */
  readonly centres: readonly number[];
  /** Value minus that median. */
  readonly residuals: Series;
  /**
   * Median of the *other* values of the phase. With five weeks a value is a fifth of its own median: its residual is then
   * too small, and so is the spread of the residuals (measured: by 25 %, so that 2.5 % of ordinary points passed 3.5
   * deviations; 0.3 % do when each point is left out of its own expectation).
   */
  readonly centresOfOthers: readonly number[];
}

/** The season of a series, or null when a phase has fewer than four values. */
export function seasonalMedians(series: Series, period: number): SeasonalMedians | null {
  if (!(Number.isInteger(period) && period >= 1)) throw new RangeError(`A period is a whole number, not ${period}.`);
  const phases = Array.from({ length: period }, (_, phase) => {
    return presentValues(series.filter((_value, i) => i % period === phase));
  });
  if (phases.some((values) => values.length < FEWEST_PER_PHASE)) return null;
  const centres = seasonalCentres(series, period);
  const centresOfOthers = series.map((value, i) => {
    const values = phases[i % period]!;
    return value === null ? centres[i]! : median(values.toSpliced(values.indexOf(value), 1));
  });
  return { centres, residuals: residualsAbout(series, centres), centresOfOthers };
}

/** For each point the median of the values of its phase. Every phase needs a value. */
export function seasonalCentres(series: Series, period: number): number[] {
  const medians = Array.from({ length: period }, (_, phase) =>
    median(presentValues(series.filter((_value, i) => i % period === phase))),
  );
  return series.map((_, i) => medians[i % period]!);
}

/** Values minus their centres; null stays null. */
export function residualsAbout(series: Series, centres: readonly number[]): Series {
  return series.map((value, i) => (value === null ? null : value - centres[i]!));
}
