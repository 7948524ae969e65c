import type { Analysis } from './analysis.ts';
import type { ResultRow } from './result-row.ts';

const analyses = new WeakMap<Analysis, string>();

/** What two analyses have alike when they give the same numbers. */
export function analysisKey(analysis: Analysis): string {
  let key = analyses.get(analysis);
  if (key === undefined) {
    const { control, metricVersions, ...rest } = analysis;
    key = JSON.stringify([control.key, [...metricVersions].sort(), Object.entries(rest).sort()]);
    analyses.set(analysis, key);
  }
  return key;
}

/** The lines of one request and one call: what they share beside metric, treatment and slice. */
export function scopeKey({ experiment, analysis, where, sliceBy }: ResultRow): string {
  const key = analysisKey(analysis);
  return where === null && sliceBy.length === 0
    ? `${experiment.key}|${key}`
    : `${experiment.key}|${key}|${JSON.stringify([where, sliceBy])}`;
}

const lines = new WeakMap<ResultRow, string>();

/** One line of a request. Which slices there are follows from the rest. */
export function lineKey(row: ResultRow): string {
  let key = lines.get(row);
  if (key === undefined) {
    key = `${row.metric.metric}@${row.metric.number}|${row.treatment.key}|${row.slice?.index ?? ''}|${scopeKey(row)}`;
    lines.set(row, key);
  }
  return key;
}
