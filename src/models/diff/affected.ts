import type { Catalog, Experiment, MetricVersion } from '../../catalog/catalog.ts';
import { canonicalJson } from '../../catalog/hash.ts';
import { MetricLayerError } from '../../core/errors.ts';
import type { CanonicalInstant } from '../../core/instant.ts';
import { versionAt } from '../../experiment/analysis.ts';
import { measuresOf, sourcesOf } from '../../metric-types/metric-type.ts';
import { settingFields } from './setting-fields.ts';

/** Experiments whose results or decisions may differ between two catalogs, and how many of either cannot. */
export interface Affected {
  /** Keys, ascending. */
  readonly experiments: readonly string[];
  /** Names of metrics that give other numbers somewhere, ascending. */
  readonly metrics: readonly string[];
  /** Experiments of either catalog that nothing changes. */
  readonly unaffected: number;
}

/** An experiment is affected if anything that its numbers or decisions are made from differs: it, its metrics, its sources, the engine. */
export function affectedBy(base: Catalog, head: Catalog, asOf: CanonicalInstant): Affected {
  const keys = [...new Set([...base.experiments.keys(), ...head.experiments.keys()])].sort();
  const experiments = keys.filter((key) => everythingOf(base, key, asOf) !== everythingOf(head, key, asOf));
  const metrics = experiments.flatMap((key) => {
    const members = head.experiments.get(key)?.metrics ?? [];
    return members.flatMap(({ metric }) =>
      metricOf(base, key, metric, asOf) === metricOf(head, key, metric, asOf) ? [] : [metric],
    );
  });
  return { experiments, metrics: [...new Set(metrics)].sort(), unaffected: keys.length - experiments.length };
}

/** All that an experiment's numbers and decisions are made from, as one text; null: there is no such experiment. */
function everythingOf(catalog: Catalog, key: string, asOf: CanonicalInstant): string | null {
  const experiment = catalog.experiments.get(key);
  if (experiment === undefined) return null;
  const { name, hypothesis, owner, tags, variants, ...decisive } = experiment;
  const own = new Set([
    experiment.assignments,
    ...(experiment.activation == null ? [] : sourcesOf(experiment.activation.measure)),
  ]);
  return canonicalJson({
    experiment: decisive,
    variants: variants.map(({ key, weight, isControl }) => ({ key, weight, isControl })),
    metrics: experiment.metrics.map(({ metric }) => metricOf(catalog, key, metric, asOf)),
    sources: [...own].sort().map((source) => sourceOf(catalog, source)),
    engine: settingFields(catalog)
      .get('engine')!
      .filter(({ effect }) => effect === 'NUMBERS'),
  });
}

/** A metric as an experiment uses it at an instant, with its sources. */
function metricOf(catalog: Catalog, key: string, name: string, asOf: CanonicalInstant): string | null {
  const experiment = catalog.experiments.get(key);
  const version = experiment === undefined ? null : versionUsed(catalog, experiment, name, asOf);
  if (version === null) return null;
  const sources = new Set(measuresOf(version).flatMap(sourcesOf));
  const { hash, number, goodWhen } = version;
  return canonicalJson({ hash, number, goodWhen, sources: [...sources].sort().map((one) => sourceOf(catalog, one)) });
}

/** null: none is valid. */
function versionUsed(
  catalog: Catalog,
  experiment: Experiment,
  name: string,
  asOf: CanonicalInstant,
): MetricVersion | null {
  const metric = catalog.metrics.get(name);
  if (metric === undefined) return null;
  const pinned = experiment.metrics.find((member) => member.metric === name)?.version ?? null;
  if (pinned !== null) return metric.versions.find(({ number }) => number === pinned) ?? null;
  try {
    return versionAt(metric, asOf);
  } catch (error) {
    if (error instanceof MetricLayerError) return null;
    throw error;
  }
}

/** A source without how its dimensions are called by people. */
function sourceOf(catalog: Catalog, name: string): unknown {
  const source = catalog.sources.get(name);
  if (source?.kind !== 'assignments') return source ?? null;
  return { ...source, dimensions: source.dimensions.map(({ name, column }) => ({ name, column })) };
}
