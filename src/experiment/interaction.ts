import { unlessEngineFails } from '../core/errors.ts';
import type { Trace } from '../evaluate/trace.ts';
import { heterogeneityTest } from '../statistics/heterogeneity.ts';
import { notComputable } from '../statistics/inference.ts';
import { compare, fixedTest } from './comparison.ts';
import { scopeKey } from './line-key.ts';
import { oncePerRequest } from './per-request.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';

/** Whether the effect differs between slices at all; no slice is a finding unless it does. */
export interface Interaction {
  /** The dimensions of the slices. */
  readonly dimension: string;
  /** Cochran's Q. */
  readonly statistic: number | null;
  /** By Welch's F, which knows that the slices' variances are estimated; null: fewer than two slices can be compared. */
  readonly pValue: number | null;
}

const interactions = oncePerRequest<Interaction>();

/** The test over all slices of a line's metric and treatment, the rest included; slices without a test are left out. null: no slices. */
export async function interactionOf(session: Session, row: ResultRow, trace?: Trace): Promise<Interaction | null> {
  if (row.slice === null) return null;
  const key = `${row.metric.metric}@${row.metric.number}|${row.treatment.key}|${scopeKey(row)}`;
  return interactions(session, key, (own) => tested(session, row, own), trace);
}

async function tested(session: Session, row: ResultRow, trace: Trace): Promise<Interaction> {
  const slices = [
    ...row.slices.map((values, index) => ({ values, index })),
    { values: null, index: row.slices.length },
  ];
  const comparisons = await Promise.all(
    slices.map((slice) => unlessEngineFails(compare(session, { ...row, slice }, trace))),
  );
  const effects = comparisons.flatMap((comparison) => {
    const test = comparison === null ? null : fixedTest(comparison, row.analysis.level);
    return test?.ok ? [{ ...test, estimate: test.difference }] : [];
  });
  // Units of one cluster may be in several slices, whose effects are then not independent.
  const isClustered = comparisons.some((comparison) => comparison?.arms.control.clusters != null);
  const result = isClustered ? notComputable('NOT_APPLICABLE') : heterogeneityTest(effects);
  const dimension = row.sliceBy.join(', ');
  return result.ok
    ? { dimension, statistic: result.q, pValue: result.pValue }
    : { dimension, statistic: null, pValue: null };
}
