import type { LiftMethod, Unknown } from '../core/vocabulary.ts';
import type { Trace } from '../evaluate/trace.ts';
import { type Comparison, compare, differenceOf, liftOf } from './comparison.ts';
import { type Estimate, unknownEstimate } from './estimate.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';

/** A side view: the headline as CUPED makes it, whatever the analysis. */
export interface CupedResult {
  /** Of the covariate; where units without one are told apart, of its value. */
  readonly theta: number | null;
  /** Share of the difference's variance that is gone. */
  readonly varianceReduction: number | null;
  /** Why the metric is not adjusted. */
  readonly unknown: Unknown | null;
  difference(level: number): Estimate;
  lift(method: LiftMethod, level: number): Estimate;
}

/** The line under CUPED, read once for all that look at it from the side. A metric without a covariate reads nothing more. */
export function underCuped(session: Session, row: ResultRow, trace?: Trace): Promise<Comparison> {
  return compare(session, { ...row, analysis: { ...row.analysis, cuped: true } }, trace);
}

export async function cupedResultOf(session: Session, row: ResultRow, trace?: Trace): Promise<CupedResult> {
  const comparison = await underCuped(session, row, trace);
  const cuped = comparison.cuped!; // the analysis asks for it
  if (!cuped.ok) return refused(cuped.reason);
  return {
    theta: cuped.theta[0]!,
    varianceReduction: cuped.varianceReduction,
    unknown: null,
    difference: (level) => differenceOf(comparison, level),
    lift: (method, level) => liftOf(comparison, method, level),
  };
}

const refused = (reason: Unknown): CupedResult => ({
  theta: null,
  varianceReduction: null,
  unknown: reason,
  difference: () => unknownEstimate(reason),
  lift: () => unknownEstimate(reason),
});
