import type { Series } from '../statistics/anomaly/anomaly.ts';
import { ewmaAnomalies } from '../statistics/anomaly/ewma.ts';
import { median } from '../statistics/anomaly/robust-scale.ts';
import { robustZAnomalies } from '../statistics/anomaly/robust-z.ts';
import { residualsAbout, seasonalMedians } from '../statistics/anomaly/seasonal-median.ts';
import { stlAnomalies } from '../statistics/anomaly/stl-anomalies.ts';
import { normalSf } from '../statistics/distributions/normal.ts';
import type { Interval } from '../statistics/inference.ts';
import type { DailyValue } from './anomalies-daily.ts';

/** Something unusual about days of a series, by their indices. */
export interface Finding {
  readonly kind: 'SPIKE' | 'DROP' | 'LEVEL_SHIFT' | 'MISSING_DATA';
  readonly first: number;
  /** null: to the end of the series. */
  readonly last: number | null;
  readonly observed: number | null;
  readonly expected: Interval | null;
  /** Distance from what is expected, in standard deviations, signed. Of missing days: units that were expected, negative. */
  readonly score: number;
}

export const WEEK = 7;
/** Below four weeks a weekday has too few values to be told from the others. */
export const SEASONAL_DAYS = 4 * WEEK;
/** Iglewicz & Hoaglin (1993). */
export const THRESHOLD = 3.5;
/** Below four weeks, where a weekend may look like a drop. */
export const UNSEASONAL_THRESHOLD = 7;
/** Of the residual of a decomposition with a trend: what is farther out by weekday but not by it is a trend. */
export const CONFIRMED = 3;
/** Days that a level must have been off for it to be a shift. */
export const SHIFT_DAYS = 3;
/** Days in a row that are far out on one side, from which on they may be another level. */
export const LONG_RUN = 5;
/** Standard errors between the means before and after a shift, at the best of all days to part at. */
export const SHIFT_THRESHOLD = 4.5;
/** Units with a value below which a day without any is no surprise: by chance in e^-10, 1 of 22,000. */
export const EXPECTED_UNITS = 10;
/** Times the usual standard error from which on a day tells nothing of the level. */
export const UNCERTAIN = 2;

/**
 * Days that stand out of a series. Each is judged against the other days of its weekday (robust z; below four weeks against all
 * days, and twice as far out), and must also stand out of trend and season together (STL); a day whose own standard error is larger than usual must be
 * farther out in proportion. Consecutive days are one finding. A level shift is what an EWMA chart alarms on without them, where
 * a step explains the days better than a line does.
 */
export function findAnomalies(days: readonly DailyValue[]): readonly Finding[] {
  const missing = missingDays(days);
  const values: Series = days.map(({ value }, i) => (missing.has(i) ? null : value));
  const errors = days.flatMap(({ standardError }) => (standardError === null ? [] : [standardError]));
  const usual = errors.length === 0 ? 0 : median(errors);
  const widening = days.map(({ standardError }) => (usual > 0 ? Math.max(1, (standardError ?? 0) / usual) : 1));
  const outliers = outlyingDays(values, widening, false);
  const taken = new Set([...outliers, ...missing.values()].flatMap(({ first, last }) => range(first, last!)));
  const level = values.map((value, i) => (taken.has(i) || widening[i]! > UNCERTAIN ? null : value));
  const shift = levelShift(level);
  // What is above the old level after it has risen is the shift itself; without a shift a long row is told as it is.
  const single = merged(shift === null ? outlyingDays(values, widening, true) : outliers).filter(
    ({ first, score }) => shift === null || first < shift.first || Math.sign(score) !== Math.sign(shift.score),
  );
  return [...merged([...missing.values()]), ...single, ...(shift === null ? [] : [shift])];
}

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** The nominal share of ordinary values inside of so many standard deviations. */
export const levelOf = (threshold: number) => 1 - 2 * normalSf(threshold);

/** Days on which no unit did anything although many should have. */
function missingDays(days: readonly DailyValue[]): ReadonlyMap<number, Finding> {
  const rates = days.flatMap(({ active, atRisk }) => {
    if (active === 0) return [];
    return atRisk === null ? [active] : atRisk === 0 ? [] : [active / atRisk];
  });
  const usual = rates.length < WEEK ? 0 : median(rates);
  return new Map(
    days.flatMap(({ active, atRisk }, i) => {
      const expected = usual * (atRisk ?? 1);
      if (active > 0 || expected < EXPECTED_UNITS) return [];
      const finding: Finding = {
        ...{ kind: 'MISSING_DATA', first: i, last: i, observed: null, score: -expected },
        expected: null,
      };
      return [[i, finding] as const];
    }),
  );
}

/** How many days in a row are far out on one side, at a day that is. */
function runAt(signs: readonly number[], day: number): number {
  const other = (i: number) => signs[i] !== signs[day];
  const before = signs.slice(0, day).findLastIndex((_, i) => other(i));
  const after = signs.findIndex((_, i) => i > day && other(i));
  return (after < 0 ? signs.length : after) - before - 1;
}

