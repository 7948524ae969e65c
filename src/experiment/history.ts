import type { Experiment, MetricVersion } from '../catalog/catalog.ts';
import { MetricLayerError } from '../core/errors.ts';
import { addSeconds, type CanonicalInstant, canonicalInstant } from '../core/instant.ts';
import { maturesAfter } from '../metric-types/metric-type.ts';
import { HISTORY_VARIANT, historyName } from '../plan/history.ts';
import { factSource } from '../plan/scope.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';

export const DAY = 86_400;

/**
 * The units of a metric's source as an experiment of one arm, enrolled over the latest `lookbackDays` days whose outcomes are
 * complete at asOf: what an experiment with this metric would have met. The unit is exposed by its first row in that time.
 */
export function historyOf(
  session: Session,
  metric: MetricVersion,
  { asOf, lookbackDays }: { readonly asOf: CanonicalInstant; readonly lookbackDays: number },
): ResultRow {
  const source = factSource(session.catalog, metric.variables.at(-1)!.measures[0]!.source);
  if (source.timestamp === null) {
    throw new MetricLayerError(
      'NO_TIMESTAMP',
      `The history of metric "${metric.metric}" cannot be read: its source "${source.name}" has no timestamp. Declare one in the catalog, or ask for the power of a running experiment.`,
    );
  }
  const end = startOfUtcDay(addSeconds(asOf, -(maturesAfter(metric) ?? 0)));
  const variant = { key: HISTORY_VARIANT, name: HISTORY_VARIANT, description: null, weight: 1, isControl: true };
  const experiment: Experiment = {
    key: historyName(source.name),
    name: historyName(source.name),
    hypothesis: null,
    owner: null,
    tags: [],
    status: null,
    unit: source.unit,
    assignments: historyName(source.name),
    timezone: 'UTC',
    start: addSeconds(end, -lookbackDays * DAY),
    end,
    treatmentEnd: null,
    variants: [variant],
    metrics: [],
    plan: null,
    monitoring: 'FIXED',
    multiExposure: 'exclude',
    intent: 'improve',
    analysis: { alpha: 0.05, correction: 'NONE', lift: 'FIELLER', sequential: 'NONE', harmAlpha: 0.05 },
    place: metric.place,
  };
  return {
    experiment,
    member: {
      metric: metric.metric,
      version: metric.number,
      role: 'DIAGNOSTIC',
      margin: null,
      minimumDetectableEffect: null,
    },
    metric,
    treatment: variant,
    where: null,
    sliceBy: [],
    slices: [],
    slice: null,
    analysis: baseAnalysis(experiment, asOf),
  };
}

/** Only whole days make traffic comparable. */
const startOfUtcDay = (instant: CanonicalInstant): CanonicalInstant =>
  canonicalInstant(`${instant.slice(0, 10)}T00:00:00Z`);

function baseAnalysis(experiment: Experiment, asOf: CanonicalInstant): ResultRow['analysis'] {
  const { alpha, correction, lift, sequential, harmAlpha } = experiment.analysis;
  return {
    alpha,
    level: 1 - alpha,
    correction,
    cuped: false,
    stratifyBy: [],
    prior: null,
    sequential,
    lift,
    control: experiment.variants[0]!,
    asOf,
    maturity: 'REQUIRED',
    harmAlpha,
    metricVersions: new Map(),
  };
}
