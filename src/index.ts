/**
 * The public list: what a program that embeds liftql may import. Everything else is internal and may change.
 */
export type { Catalog, Experiment, Metric, MetricVersion, Source } from './catalog/catalog.ts';
export { type Fault, formatFault } from './catalog/fault.ts';
export { loadCatalog } from './catalog/load.ts';
export { MetricLayerError } from './core/errors.ts';
export type { Moments } from './core/moments.ts';
export type { Engine, QueryOptions, QueryResult } from './engine/engine.ts';
export type { MetricService } from './graphql/context.ts';
export { type DocumentRequest, executeDocument } from './graphql/execute.ts';
export { explainDocument } from './graphql/explain.ts';
export { createSchema } from './graphql/schema.ts';
export { CatalogError, openService } from './server/open-service.ts';
export type { Inference, Interval, Sample } from './statistics/inference.ts';
export { lift } from './statistics/lift.ts';
export { adjustPValues } from './statistics/multiple-testing.ts';
export { nonInferiorityTest } from './statistics/non-inferiority.ts';
export { asymptoticSequence } from './statistics/sequential.ts';
export { sampleRatioTest } from './statistics/srm.ts';
export { welchTest } from './statistics/welch.ts';
