import type { Trace } from '../evaluate/trace.ts';
import { type MetricEvidence, metricEvidence } from './decision-tests.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';

/** The policy's evidence on a line's metric and treatment, on the whole population. null for diagnostics. */
export async function evidenceOf(
  session: Session,
  row: ResultRow,
  trace?: Trace,
): Promise<{ readonly own: MetricEvidence; readonly all: readonly MetricEvidence[] } | null> {
  if (row.member.role === 'DIAGNOSTIC') return null;
  const decisive = { ...row.analysis, maturity: 'REQUIRED', sequential: 'NONE' } as const;
  const all = await metricEvidence(session, row.experiment, decisive, trace);
  const own = all.find((one) => one.member.metric === row.member.metric && one.treatment.key === row.treatment.key)!;
  return { own, all };
}
