import type { Catalog } from '../../catalog/catalog.ts';
import { measuresOf, sourcesOf } from '../../metric-types/metric-type.ts';
import { declaredMetrics, modelledExperiments } from '../declared.ts';

/** Names of the sources that tell who is analysed in experiments of the models, ascending. */
export function assignmentSourcesRead(catalog: Catalog): readonly string[] {
  const names = modelledExperiments(catalog).flatMap(({ assignments, activation }) => [
    assignments,
    ...(activation == null ? [] : sourcesOf(activation.measure)),
  ]);
  return distinct(names);
}

/** Names of all sources that experiments of the models and their metrics read, ascending. */
export function sourcesRead(catalog: Catalog): readonly string[] {
  const facts = modelledExperiments(catalog).flatMap((experiment) =>
    declaredMetrics(catalog, experiment).flatMap(({ metric }) => measuresOf(metric).flatMap(sourcesOf)),
  );
  return distinct([...assignmentSourcesRead(catalog), ...facts]);
}

const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)].sort();
