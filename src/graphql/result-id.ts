import { z } from 'zod';
import { MetricLayerError } from '../core/errors.ts';
import { CORRECTIONS, LIFT_METHODS, MATURITIES, SEQUENTIAL_METHODS } from '../core/vocabulary.ts';
import type { AnalysisInput } from '../experiment/analysis.ts';
import { resolveAnalysis } from '../experiment/analysis.ts';
import { type ResultFilter, type ResultRow, resultRows } from '../experiment/result-row.ts';
import type { Session } from '../experiment/session.ts';
import { FILTER_OPERATORS, type Filter } from '../plan/filter.ts';
import { encode } from './opaque.ts';
import { MetricResult } from './types/result.ts';

/** What was asked for, as it was given: with the metric, treatment and slice it makes the same result again. */
export interface ResultArguments {
  readonly analysis: AnalysisInput;
  readonly sliceBy: readonly string[];
  readonly where: Filter | null;
}

export function resultArguments(
  filter: ResultFilter | null | undefined,
  analysis: AnalysisInput | null | undefined,
): ResultArguments {
  return { analysis: analysis ?? {}, sliceBy: filter?.sliceBy ?? [], where: filter?.where ?? null };
}

/** A line as a node; its id holds everything that changes it. */
export function resultNode(row: ResultRow, given: ResultArguments): MetricResult {
  const slice = row.slice === null ? null : row.slice.values;
  return new MetricResult(
    row,
    encode([
      'MetricResult',
      row.experiment.key,
      row.metric.metric,
      row.metric.number,
      row.treatment.key,
      slice,
      row.slice === null ? null : row.sliceBy,
      row.where,
      { ...given.analysis },
    ]),
  );
}

const filterSchema: z.ZodType<Filter> = z.union([
  z.strictObject({ kind: z.enum(['and', 'or']), filters: z.array(z.lazy(() => filterSchema)) }),
  z.strictObject({ kind: z.literal('not'), filter: z.lazy(() => filterSchema) }),
  z.strictObject({
    kind: z.literal('test'),
    dimension: z.string(),
    operator: z.enum(FILTER_OPERATORS),
    values: z.array(z.string()),
  }),
]);

const analysisSchema = z.strictObject({
  alpha: z.number().nullish(),
  correction: z.enum(CORRECTIONS).nullish(),
  cuped: z.boolean().nullish(),
  stratifyBy: z.array(z.string()).nullish(),
  sequential: z.enum(SEQUENTIAL_METHODS).nullish(),
  lift: z.enum(LIFT_METHODS).nullish(),
  control: z.string().nullish(),
  asOf: z.string().nullish(),
  maturity: z.enum(MATURITIES).nullish(),
  metricVersions: z.array(z.strictObject({ metric: z.string(), version: z.number() })).nullish(),
});

/** What `resultNode` writes: experiment, metric, version, treatment, slice, dimensions, filter, analysis as given. */
const partsSchema = z.tuple([
  z.literal('MetricResult'),
  z.string(),
  z.string(),
  z.number(),
  z.string(),
  z.array(z.string().nullable()).nullable(),
  z.array(z.string()).nullable(),
  filterSchema.nullable(),
  analysisSchema,
]);

/** The line that an id stands for; null: there is none any more. */
export async function resultByParts(session: Session, parts: readonly unknown[]): Promise<MetricResult | null> {
  if (!partsSchema.safeParse(parts).success) {
    throw new MetricLayerError('BAD_USER_INPUT', 'The id is not one that this service gave.');
  }
  // Just checked; the parts themselves are kept, so that the id comes out the same.
  const [, key, metric, number, treatment, slice, sliceBy, where, given] = parts as z.infer<typeof partsSchema>;
  const experiment = session.catalog.experiments.get(key);
  if (experiment === undefined || !experiment.metrics.some((member) => member.metric === metric)) return null;
  const others = (given.metricVersions ?? []).filter((pinned) => pinned.metric !== metric);
  const analysis = resolveAnalysis(session, experiment, {
    ...given,
    metricVersions: [...others, { metric, version: number }],
  });
  const filter = { metrics: [metric], treatments: [treatment], sliceBy: sliceBy ?? [], where };
  const rows = await resultRows(session, experiment, analysis, filter);
  const row = rows.find((one) => JSON.stringify(one.slice?.values ?? null) === JSON.stringify(slice));
  return row === undefined ? null : resultNode(row, { analysis: given, sliceBy: sliceBy ?? [], where });
}
