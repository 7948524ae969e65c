import { Document, isMap, isScalar } from 'yaml';
import { identifierFault } from '../../../catalog/names.ts';
import type { DbtMetric, Manifest } from './manifest.ts';
import { shapeOf } from './metrics.ts';
import { Sources } from './sources.ts';
import { Unsayable } from './unsayable.ts';

/** A catalog made of a manifest of dbt's, and what of it could not be said or is to be looked at. */
export interface Imported {
  readonly yaml: string;
  readonly metrics: number;
  /** Sentences; each begins with what it is about. */
  readonly remarks: readonly string[];
}

const HEAD = ` Made by liftql import dbt. What dbt totals over all rows is a mean, share, ratio or quantile over units here. dbt does not say
 which direction is good, within which time of the exposure rows count, or what history reduces variance: add \`goodWhen\`,
 \`window\` and \`covariate\`, then \`experiments\` and a source of assignments.`;

/** The semantic models and metrics of dbt as sources and metrics; `unit` is the entity that experiments randomise. */
export function catalogOfDbt(manifest: Manifest, unit: string): Imported {
  const remarks: string[] = [];
  const sources = new Sources(unit, manifest.semantic_models);
  const metrics = new Map<string, Record<string, unknown>>();
  for (const metric of manifest.metrics) {
    const note = (text: string) => remarks.push(`Metric ${metric.name}: ${text}.`);
    try {
      const broken = identifierFault(metric.name);
      if (broken !== null) throw new Unsayable(`has a name that ${broken}`);
      metrics.set(metric.name, { ...wordsOf(metric, manifest, note), ...shapeOf(metric, { manifest, sources, note }) });
    } catch (error) {
      if (!(error instanceof Unsayable)) throw error;
      remarks.push(`Metric ${metric.name} was left out: it ${error.message}.`);
    }
  }
  remarks.push(
    ...sources.notes.map(({ subject, text }) => `${subject.charAt(0).toUpperCase()}${subject.slice(1)}: ${text}.`),
  );
  remarks.push(...unusedOf(manifest));
  const used = new Set(JSON.stringify([...metrics.values()]).match(/"source":"\w+"/g) ?? []);
  const kept = [...sources.made.values()].filter(({ name }) => used.has(`"source":"${name}"`));
  const content = {
    sources: Object.fromEntries(kept.map(({ name, yaml }) => [name, yaml])),
    metrics: Object.fromEntries(metrics),
  };
  const document = new Document(content);
  document.commentBefore = [
    HEAD,
    ...(remarks.length === 0 ? [] : ['', ...remarks.map((text) => ` ${oneLine(text)}`)]),
  ].join('\n');
  for (const { name, description } of kept) if (description !== null) comment(document, name, description);
  return { yaml: document.toString({ lineWidth: 0 }), metrics: metrics.size, remarks };
}

/** Title, description, owner and tags. */
function wordsOf(
  metric: DbtMetric,
  { semantic_models }: Manifest,
  note: (text: string) => void,
): Record<string, unknown> {
  const measured = semantic_models
    .flatMap(({ measures }) => measures)
    .find(({ name }) => name === metric.type_params.measure?.name);
  const description = metric.description || measured?.description || null;
  const { owner, tags, ...rest } = metric.config?.meta ?? {};
  const isOwner = typeof owner === 'string';
  const isTags = Array.isArray(tags) && tags.every((tag) => typeof tag === 'string');
  const lost = [
    ...Object.keys(rest),
    ...(owner === undefined || isOwner ? [] : ['owner']),
    ...(tags === undefined || isTags ? [] : ['tags']),
  ];
  if (lost.length > 0) note(`its meta ${lost.map((key) => `\`${key}\``).join(', ')} has no counterpart`);
  if (metric.time_granularity != null) note(`its time_granularity ${metric.time_granularity} is a request's to state`);
  return {
    ...(metric.label ? { title: metric.label } : {}),
    ...(description === null ? {} : { description }),
    ...(isOwner ? { owner } : {}),
    ...(isTags ? { tags } : {}),
  };
}

function unusedOf({ semantic_models, metrics, saved_queries }: Manifest): readonly string[] {
  const used = new Set(
    metrics.flatMap(({ type_params }) => (type_params.measure == null ? [] : [type_params.measure.name])),
  );
  const measures = semantic_models.flatMap(({ name, measures }) =>
    measures
      .filter((measure) => !used.has(measure.name))
      .map((measure) => `Measure ${measure.name} of ${name} was left out: no simple metric is made of it.`),
  );
  const queries = (saved_queries ?? []).map(
    ({ name }) => `Saved query ${name} was left out: a catalog holds no queries.`,
  );
  return [...measures, ...queries];
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** A comment before a source. */
function comment(document: Document, source: string, text: string): void {
  const sources = document.get('sources');
  if (!isMap(sources)) return;
  const key = sources.items.find((item) => isScalar(item.key) && item.key.value === source)?.key;
  if (isScalar(key)) key.commentBefore = ` ${oneLine(text)}`;
}
