import { z } from 'zod';
import { METRIC_TYPES } from '../core/vocabulary.ts';
import { camelCase } from '../metric-types/keyword.ts';
import { modelsFields } from './build-models.ts';
import { experimentFields } from './experiment-schema.ts';
import { instantSchema } from './instant.ts';
import { kindOf, metricFieldsOf, versionFieldsOf } from './metric-schema.ts';
import { analysisFields, ENGINE_FIELDS } from './settings-schema.ts';
import { SOURCE_FIELDS } from './source-schema.ts';

/** JSON Schema of a catalog file, made of the schemas that validate it; editors complete YAML by it. */
export function catalogJsonSchema(): Readonly<Record<string, unknown>> {
  const named = <Schema extends z.ZodType>(schema: Schema) => z.record(z.string(), schema);
  const schema = z.strictObject({
    clock: instantSchema.optional().meta({ description: 'The default asOf of a data set that does not grow.' }),
    engine: z.union([z.strictObject(ENGINE_FIELDS.duckdb), z.strictObject(ENGINE_FIELDS.trino)]).optional(),
    analysis: z.strictObject(analysisFields).optional(),
    models: z.strictObject(modelsFields).optional(),
    sources: named(
      z.discriminatedUnion('kind', [
        z.strictObject(SOURCE_FIELDS.assignments),
        z.strictObject(SOURCE_FIELDS.facts),
        z.strictObject(SOURCE_FIELDS.experiments),
      ]),
    ).optional(),
    metrics: named(z.union(METRIC_TYPES.map(metricSchema))).optional(),
    experiments: named(z.strictObject(experimentFields)).optional(),
  });
  return { title: 'liftql catalog', ...z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) };
}

function metricSchema(type: (typeof METRIC_TYPES)[number]) {
  const version = z.strictObject({ ...versionFieldsOf(type), type: z.literal(camelCase(type)).optional() });
  return z
    .strictObject({ ...metricFieldsOf(type, version), type: z.literal(camelCase(type)) })
    .meta({ description: kindOf(type).description });
}
