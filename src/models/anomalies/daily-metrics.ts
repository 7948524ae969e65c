import type { Catalog } from '../../catalog/catalog.ts';
import type { CanonicalInstant } from '../../core/instant.ts';
import { earliest } from '../../core/instant.ts';
import { refusalAlone } from '../../experiment/timeline-values.ts';
import { measuresOf } from '../../metric-types/metric-type.ts';
import { assignmentSource, factSource } from '../../plan/scope.ts';
import { needsThresholds, seriesForm, seriesRefusal } from '../../plan/series-form.ts';
import { type DeclaredMetric, declaredMetrics, modelledExperiments } from '../declared.ts';

/** Days are of rows as they happened, whether or not their units are mature. */
export const OF_DAYS = { axis: 'CALENDAR', maturity: 'ALL', grain: 'DAY' } as const;

/** All metrics of experiments whose assignments have times, in declared order: those that anomalies are looked for in. */
export function watchedMetrics(catalog: Catalog): readonly DeclaredMetric[] {
  return modelledExperiments(catalog)
    .filter((experiment) => assignmentSource(catalog, experiment).timestamp !== null)
    .flatMap((experiment) => declaredMetrics(catalog, experiment));
}

/** Whether a metric's value of one day means something, and its rows have times. */
function hasDays(catalog: Catalog, { metric }: DeclaredMetric): boolean {
  const timed = measuresOf(metric).every(({ source }) => factSource(catalog, source).timestamp !== null);
  const refused = refusalAlone({ metric, analysis: OF_DAYS }, OF_DAYS.axis);
  return timed && refused === null && seriesRefusal(metric, formOf(metric)) === null;
}

const formOf = (metric: DeclaredMetric['metric']) => seriesForm({ ...OF_DAYS, metric });

/** Of those, the ones whose days are cut at percentiles of what their units come to: SQL has no days of them. */
export function untoldMetrics(catalog: Catalog): readonly DeclaredMetric[] {
  return watchedMetrics(catalog).filter(
    (one) => hasDays(catalog, one) && needsThresholds(one.metric, formOf(one.metric)),
  );
}

/** The metrics that have days. */
export function dailyMetrics(catalog: Catalog): readonly DeclaredMetric[] {
  return watchedMetrics(catalog).filter(
    (one) => hasDays(catalog, one) && !needsThresholds(one.metric, formOf(one.metric)),
  );
}

/** When a metric's rows stop to count, besides the present; null: never. */
export function stopOf({ experiment, metric }: DeclaredMetric): CanonicalInstant | null {
  const isOpen = metric.window === null || metric.window.length === null;
  return earliest(experiment.treatmentEnd, isOpen ? experiment.end : null);
}
