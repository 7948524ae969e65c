import { MetricLayerError } from '../core/errors.ts';
import { earliest } from '../core/instant.ts';
import { type Moments, mergeMoments } from '../core/moments.ts';
import type { TimeGrain, TimelineAxis } from '../core/vocabulary.ts';
import { pivotsNeeded } from '../evaluate/conditioning.ts';
import type { Trace } from '../evaluate/trace.ts';
import { maturesAfter, measuresOf } from '../metric-types/metric-type.ts';
import type { ArmMoments, SeriesPoint } from '../plan/answer.ts';
import { NO_CLUSTERS } from '../plan/cluster-columns.ts';
import type { SeriesQuestion } from '../plan/question.ts';
import { factSource } from '../plan/scope.ts';
import { needsThresholds, seriesForm, seriesRefusal } from '../plan/series-form.ts';
import { type Inference, notComputable } from '../statistics/inference.ts';
import { capFault, momentsOf } from './arms.ts';
import type { ResultRow } from './result-row.ts';
import { populationOf, requireTimestamps, type Session } from './session.ts';

export interface SeriesOptions {
  readonly axis: TimelineAxis;
  readonly grain: TimeGrain;
}

/** A line's metric by period, all variants and slices; not computable where it has no such series. */
export interface Series {
  readonly points: readonly SeriesPoint[];
  /** On DAYS_SINCE_EXPOSURE: how many days all units of the cohort were observed. */
  readonly days: number | null;
}

/**
 * Asks for a series. Values so far of a metric with a cap at a percentile take a second round: the thresholds are those of the
 * whole at asOf, the same for all points; so does a metric whose plain sums would cancel. Refused by name: sources without
 * timestamps (NO_TIMESTAMP). NOT_APPLICABLE: quantiles, and what has no value so far.
 */
export async function seriesOf(
  session: Session,
  row: ResultRow,
  { axis, grain }: SeriesOptions,
  trace?: Trace,
): Promise<Inference<Series>> {
  const { experiment, metric, analysis, sliceBy, slices } = row;
  requireTimestamps(session, experiment, 'A series over time');
  for (const { source } of measuresOf(metric)) requireFactTimes(session, row, source);
  const { maturity } = analysis;
  const form = seriesForm({ axis, maturity, metric });
  const days = axis === 'CALENDAR' ? null : daysOfCohort(row);
  if (seriesRefusal(metric, form) !== null || days === 0) return notComputable('NOT_APPLICABLE');
  let thresholds: SeriesQuestion['thresholds'] = null;
  if (needsThresholds(metric, form)) {
    const moments = await momentsOf(session, row, ['products', 'capping'], trace);
    const [arm] = moments;
    const fault = arm === undefined ? null : capFault({ control: arm, treatment: arm });
    if (fault !== null) return notComputable(fault);
    thresholds = { lower: arm?.capping?.lower ?? null, upper: arm?.capping?.upper ?? null };
  }
  const question: SeriesQuestion = {
    ...{ kind: 'series', metric, maturity, axis, grain, days, sliceBy, slices, thresholds, pivots: null },
    population: populationOf(session, experiment, row.where, analysis.asOf),
  };
  const points = await session.evaluator.ask(question, trace);
  const pivots = pivotsNeeded(totals(points));
  if (pivots === null) return { ok: true, points, days };
  return { ok: true, points: await session.evaluator.ask({ ...question, pivots }, trace), days };
}

function requireFactTimes(session: Session, { metric }: ResultRow, name: string): void {
  if (factSource(session.catalog, name).timestamp !== null) return;
  throw new MetricLayerError(
    'NO_TIMESTAMP',
    `A series of metric "${metric.metric}" cannot be had: its source "${name}" has no timestamp. Declare one in the catalog, or ask without it.`,
  );
}

/** What all points add up to, by arm and slice. */
function totals(points: readonly SeriesPoint[]): readonly ArmMoments[] {
  const sums = new Map<string, SeriesPoint>();
  for (const point of points) {
    const key = `${point.variant} ${point.slice}`;
    const known = sums.get(key);
    sums.set(key, known === undefined ? point : { ...known, added: mergeMoments(known.added, point.added) });
  }
  return [...sums.values()].map(({ variant, slice, added }) => armOfMoments(variant, slice, added));
}

/** Moments that are all that is known of an arm. `clustered`: of units whose clusters were randomised, so that its error is not. */
export function armOfMoments(variant: string, slice: number, moments: Moments, clustered = false): ArmMoments {
  return {
    ...{ variant, slice, exposed: moments.units, moments },
    ...{ order: null, joint: null, shape: null, unitsWithValue: null },
    ...{ capping: null, invalidRows: null, rowsBelowMinimum: null },
    ...(clustered ? { clusters: NO_CLUSTERS } : {}),
  };
}

const MOST_DAYS = 28;
const FEW_DAYS = 7;
const DAY = 86_400;

/**
 * How many whole days every unit of the cohort of DAYS_SINCE_EXPOSURE has been observed: half the time since the start, so that
 * the units of the first half are in it; at most four weeks, and no longer than the metric's window is. A week where no start
 * is declared.
 */
export function daysOfCohort({ experiment, metric, analysis }: ResultRow): number {
  const after = maturesAfter(metric);
  const observed = earliest(analysis.asOf, experiment.treatmentEnd, after === null ? experiment.end : null)!;
  const start = earliest(experiment.start);
  const seen = start === null ? FEW_DAYS : Math.floor((Date.parse(observed) - Date.parse(start)) / 1000 / DAY / 2);
  const { window } = metric;
  const end = window?.length == null ? Number.POSITIVE_INFINITY : Math.ceil((window.delay + window.length) / DAY);
  return Math.max(0, Math.min(seen, MOST_DAYS, end));
}
