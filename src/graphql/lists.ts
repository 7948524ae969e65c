import type { Experiment, Metric } from '../catalog/catalog.ts';
import { earliest } from '../core/instant.ts';
import { statusOf } from '../experiment/analysis.ts';
import type { ExperimentFilter, ExperimentOrder, MetricFilter } from './inputs.ts';

const contains = (texts: readonly (string | null)[], search: string) =>
  texts.some((text) => text?.toLowerCase().includes(search.toLowerCase()));

/** Experiments that a filter lets through, in a stable order. */
export function filterExperiments(
  experiments: Iterable<Experiment>,
  filter: ExperimentFilter | null,
  now: string,
  order: ExperimentOrder | null,
): readonly Experiment[] {
  const kept = [...experiments].filter(
    (experiment) =>
      (filter?.keys?.includes(experiment.key) ?? true) &&
      (filter?.status?.includes(statusOf(experiment, now)) ?? true) &&
      (filter?.owner == null || experiment.owner === filter.owner) &&
      (filter?.tags?.every((tag) => experiment.tags.includes(tag)) ?? true) &&
      (filter?.search == null || contains([experiment.key, experiment.name, experiment.hypothesis], filter.search)) &&
      (filter?.metric == null || experiment.metrics.some(({ metric }) => metric === filter.metric)) &&
      (filter?.startedAfter == null ||
        (experiment.start !== null && earliest(experiment.start)! >= filter.startedAfter)) &&
      (filter?.startedBefore == null ||
        (experiment.start !== null && earliest(experiment.start)! < filter.startedBefore)),
  );
  const by = (experiment: Experiment) =>
    order?.field === 'NAME' ? experiment.name : (earliest(experiment.start) ?? '');
  const sign = order?.direction === 'DESC' ? -1 : 1;
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return kept.sort((a, b) => (order == null ? 0 : sign * compare(by(a), by(b))) || compare(a.key, b.key));
}

/** Metrics that a filter lets through, by name. */
export function filterMetrics(metrics: Iterable<Metric>, filter: MetricFilter | null): readonly Metric[] {
  return [...metrics]
    .filter(
      (metric) =>
        (filter?.includeDeprecated || metric.deprecated === null) &&
        (filter?.owner == null || metric.owner === filter.owner) &&
        (filter?.tags?.every((tag) => metric.tags.includes(tag)) ?? true) &&
        (filter?.types?.includes(metric.versions.at(-1)!.type) ?? true) &&
        (filter?.search == null || contains([metric.name, metric.title, metric.description], filter.search)),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
