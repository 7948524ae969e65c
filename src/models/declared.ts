import type { Catalog, Experiment, ExperimentMetric, MetricVersion } from '../catalog/catalog.ts';

/** A metric in its role in an experiment, and the version that is computed. */
export interface DeclaredMetric {
  readonly experiment: Experiment;
  readonly member: ExperimentMetric;
  readonly metric: MetricVersion;
}

/** The experiments that the models hold, ascending by key: all but drafts. */
export function modelledExperiments({ experiments }: Catalog): readonly Experiment[] {
  return [...experiments.values()].filter(({ status }) => status !== 'DRAFT').sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** The metrics of an experiment, in declared order; of each the version that the experiment names, else the newest. */
export function declaredMetrics({ metrics }: Catalog, experiment: Experiment): readonly DeclaredMetric[] {
  return experiment.metrics.map((member) => {
    const { versions } = metrics.get(member.metric)!; // checked when the catalog was loaded
    const metric =
      member.version === null ? versions.at(-1)! : versions.find(({ number }) => number === member.version)!;
    return { experiment, member, metric };
  });
}
