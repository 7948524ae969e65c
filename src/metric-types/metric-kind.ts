import type { z } from 'zod';
import type { ArmStatistics } from '../core/moments.ts';
import type { Inference, Sample } from '../statistics/inference.ts';
import type { Expression } from './expression.ts';
import type { MetricShape } from './metric-type.ts';

/** A way to a value inside of a metric's YAML. */
export type YamlPath = readonly (string | number)[];

/** What a metric kind may ask of the catalog while it builds a shape. */
export interface ShapeContext {
  /** Checks SQL text and remembers its place. */
  expression(text: string, path: YamlPath): Expression;
  /** Reports a fault at a path; the predicate follows the name of the offender. */
  fault(code: `CAT_${string}`, predicate: string, path: YamlPath): void;
}

/** One kind of metric: the YAML fields that are its own, and what they mean. */
export interface MetricKind<Fields extends z.ZodRawShape = z.ZodRawShape> {
  /** What the kind is, for the reference. */
  readonly description: string;
  readonly fields: Fields;
  shape(yaml: z.output<z.ZodObject<Fields>>, context: ShapeContext): MetricShape;
  /** One arm's statistics as one estimate with its per-unit variance. */
  sample(arm: ArmStatistics, shape: MetricShape): Inference<Sample>;
  /** What is estimated from the variables' moments; QUANTILE: not from moments. Decides how an estimate is adjusted. */
  readonly estimator: 'MEAN' | 'RATIO' | 'QUANTILE';
}

/** Declares a kind; checks `shape` against the fields' types. */
export function metricKind<Fields extends z.ZodRawShape>(kind: MetricKind<Fields>): MetricKind<Fields> {
  return kind;
}
