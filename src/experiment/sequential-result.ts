import type { SequentialMethod } from '../core/vocabulary.ts';
import type { Trace } from '../evaluate/trace.ts';
import { atLook } from './at-look.ts';
import { compare, differenceOf, headlineP } from './comparison.ts';
import type { Estimate } from './estimate.ts';
import { informationOf, isGroupMethod } from './looks.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';
import { type Validity, validityOf } from './validity.ts';

/** A side view: the headline as a method of looking repeatedly makes it, whatever the analysis. */
export interface SequentialResult {
  readonly method: SequentialMethod;
  readonly pValue: number | null;
  /** At a declared look that has passed: of the data as of the moment when it was reached. */
  readonly difference: Estimate;
  readonly significant: boolean | null;
  /** Share of the planned units that these data are; null: none are planned, or the line is of a part of the population. */
  readonly informationFraction: number | null;
  readonly validity: Validity | 'NOT_APPLICABLE';
}

export async function sequentialOf(
  session: Session,
  row: ResultRow,
  method: SequentialMethod,
  trace?: Trace,
): Promise<SequentialResult> {
  const line = { ...row, analysis: { ...row.analysis, sequential: method } };
  const comparison = await (isGroupMethod(method) ? atLook : compare)(session, line, trace);
  const pValue = headlineP(comparison);
  return {
    method,
    pValue,
    difference: differenceOf(comparison),
    significant: pValue === null ? null : pValue <= row.analysis.alpha,
    informationFraction: informationOf(comparison),
    validity: method === 'NONE' ? 'NOT_APPLICABLE' : validityOf(row, method),
  };
}
