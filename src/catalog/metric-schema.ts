import { z } from 'zod';
import { GOOD_WHEN, METRIC_TYPES, type MetricType, VALUE_FORMATS } from '../core/vocabulary.ts';
import { camelCase, keyword } from '../metric-types/keyword.ts';
import type { MetricKind } from '../metric-types/metric-kind.ts';
import { METRIC_KINDS } from '../metric-types/registry.ts';
import { instantSchema } from './instant.ts';
import { countSchema, textSchema } from './scalar-schemas.ts';

/** Fields of one version of a metric, whatever its kind. */
const versionFields = {
  type: z.string(),
  version: countSchema.optional(),
  validFrom: instantSchema.optional(),
  changelog: textSchema.optional(),
  goodWhen: keyword(GOOD_WHEN).optional(),
  format: keyword(VALUE_FORMATS).optional(),
};

/** Fields of a metric that its versions share. */
const metricFields = {
  title: textSchema.optional(),
  description: textSchema.optional(),
  owner: textSchema.optional(),
  tags: z.array(textSchema).optional(),
  deprecated: textSchema.optional().meta({ description: 'Why it should no longer be used, and what to use.' }),
};

/** The kind that a YAML word names; null: there is none. */
export function metricTypeOf(word: unknown): MetricType | null {
  return METRIC_TYPES.find((type) => camelCase(type) === word) ?? null;
}

/** A metric kind, its own types forgotten: what `fields` parse is what `shape` takes. */
export function kindOf(type: MetricType): MetricKind {
  // The registry pairs each kind's fields with its shape; a lookup by a variable cannot keep the pair's types together.
  return METRIC_KINDS[type] as unknown as MetricKind;
}

/** Fields of an entry of `versions`. */
export function versionFieldsOf(type: MetricType) {
  return { ...versionFields, ...kindOf(type).fields, type: versionFields.type.optional(), version: countSchema };
}

/** Fields of a metric; the entries of `versions` are read one by one. */
export function metricFieldsOf(type: MetricType, versions: z.ZodType = z.unknown()) {
  return { ...versionFields, ...metricFields, ...kindOf(type).fields, versions: z.array(versions).optional() };
}
