import type { Metric, MetricVersion } from '../../catalog/catalog.ts';
import { type Field, field, fieldsOf } from './fields.ts';

/** What is said of a metric, whatever its versions are. */
export function metricFields({ title, description, owner, tags, deprecated }: Metric): readonly Field[] {
  return [
    ...field('title', title, 'WORDS'),
    ...field('description', description, 'WORDS'),
    ...field('owner', owner, 'WORDS'),
    ...field('tags', tags.join(', ') || null, 'WORDS'),
    ...field('deprecated', deprecated, 'WORDS'),
  ];
}

/** Fields of the YAML that are said of the metric, or that the version holds with their defaults filled in. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  ...['title', 'description', 'owner', 'tags', 'deprecated', 'versions', 'version'],
  ...['type', 'goodWhen', 'format', 'validFrom', 'changelog'],
]);

/**
 * What a version says, as written in YAML. `sameNumbers`: its hash is that of the version it is compared with, so that a default
 * that is spelled out, or SQL that is laid out otherwise, is no more than words.
 */
export function versionFields(version: MetricVersion, sameNumbers: boolean): readonly Field[] {
  const written = Object.fromEntries(Object.entries(version.definition).filter(([key]) => !ELSEWHERE.has(key)));
  return [
    ...field('type', version.type.toLowerCase(), 'NUMBERS'),
    ...fieldsOf(written, sameNumbers ? 'WORDS' : 'NUMBERS'),
    ...field('goodWhen', version.goodWhen.toLowerCase(), 'DECISIONS'),
    ...field('validFrom', version.validFrom, 'NUMBERS'),
    ...field('format', version.format.toLowerCase(), 'WORDS'),
    ...field('changelog', version.changelog, 'WORDS'),
  ];
}
