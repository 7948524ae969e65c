import type { Trace } from '../evaluate/trace.ts';
import { type Comparison, compare, differenceOf, headlineP } from './comparison.ts';
import { improves } from './decision-tests.ts';
import { adjustedPOf } from './family.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';

export const OUTCOMES = ['BETTER', 'WORSE', 'CHANGED', 'INCONCLUSIVE', 'UNKNOWN'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What the headline says: for goals by the corrected p-value, for the others by their own. */
export async function outcomeOf(session: Session, row: ResultRow, trace?: Trace): Promise<Outcome> {
  const [comparison, adjusted] = await Promise.all([
    compare(session, row, trace),
    row.member.role === 'GOAL' ? adjustedPOf(session, row, trace) : null,
  ]);
  return outcomeFrom(row, comparison, adjusted);
}

/** The same of numbers that are there; `adjusted` is the corrected p-value of a goal. */
export function outcomeFrom(row: ResultRow, comparison: Comparison, adjusted: number | null): Outcome {
  const p = row.member.role === 'GOAL' ? adjusted : headlineP(comparison);
  const { value } = differenceOf(comparison);
  if (p === null || value === null) return 'UNKNOWN';
  if (p > row.analysis.alpha || value === 0) return 'INCONCLUSIVE';
  if (row.metric.goodWhen === 'NEITHER') return 'CHANGED';
  return improves(row.metric.goodWhen, value) ? 'BETTER' : 'WORSE';
}
