import type { Experiment, Source } from '../catalog/catalog.ts';
import { unlessEngineFails } from '../core/errors.ts';
import { addSeconds, type CanonicalInstant, earliest, latest } from '../core/instant.ts';
import type { Trace } from '../evaluate/trace.ts';
import { maturesAfter, measuresOf, sourcesOf } from '../metric-types/metric-type.ts';
import { assignmentSource, factSource } from '../plan/scope.ts';
import { type Analysis, metricVersionOf } from './analysis.ts';
import type { Session } from './session.ts';

/** Data this much older than needed is stale. */
export const STALE_AFTER_SECONDS = 48 * 3600;

export interface SourceFreshness {
  readonly source: string;
  /** null: it could not be read. */
  readonly rows: number | null;
  readonly latest: CanonicalInstant | null;
  /** Its newest row is more than 48 h older than what the experiment needs; null: unknown. Never so without timestamps. */
  readonly stale: boolean | null;
}

/**
 * Each source that an experiment's goals and guardrails read, its assignments first. A source must reach to min(asOf, end of
 * treatment, the last unit's exposure plus window): rows up to there could change the numbers.
 */
export async function freshnessOf(
  session: Session,
  experiment: Experiment,
  analysis: Analysis,
  lastExposure: Promise<CanonicalInstant | null>,
  trace?: Trace,
): Promise<readonly SourceFreshness[]> {
  const windows = new Map<string, number | null>();
  for (const member of experiment.metrics.filter(({ role }) => role !== 'DIAGNOSTIC')) {
    const metric = metricVersionOf(session, experiment, analysis, member.metric);
    const length = maturesAfter(metric);
    for (const source of measuresOf(metric).flatMap(sourcesOf)) {
      const known = windows.get(source);
      windows.set(
        source,
        windows.has(source) && known !== null && length !== null
          ? Math.max(known!, length)
          : windows.has(source)
            ? null
            : length,
      );
    }
  }
  const { activation } = experiment;
  // Without the rows that activate, nobody is analysed.
  if (activation != null && !windows.has(activation.measure.source)) windows.set(activation.measure.source, 0);
  const assignments = assignmentSource(session.catalog, experiment);
  const needed = async (window: number | null) => {
    const exposure = await lastExposure;
    const last =
      window === null
        ? earliest(experiment.end)
        : exposure === null
          ? null
          : addSeconds(exposure, window + (activation?.within ?? 0));
    return earliest(analysis.asOf, experiment.treatmentEnd, last);
  };
  return Promise.all([
    sourceFreshness(session, assignments, analysis.asOf, Promise.resolve(null), trace),
    ...[...windows].map(([name, window]) =>
      sourceFreshness(session, factSource(session.catalog, name), analysis.asOf, needed(window), trace),
    ),
  ]);
}

/** One source at asOf; `neededUntil` null: no row is ever missing. */
export async function sourceFreshness(
  session: Session,
  source: Source,
  asOf: CanonicalInstant,
  neededUntil: Promise<CanonicalInstant | null>,
  trace?: Trace,
): Promise<SourceFreshness> {
  const timed = source.kind !== 'experiments' && source.timestamp !== null;
  const [found, needed] = await Promise.all([
    unlessEngineFails(session.evaluator.ask({ kind: 'freshness', source, asOf }, trace)),
    neededUntil,
  ]);
  if (found === null) return { source: source.name, rows: null, latest: null, stale: null };
  const newest = latest(found.latest);
  const stale = timed && needed !== null && (newest === null || addSeconds(newest, STALE_AFTER_SECONDS) < needed);
  return { source: source.name, rows: found.rows, latest: newest, stale };
}
