import type { AnalysisInput } from '../experiment/analysis.ts';
import { resolveAnalysis } from '../experiment/analysis.ts';
import { type ResultFilter, type ResultRow, resultRows } from '../experiment/result-row.ts';
import type { Session } from '../experiment/session.ts';
import type { Filter } from '../plan/filter.ts';
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

/** The line that an id stands for; null: there is none any more. */
export async function resultByParts(session: Session, parts: readonly unknown[]): Promise<MetricResult | null> {
  // The parts were written by resultNode; whatever else they may be finds nothing or is refused by the checks below.
  const [, key, metric, number, treatment, slice, sliceBy, where, analysisInput] = parts as [
    string,
    string,
    string,
    number,
    string,
    readonly (string | null)[] | null,
    readonly string[] | null,
    Filter | null,
    AnalysisInput,
  ];
  const experiment = session.catalog.experiments.get(key);
  if (experiment === undefined || !experiment.metrics.some((member) => member.metric === metric)) return null;
  const analysis = resolveAnalysis(session, experiment, {
    ...analysisInput,
    metricVersions: [{ metric, version: number }],
  });
  const given = { analysis: analysisInput, sliceBy: sliceBy ?? [], where };
  const rows = await resultRows(session, experiment, analysis, {
    metrics: [metric],
    treatments: [treatment],
    sliceBy: given.sliceBy,
    where,
  });
  const row = rows.find((one) => JSON.stringify(one.slice?.values ?? null) === JSON.stringify(slice));
  return row === undefined ? null : resultNode(row, given);
}
