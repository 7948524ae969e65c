import type { Trace } from '../evaluate/trace.ts';
import { fixedTest } from './comparison.ts';
import { improves, isHarmed } from './decision-tests.ts';
import { evidenceOf } from './line-evidence.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';

export const GUARDRAIL_STATUSES = ['SAFE', 'INCONCLUSIVE', 'HARMED'] as const;
export type GuardrailStatus = (typeof GUARDRAIL_STATUSES)[number];

/**
 * SAFE: shown to be within the margin (without a margin: shown to be better). HARMED: shown to be worse and not within it.
 * null: not a guardrail, or its data failed.
 */
export async function guardrailOf(session: Session, row: ResultRow, trace?: Trace): Promise<GuardrailStatus | null> {
  if (row.member.role !== 'GUARDRAIL') return null;
  const found = await evidenceOf(session, row, trace);
  if (found === null || found.own.comparison === null) return null;
  const { own } = found;
  if (own.nonInferiority.ok && own.nonInferiority.holds) return 'SAFE';
  if (isHarmed(own)) return 'HARMED';
  const test = fixedTest(found.own.comparison, row.analysis.level);
  const better =
    row.member.margin === null &&
    test.ok &&
    test.pValue <= row.analysis.alpha &&
    improves(row.metric.goodWhen, test.difference) === true;
  return better ? 'SAFE' : 'INCONCLUSIVE';
}
