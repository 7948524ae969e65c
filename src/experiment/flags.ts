import type { Trace } from '../evaluate/trace.ts';
import { capFault } from './arms.ts';
import { assignmentsOf } from './assignments.ts';
import { compare, headlineP, liftOf } from './comparison.ts';
import { isHarmed } from './decision-tests.ts';
import { evidenceOf } from './line-evidence.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';
import { srmOf } from './srm.ts';

export const RESULT_FLAGS = [
  'SMALL_SAMPLE',
  'OUTLIERS_CAPPED',
  'CAP_DEGENERATE',
  'SUSPICIOUS_LIFT',
  'WORSE_WITHIN_MARGIN',
  'IMMATURE_UNITS',
  'NEGATIVE_MEANS',
  'SRM',
] as const;
export type ResultFlag = (typeof RESULT_FLAGS)[number];

/** Below this the t test's normal approximation is not to be trusted for what experiments measure. */
const SMALL_SAMPLE = 100;
/** Twyman's law: a change this large that is significant is more often a fault than a finding (Kohavi, Tang, Xu 2020, ch. 3). */
const SUSPICIOUS_LIFT = 0.5;

/** What a reader must know before taking the numbers at their word. */
export async function flagsOf(session: Session, row: ResultRow, trace?: Trace): Promise<readonly ResultFlag[]> {
  const [comparison, assignments, guardrail] = await Promise.all([
    compare(session, row, trace),
    assignmentsOf(session, row.experiment, row.where, row.analysis.asOf, trace),
    row.member.role === 'GUARDRAIL' ? evidenceOf(session, row, trace) : null,
  ]);
  const { arms, samples } = comparison;
  const lift = liftOf(comparison);
  const p = headlineP(comparison);
  const own = guardrail?.own;
  const holds: Record<ResultFlag, boolean> = {
    SMALL_SAMPLE: Math.min(arms.control.moments.units, arms.treatment.moments.units) < SMALL_SAMPLE,
    OUTLIERS_CAPPED: (arms.control.capping?.cappedUnits ?? 0) + (arms.treatment.capping?.cappedUnits ?? 0) > 0,
    CAP_DEGENERATE: capFault(arms) !== null,
    SUSPICIOUS_LIFT:
      lift.value !== null && Math.abs(lift.value) > SUSPICIOUS_LIFT && p !== null && p <= row.analysis.alpha,
    WORSE_WITHIN_MARGIN: own !== undefined && isHarmed(own) && own.nonInferiority.ok && own.nonInferiority.holds,
    IMMATURE_UNITS: row.analysis.maturity === 'ALL' && (await hasImmature(session, row, trace)),
    NEGATIVE_MEANS: samples.ok && samples.control.mean < 0 && samples.treatment.mean < 0,
    SRM: srmOf(row.experiment, assignments).detected === true,
  };
  return RESULT_FLAGS.filter((flag) => holds[flag]);
}

async function hasImmature(session: Session, row: ResultRow, trace?: Trace): Promise<boolean> {
  const mature = await compare(session, { ...row, analysis: { ...row.analysis, maturity: 'REQUIRED' } }, trace);
  return [mature.arms.control, mature.arms.treatment].some((arm) => arm.exposed > arm.moments.units);
}