/** Single days far from what is expected. `allRuns`: and rows of them that might be another level. */
function outlyingDays(values: Series, widening: readonly number[], allRuns: boolean): readonly Finding[] {
  const seasonal =
    values.length >= SEASONAL_DAYS ? robustZAnomalies(values, { threshold: THRESHOLD, period: WEEK }) : null;
  const isSeasonal = seasonal?.every(({ unknown }) => unknown === null) === true;
  const threshold = isSeasonal ? THRESHOLD : UNSEASONAL_THRESHOLD;
  const points = isSeasonal ? seasonal : robustZAnomalies(values, { threshold });
  const far = points.map(({ score }, i) =>
    score !== null && Math.abs(score) > threshold * widening[i]! ? Math.sign(score) : 0,
  );
  const isFar = far.map((sign, i) => sign !== 0 && (allRuns || runAt(far, i) < LONG_RUN));
  const others = values.map((value, i) => (isFar[i] ? null : value));
  const trended = values.length >= SEASONAL_DAYS ? stlAnomalies(others, { period: WEEK, threshold: 1 }) : null;
  return points.flatMap(({ value, score, expected }, i) => {
    const factor = widening[i]!;
    if (value === null || score === null || expected === null || !isFar[i]) return [];
    // Where it would be by trend and season of the days that are not in question.
    const fit = trended?.[i]?.expected ?? null;
    const away = fit === null ? score : (value - fit.centre) / (fit.upper - fit.centre);
    if (Math.sign(away) !== Math.sign(score) || Math.abs(away) < CONFIRMED * factor) return [];
    const half = (expected.upper - expected.centre) * factor;
    return [
      {
        ...{ kind: score > 0 ? 'SPIKE' : 'DROP', first: i, last: i, observed: value, score: score / factor },
        expected: { lower: expected.centre - half, upper: expected.centre + half, level: levelOf(threshold) },
      } as const,
    ];
  });
}

/** Consecutive days of one kind as one finding, told by the farthest of them. */
function merged(findings: readonly Finding[]): readonly Finding[] {
  const runs: Finding[] = [];
  for (const finding of findings) {
    const run = runs.at(-1);
    if (run === undefined || run.kind !== finding.kind || run.last !== finding.first - 1) runs.push(finding);
    else {
      const worst = Math.abs(finding.score) > Math.abs(run.score) ? finding : run;
      runs[runs.length - 1] = { ...worst, first: run.first, last: finding.last };
    }
  }
  return runs;
}

interface Parted {
  readonly at: number;
  readonly squares: number;
  readonly before: number;
  readonly after: number;
  readonly error: number;
}

/** A lasting change of the level; null: there is none, or it is a trend. */
function levelShift(values: Series): Finding | null {
  const seasonal = values.length >= SEASONAL_DAYS ? seasonalMedians(values, WEEK) : null;
  if (seasonal === null) return null;
  const chart = ewmaAnomalies(values, { period: WEEK });
  const runs = chart.reduce(
    (run, { reason }) => (reason === 'SHIFT_UP' || reason === 'SHIFT_DOWN' ? run + 1 : run >= SHIFT_DAYS ? run : 0),
    0,
  );
  if (runs < SHIFT_DAYS) return null;
  const overall = median(values.filter((value) => value !== null));
  const level = residualsAbout(values, seasonal.centres).map((value) => (value === null ? null : value + overall));
  const step = bestStep(level);
  if (step === null || step.squares >= lineSquares(level)) return null;
  const score = (step.after - step.before) / step.error;
  if (!Number.isFinite(score) || Math.abs(score) < SHIFT_THRESHOLD) return null;
  const half = SHIFT_THRESHOLD * step.error;
  return {
    ...{ kind: 'LEVEL_SHIFT', first: step.at, last: null, observed: step.after, score },
    expected: { lower: step.before - half, upper: step.before + half, level: levelOf(SHIFT_THRESHOLD) },
  };
}

/** The day to part the series at that leaves the least scatter about two levels, each of a week at least. */
function bestStep(level: Series): Parted | null {
  let best: Parted | null = null;
  for (let at = WEEK; at <= level.length - WEEK; at++) {
    const [before, after] = [present(level.slice(0, at)), present(level.slice(at))];
    if (before.length < WEEK - 2 || after.length < WEEK - 2) continue;
    const [a, b] = [mean(before), mean(after)];
    const squares = scatter(before, a) + scatter(after, b);
    if (best !== null && squares >= best.squares) continue;
    const variance = squares / (before.length + after.length - 2);
    best = { at, squares, before: a, after: b, error: Math.sqrt(variance * (1 / before.length + 1 / after.length)) };
  }
  return best;
}

/** Scatter about the best straight line. */
function lineSquares(level: Series): number {
  const points = level.flatMap((value, i) => (value === null ? [] : [{ i, value }]));
  const [t, v] = [mean(points.map(({ i }) => i)), mean(points.map(({ value }) => value))];
  const slope =
    points.reduce((sum, { i, value }) => sum + (i - t) * (value - v), 0) /
    points.reduce((sum, { i }) => sum + (i - t) ** 2, 0);
  return points.reduce((sum, { i, value }) => sum + (value - v - slope * (i - t)) ** 2, 0);
}

const present = (values: Series): number[] => values.filter((value) => value !== null);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value / values.length, 0);
const scatter = (values: readonly number[], about: number) =>
  values.reduce((sum, value) => sum + (value - about) ** 2, 0);
