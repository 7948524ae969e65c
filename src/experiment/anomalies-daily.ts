import { earliest } from '../core/instant.ts';
import { type Moments, mergeMoments } from '../core/moments.ts';
import type { Trace } from '../evaluate/trace.ts';
import { leavesUnitsOut } from '../metric-types/metric-type.ts';
import { METRIC_KINDS } from '../metric-types/registry.ts';
import type { SeriesPoint } from '../plan/answer.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';
import { type Period, periodName, periodsBetween } from './timeline-periods.ts';
import { armOfMoments, seriesOf } from './timeline-series.ts';
import { noMoments, refusalAlone, withIdle } from './timeline-values.ts';

/** A metric's days that are over at asOf, in all variants together or in one. */
export interface DailySeries {
  /** null: all variants. */
  readonly variant: string | null;
  readonly days: readonly DailyValue[];
}

export interface DailyValue {
  readonly period: Period;
  /** Of the metric, of what happened on the day alone; null: there is none. */
  readonly value: number | null;
  readonly standardError: number | null;
  /** Units whose values of the day could count: exposed, and their window open. null: not known, as units without a value are left out. */
  readonly atRisk: number | null;
  /** Units that did something on the day. */
  readonly active: number;
}

const DAY = 86_400;

/**
 * The days of a metric, pooled and by variant; null for a metric that has no daily values, or whose rows have no times. The value
 * of a day is that of the units under observation on it: for a metric with a window, those whose window is open, so that the
 * series does not fall only because early units are done.
 */
export async function dailySeriesOf(
  session: Session,
  row: ResultRow,
  trace?: Trace,
): Promise<readonly DailySeries[] | null> {
  const all: ResultRow = { ...row, analysis: { ...row.analysis, maturity: 'ALL' } };
  if (refusalAlone(all, 'CALENDAR') !== null) return null;
  const series = await seriesOf(session, all, { axis: 'CALENDAR', grain: 'DAY' }, trace);
  if (!series.ok || series.points.length === 0) return null;
  const { experiment } = row;
  const periods = wholeDays(row, series.points);
  const own = (variant: string) => series.points.filter((point) => point.variant === variant);
  return [
    { variant: null, days: valuesOf(row, series.points, periods) },
    ...experiment.variants.map(({ key }) => ({ variant: key, days: valuesOf(row, own(key), periods) })),
  ];
}

/** From the first day of anything to the last that is over, and on which rows still count. */
function wholeDays({ experiment, metric, analysis }: ResultRow, points: readonly SeriesPoint[]): readonly Period[] {
  const isOpen = metric.window === null || metric.window.length === null;
  const until = earliest(analysis.asOf, experiment.treatmentEnd, isOpen ? experiment.end : null)!;
  const { timezone } = experiment;
  const names = points.map(({ period }) => periodName(String(period), 'DAY')).sort();
  const at = (date: string) => `${date}T12:00:00.000000Z`;
  const days = periodsBetween(at(names[0]!), at(names.at(-1)!), { grain: 'DAY', timezone });
  // A running experiment's days go on to asOf, whether or not anything arrived.
  const later = experiment.end === null || earliest(experiment.end)! > until;
  const all = later ? periodsBetween(days[0]!.at, until, { grain: 'DAY', timezone }) : days;
  return all.filter(({ end }) => end <= until);
}

function valuesOf(row: ResultRow, points: readonly SeriesPoint[], periods: readonly Period[]): readonly DailyValue[] {
  const { metric } = row;
  const none = noMoments(points[0]?.added.pivots ?? metric.variables.map(() => 0));
  const byDay = new Map<string, Pick<SeriesPoint, 'entered' | 'alone'>>();
  for (const { period, entered, alone } of points) {
    const name = periodName(String(period), 'DAY');
    const known = byDay.get(name) ?? { entered: 0, alone: none };
    byDay.set(name, { entered: known.entered + entered, alone: mergeMoments(known.alone, alone) });
  }
  const leavesOut = metric.variables.some(leavesUnitsOut);
  const entered = periods.map(({ name }) => byDay.get(name)?.entered ?? 0);
  return periods.map((period, i) => {
    const alone = byDay.get(period.name)?.alone ?? none;
    const atRisk = leavesOut ? null : underObservation(metric.window, entered, i);
    return { period, atRisk, active: alone.units, ...sampleOf(row, alone, atRisk) };
  });
}

/** How many days before a day the units under observation on it entered: at most (null: however many), and at least. */
export function observedDays(window: ResultRow['metric']['window']): {
  readonly most: number | null;
  readonly least: number;
} {
  const most = window?.length == null ? null : Math.ceil((window.delay + window.length) / DAY);
  return { most, least: Math.floor((window?.delay ?? 0) / DAY) };
}

/** Units that entered early enough for their window to have begun by a day, and late enough for it not to be over. */
function underObservation(window: ResultRow['metric']['window'], entered: readonly number[], day: number): number {
  const { most, least } = observedDays(window);
  const first = most === null ? 0 : Math.max(0, day - most);
  return entered.slice(first, Math.max(0, day - least + 1)).reduce((sum, units) => sum + units, 0);
}

function sampleOf({ metric }: ResultRow, alone: Moments, atRisk: number | null) {
  const moments = atRisk === null ? alone : withIdle(alone, Math.max(atRisk, alone.units));
  const sample = METRIC_KINDS[metric.type].sample(armOfMoments('', 0, moments), metric);
  if (!sample.ok || !Number.isFinite(sample.mean)) return { value: null, standardError: null };
  const standardError = Math.sqrt(sample.variance / sample.n);
  return { value: sample.mean, standardError: Number.isFinite(standardError) ? standardError : null };
}
