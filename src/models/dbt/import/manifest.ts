import { z } from 'zod';
import { MetricLayerError } from '../../../core/errors.ts';

const filter = z
  .object({ where_filters: z.array(z.object({ where_sql_template: z.string() })) })
  .transform((given) => given.where_filters.map(({ where_sql_template }) => where_sql_template))
  .nullish()
  .transform((given) => given ?? []);

const config = z.object({ meta: z.record(z.string(), z.unknown()).nullish() }).nullish();

const entity = z.object({ name: z.string(), type: z.string(), expr: z.string().nullish() });

const dimension = z.object({
  name: z.string(),
  type: z.string(),
  expr: z.string().nullish(),
  type_params: z.object({ time_granularity: z.string().nullish() }).nullish(),
});

const measure = z.object({
  name: z.string(),
  agg: z.string(),
  description: z.string().nullish(),
  expr: z.string().nullish(),
  agg_params: z.object({ percentile: z.number().nullish(), use_discrete_percentile: z.boolean().nullish() }).nullish(),
  non_additive_dimension: z.unknown().nullish(),
  agg_time_dimension: z.string().nullish(),
});

const semanticModel = z.object({
  name: z.string(),
  description: z.string().nullish(),
  node_relation: z.object({ alias: z.string(), schema_name: z.string(), database: z.string().nullish() }),
  defaults: z.object({ agg_time_dimension: z.string().nullish() }).nullish(),
  primary_entity: z.string().nullish(),
  entities: z.array(entity),
  dimensions: z.array(dimension),
  measures: z.array(measure),
});

const inputMeasure = z.object({ name: z.string(), filter, fill_nulls_with: z.number().nullish() });

const inputMetric = z.object({
  name: z.string(),
  filter,
  alias: z.string().nullish(),
  offset_window: z.unknown().nullish(),
  offset_to_grain: z.unknown().nullish(),
});

const metric = z.object({
  name: z.string(),
  description: z.string().nullish(),
  label: z.string().nullish(),
  type: z.string(),
  type_params: z.object({
    measure: inputMeasure.nullish(),
    numerator: inputMetric.nullish(),
    denominator: inputMetric.nullish(),
    expr: z.string().nullish(),
    metrics: z.array(inputMetric).nullish(),
  }),
  filter,
  time_granularity: z.string().nullish(),
  config,
});

const manifest = z.object({
  semantic_models: z.array(semanticModel),
  metrics: z.array(metric),
  saved_queries: z.array(z.object({ name: z.string() })).nullish(),
});

/** dbt's semantic_manifest.json, of which what is read is checked. */
export type Manifest = z.output<typeof manifest>;
export type SemanticModel = z.output<typeof semanticModel>;
export type DbtMeasure = z.output<typeof measure>;
export type DbtMetric = z.output<typeof metric>;
export type InputMetric = z.output<typeof inputMetric>;

/** The manifest in a text of JSON. */
export function readManifest(text: string): Manifest {
  const refuse = (reason: string, cause?: unknown) =>
    new MetricLayerError(
      'BAD_USER_INPUT',
      `This is no semantic_manifest.json of dbt's: ${reason}. Run dbt parse, and name target/semantic_manifest.json.`,
      { cause },
    );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw refuse('it is no JSON', error);
  }
  const read = manifest.safeParse(json);
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  throw refuse(`${path.join('.') || 'it'}: ${message}`);
}
