import type { SequentialMethod } from '../core/vocabulary.ts';
import type { Trace } from '../evaluate/trace.ts';
import { compare, differenceOf, headlineP } from './comparison.ts';
import type { Estimate } from './estimate.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';

/** A side view: the always-valid form of the headline, whatever the analysis. */
export interface SequentialResult {
  readonly method: SequentialMethod;
  readonly pValue: number | null;
  readonly difference: Estimate;
  readonly significant: boolean | null;
  readonly validity: 'ASYMPTOTIC' | 'HEURISTIC' | 'NOT_APPLICABLE';
}

export async function sequentialOf(
  session: Session,
  row: ResultRow,
  method: SequentialMethod,
  trace?: Trace,
): Promise<SequentialResult> {
  const comparison = await compare(session, { ...row, analysis: { ...row.analysis, sequential: method } }, trace);
  const difference = differenceOf(comparison);
  const pValue = headlineP(comparison);
  const validity = method === 'NONE' ? 'NOT_APPLICABLE' : row.analysis.maturity === 'ALL' ? 'HEURISTIC' : 'ASYMPTOTIC';
  return { method, pValue, difference, significant: pValue === null ? null : pValue <= row.analysis.alpha, validity };
}
