import type { Experiment, ExperimentMetric, MetricVersion, Variant } from '../catalog/catalog.ts';
import { MetricLayerError } from '../core/errors.ts';
import type { MetricRole } from '../core/vocabulary.ts';
import type { Trace } from '../evaluate/trace.ts';
import { checkFilter, type Filter } from '../plan/filter.ts';
import type { SliceKey } from '../plan/question.ts';
import { assignmentSource } from '../plan/scope.ts';
import { type Analysis, metricVersionOf, treatmentsOf } from './analysis.ts';
import type { Session } from './session.ts';
import { slicesOf } from './slices.ts';

/** One combination of dimension values that a row is about. */
export interface RowSlice {
  /** Position among the slices; their number for the rest. */
  readonly index: number;
  /** null: the rest. */
  readonly values: SliceKey | null;
}

/** One line of a scorecard: a metric of an experiment, one treatment against the control, one slice. Holds no data yet. */
export interface ResultRow {
  readonly experiment: Experiment;
  readonly member: ExperimentMetric;
  readonly metric: MetricVersion;
  readonly treatment: Variant;
  readonly where: Filter | null;
  readonly sliceBy: readonly string[];
  /** All slices told apart, in order; empty without `sliceBy`. */
  readonly slices: readonly SliceKey[];
  /** null: the whole population. */
  readonly slice: RowSlice | null;
  readonly analysis: Analysis;
}

export interface ResultFilter {
  readonly metrics?: readonly string[] | null | undefined;
  readonly roles?: readonly MetricRole[] | null | undefined;
  readonly treatments?: readonly string[] | null | undefined;
  readonly sliceBy?: readonly string[] | null | undefined;
  readonly where?: Filter | null | undefined;
}

const MOST_SLICED_DIMENSIONS = 3;

/** The lines of a scorecard in order: metric as declared, treatment as declared, slice by size. Data is read only to find slices. */
export async function resultRows(
  session: Session,
  experiment: Experiment,
  analysis: Analysis,
  filter: ResultFilter = {},
  trace?: Trace,
): Promise<readonly ResultRow[]> {
  checkResultFilter(session, experiment, analysis, filter);
  const sliceBy = filter.sliceBy ?? [];
  const where = filter.where ?? null;
  const members = experiment.metrics.filter(
    (member) => (filter.metrics?.includes(member.metric) ?? true) && (filter.roles?.includes(member.role) ?? true),
  );
  const treatments = treatmentsOf(experiment, analysis).filter(({ key }) => filter.treatments?.includes(key) ?? true);
  const found = sliceBy.length === 0 ? null : await slicesOf(session, experiment, where, analysis.asOf, sliceBy, trace);
  const slices = (found ?? []).flatMap(({ values }) => (values === null ? [] : [values]));
  const rowSlices: readonly (RowSlice | null)[] =
    found === null ? [null] : found.map(({ values }, i) => ({ values, index: values === null ? slices.length : i }));
  return members.flatMap((member) => {
    const metric = metricVersionOf(session, experiment, analysis, member.metric);
    return treatments.flatMap((treatment) =>
      rowSlices.map((slice) => ({ experiment, member, metric, treatment, where, sliceBy, slices, slice, analysis })),
    );
  });
}

function checkResultFilter(session: Session, experiment: Experiment, analysis: Analysis, filter: ResultFilter): void {
  const refuse = (message: string) => new MetricLayerError('BAD_USER_INPUT', message);
  const known = experiment.metrics.map(({ metric }) => metric);
  for (const name of [...(filter.metrics ?? []), ...analysis.metricVersions.keys()]) {
    if (!known.includes(name))
      throw new MetricLayerError(
        'UNKNOWN_METRIC',
        `Experiment "${experiment.key}" has no metric "${name.slice(0, 80)}". It has: ${known.join(', ') || 'none'}.`,
      );
  }
  for (const key of filter.treatments ?? []) {
    const treatments = treatmentsOf(experiment, analysis).map((variant) => variant.key);
    if (!treatments.includes(key))
      throw refuse(
        `Experiment "${experiment.key}" has no treatment "${key.slice(0, 80)}". It has: ${treatments.join(', ')}.`,
      );
  }
  if ((filter.sliceBy?.length ?? 0) > MOST_SLICED_DIMENSIONS)
    throw refuse(`sliceBy takes at most ${MOST_SLICED_DIMENSIONS} dimensions.`);
  if (filter.where != null) checkFilter(filter.where, assignmentSource(session.catalog, experiment));
}

/** The same line for the whole population. */
export function wholePopulation(row: ResultRow): ResultRow {
  return { ...row, where: null, sliceBy: [], slices: [], slice: null };
}
