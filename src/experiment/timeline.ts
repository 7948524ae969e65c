import { addSeconds, type CanonicalInstant, earliest, latest } from '../core/instant.ts';
import { mergeMoments } from '../core/moments.ts';
import type { TimeGrain, TimelineAxis, Unknown } from '../core/vocabulary.ts';
import type { Trace } from '../evaluate/trace.ts';
import { leavesUnitsOut } from '../metric-types/metric-type.ts';
import type { SeriesPoint } from '../plan/answer.ts';
import { assignmentSource } from '../plan/scope.ts';
import { seriesForm } from '../plan/series-form.ts';
import { notComputable } from '../statistics/inference.ts';
import { isRamped } from './allocation.ts';
import type { Arms } from './arm-pair.ts';
import { bothSamples, samplesOf } from './arms.ts';
import { type Comparison, differenceOf, headlineP } from './comparison.ts';
import { isGroupMethod } from './looks.ts';
import type { ResultRow } from './result-row.ts';
import { tuningUnits } from './sequence.ts';
import type { SequentialResult } from './sequential-result.ts';
import type { Session } from './session.ts';
import { type Period, periodName, periodsBetween } from './timeline-periods.ts';
import { armOfMoments, seriesOf } from './timeline-series.ts';
import { noMoments, refusalAlone, withIdle } from './timeline-values.ts';
import { validityOf } from './validity.ts';

export interface TimelineOptions {
  readonly grain: TimeGrain;
  readonly cumulative: boolean;
  readonly by: TimelineAxis;
}

/** One point of a line over time. */
export interface TimelinePoint {
  /** Of the calendar. */
  readonly period: Period | null;
  /** Since exposure, from 0. */
  readonly day: number | null;
  readonly comparison: Comparison;
  /** The always-valid form; null: the point is not cumulative. */
  readonly sequential: SequentialResult | null;
}

/**
 * A line over time, without gaps. Cumulative: as it would have been read at the end of each period, of the units that are
 * analysed at asOf, under the applied analysis (without covariates). Not cumulative: the values of each period alone, always
 * with fixed intervals. null: not applicable to this metric.
 */
export async function timelineOf(
  session: Session,
  row: ResultRow,
  { grain, cumulative, by }: TimelineOptions,
  trace?: Trace,
): Promise<readonly TimelinePoint[]> {
  const axis = by;
  const series = await seriesOf(session, row, { axis, grain: axis === 'CALENDAR' ? grain : 'DAY' }, trace);
  const own = (point: SeriesPoint) => point.slice === (row.slice?.index ?? 0);
  const points = series.ok ? series.points.filter(own) : [];
  const days = series.ok ? (series.days ?? 0) : 0;
  const places =
    axis === 'CALENDAR'
      ? periodsOf(row, points, grain).map((period) => ({ period, day: null, name: period.name }))
      : Array.from({ length: days }, (_, day) => ({ period: null, day, name: String(day) }));
  const clustered = assignmentSource(session.catalog, row.experiment).cluster != null;
  const control = armSeries({ row, clustered }, points, row.analysis.control.key, grain);
  const treatment = armSeries({ row, clustered }, points, row.treatment.key, grain);
  const refusal = series.ok
    ? (refusalOfUnits(session, row) ?? (cumulative ? null : refusalAlone(row, axis)))
    : series.reason;
  const whole = { control: control.total(), treatment: treatment.total() };
  const tuned = frozen(row, whole);
  return places.map(({ period, day, name }) => {
    const arms: Arms = { control: control.at(name, cumulative), treatment: treatment.at(name, cumulative) };
    // A declared look follows from the plan as it is.
    const line = !cumulative ? fixed(row) : isGroupMethod(row.analysis.sequential) ? row : tuned;
    const comparison = comparisonOf(line, arms, refusal);
    return { period, day, comparison, sequential: cumulative ? sequentialAt({ ...comparison, row: tuned }) : null };
  });
}

/** A series knows neither clusters nor phases: where they matter, its comparisons would be wrong. */
function refusalOfUnits(session: Session, { experiment }: ResultRow): Unknown | null {
  const isClustered = assignmentSource(session.catalog, experiment).cluster != null;
  return isClustered || isRamped(experiment) ? 'NOT_APPLICABLE' : null;
}

