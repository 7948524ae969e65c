import type { Trace } from '../evaluate/trace.ts';
import { minimumDetectableEffectNow } from '../statistics/power/detectable-effect.ts';
import { plannedAlpha } from '../statistics/power/error-rates.ts';
import { compare } from './comparison.ts';
import { familyRows } from './family.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';

/** Probability with which the effect would have been found. */
const POWER = 0.8;

/**
 * The relative change that the data at hand would have found with a probability of 80 %: at the line's alpha, for a goal shared
 * with its family, by the kind of test of the analysis (every way to look repeatedly counts as the always-valid one). It follows
 * from the spread of the data and the units, not from the estimate. null: not computable.
 */
export async function detectableNow(session: Session, row: ResultRow, trace?: Trace): Promise<number | null> {
  const [{ samples }, found] = await Promise.all([compare(session, row, trace), familyRows(session, row)]);
  if (!samples.ok) return null;
  const { analysis } = row;
  const alpha =
    found === null ? analysis.alpha : plannedAlpha(analysis.alpha, found.family.size, found.family.correction);
  const test = analysis.sequential === 'NONE' ? 'WELCH' : 'SEQUENCE';
  const result = minimumDetectableEffectNow(samples.control, samples.treatment, {
    test,
    alpha,
    sided: 2,
    power: POWER,
  });
  return result.ok ? result.effect : null;
}
