import type { Catalog, Experiment, MetricVersion } from '../catalog/catalog.ts';
import { measuresOf, sourcesOf } from '../metric-types/metric-type.ts';
import type { Question } from './question.ts';

/** Names of the sources that the statement of a question reads, ascending. */
export function sourcesRead(question: Question): readonly string[] {
  if (question.kind === 'freshness') return [question.source.name];
  return sourcesOfLines(question.population.experiment, 'metric' in question ? [question.metric] : []);
}

/** Names of the sources that results of these metrics of an experiment read, ascending. */
export function sourcesOfLines(
  { assignments, activation }: Experiment,
  metrics: readonly MetricVersion[],
): readonly string[] {
  const activating = activation == null ? [] : [activation.measure];
  const facts = [...metrics.flatMap(measuresOf), ...activating].flatMap(sourcesOf);
  return [...new Set([assignments, ...facts])].sort();
}

/**
 * Whether what is read of these sources as of an instant stays the same whenever it is read: each of them tells when its rows
 * arrived, so that asOf cuts on arrival too. Without it, rows that arrive late change the past. Rows that are changed or deleted
 * in place are beyond what can be told.
 */
export function isReproducible({ sources }: Catalog, names: Iterable<string>): boolean {
  return [...names].every((name) => {
    const source = sources.get(name);
    return source !== undefined && source.kind !== 'experiments' && source.loadedAt != null;
  });
}