/** The arms of a point, compared as those of a line are. */
function comparisonOf(row: ResultRow, arms: Arms, refusal: Unknown | null): Comparison {
  const samples = refusal === null ? bothSamples(samplesOf(row, arms)) : notComputable(refusal);
  return { row, arms, samples };
}

const fixed = (row: ResultRow): ResultRow => ({ ...row, analysis: { ...row.analysis, sequential: 'NONE' } });

/** N* is one number for all points of a series: that of its end. */
function frozen(row: ResultRow, arms: Arms): ResultRow {
  const plan = row.experiment.plan ?? { end: null, unitsPerVariant: null, minRuntime: null };
  const unitsPerVariant = tuningUnits({ row, arms }) / 2;
  return { ...row, experiment: { ...row.experiment, plan: { ...plan, unitsPerVariant } } };
}

function sequentialAt(comparison: Comparison): SequentialResult {
  const { row } = comparison;
  const method = 'ASYMPTOTIC';
  const always: Comparison = { ...comparison, row: { ...row, analysis: { ...row.analysis, sequential: method } } };
  const pValue = headlineP(always);
  return {
    ...{ method, pValue, difference: differenceOf(always), validity: validityOf(row, method) },
    significant: pValue === null ? null : pValue <= row.analysis.alpha,
    informationFraction: null,
  };
}

/** One arm's moments by period, so far and alone. */
function armSeries(
  { row, clustered }: { readonly row: ResultRow; readonly clustered: boolean },
  points: readonly SeriesPoint[],
  variant: string,
  grain: TimeGrain,
) {
  const slice = row.slice?.index ?? 0;
  const own = new Map<string, SeriesPoint>();
  for (const point of points)
    if (point.variant === variant)
      own.set(typeof point.period === 'number' ? String(point.period) : periodName(point.period, grain), point);
  const pivots = points[0]?.added.pivots ?? row.metric.variables.map(() => 0);
  const none = noMoments(pivots);
  const maturing = isMaturing(row, points);
  const leavesOut = row.metric.variables.some(leavesUnitsOut);
  let sum = none;
  return {
    total: () =>
      armOfMoments(variant, slice, [...own.values()].map(({ added }) => added).reduce(mergeMoments, none), clustered),
    /** Asked for in the order of the periods. */
    at: (name: string, cumulative: boolean) => {
      const point = own.get(name);
      sum = point === undefined ? sum : mergeMoments(sum, point.added);
      const alone = point?.alone ?? none;
      const moments = cumulative ? sum : maturing || leavesOut ? alone : withIdle(alone, sum.units);
      return armOfMoments(variant, slice, moments, clustered);
    },
  };
}

/** Whether each unit counts in one period alone. */
function isMaturing({ metric, analysis }: ResultRow, points: readonly SeriesPoint[]): boolean {
  const axis = typeof points[0]?.period === 'number' ? 'DAYS_SINCE_EXPOSURE' : 'CALENDAR';
  return seriesForm({ axis, maturity: analysis.maturity, metric }) === 'MATURED';
}

/** From the start to where the data end: the present, or the last period of an experiment in which anything happened. */
function periodsOf(row: ResultRow, points: readonly SeriesPoint[], grain: TimeGrain): readonly Period[] {
  const { experiment, analysis } = row;
  const { timezone } = experiment;
  const named = points.map(({ period }) => periodName(String(period), grain)).sort();
  const beginning = (name: string): CanonicalInstant =>
    grain === 'HOUR' ? name : periodsBetween(noonOf(name), noonOf(name), { grain, timezone })[0]!.at;
  const first = earliest(experiment.start, named.length === 0 ? null : beginning(named[0]!));
  const observed = addSeconds(earliest(analysis.asOf, experiment.treatmentEnd)!, -0.001);
  const closed = experiment.end === null ? null : addSeconds(experiment.end, -0.001);
  const last =
    closed === null || closed > observed
      ? observed
      : latest(closed, named.length === 0 ? null : beginning(named.at(-1)!))!;
  return first === null || last < first ? [] : periodsBetween(first, last, { grain, timezone });
}

const noonOf = (date: string): CanonicalInstant => `${date}T12:00:00.000000Z`;
