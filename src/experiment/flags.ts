import type { CanonicalInstant } from '../core/instant.ts';
import type { Trace } from '../evaluate/trace.ts';
import { armsOf, capFault } from './arms.ts';
import { assignmentsOf } from './assignments.ts';
import { compare, headlineP, liftOf } from './comparison.ts';
import { isHarmed } from './decision-tests.ts';
import { evidenceOf } from './line-evidence.ts';
import { balanceOf, denominatorMoved, FAULT_P, hasPartialDays, isHeavy, isStale, mayBeHeavy } from './line-faults.ts';
import { scopeKey } from './line-key.ts';
import { oncePerRequest } from './per-request.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';
import { srmOf } from './srm.ts';

export const RESULT_FLAGS = [
  'SMALL_SAMPLE',
  'OUTLIERS_CAPPED',
  'CAP_DEGENERATE',
  'HEAVY_TAIL',
  'COVARIATE_IMBALANCE',
  'DENOMINATOR_MOVED',
  'SUSPICIOUS_LIFT',
  'WORSE_WITHIN_MARGIN',
  'POST_TREATMENT_FILTER',
  'IMMATURE_UNITS',
  'NEGATIVE_MEANS',
  'STALE',
  'PARTIAL_DAY',
  'SRM',
] as const;
export type ResultFlag = (typeof RESULT_FLAGS)[number];

/** Below this the t test's normal approximation is not to be trusted for what experiments measure. */
export const SMALL_SAMPLE = 100;
/** Twyman's law: a change this large that is significant is more often a fault than a finding (Kohavi, Tang, Xu 2020, ch. 3). */
export const SUSPICIOUS_LIFT = 0.5;

/** What a reader must know before taking the numbers at their word. */
export async function flagsOf(session: Session, row: ResultRow, trace?: Trace): Promise<readonly ResultFlag[]> {
  const { analysis, metric, member } = row;
  const [comparison, shaped, alike, guardrail] = await Promise.all([
    compare(session, row, trace),
    mayBeHeavy(row) ? armsOf(session, row, ['products', 'shape'], trace) : null,
    faultsOf(session, row, trace),
    member.role === 'GUARDRAIL' ? evidenceOf(session, row, trace) : null,
  ]);
  const { arms, samples } = comparison;
  const lift = liftOf(comparison);
  const p = headlineP(comparison);
  const own = guardrail?.own;
  const balance = balanceOf(row, arms);
  const holds: Record<ResultFlag, boolean> = {
    SMALL_SAMPLE: Math.min(arms.control.moments.units, arms.treatment.moments.units) < SMALL_SAMPLE,
    OUTLIERS_CAPPED: (arms.control.capping?.cappedUnits ?? 0) + (arms.treatment.capping?.cappedUnits ?? 0) > 0,
    CAP_DEGENERATE: capFault(arms) !== null,
    HEAVY_TAIL: shaped !== null && (isHeavy(shaped.control) || isHeavy(shaped.treatment)),
    COVARIATE_IMBALANCE: balance.ok && balance.pValue < FAULT_P,
    DENOMINATOR_MOVED: denominatorMoved(row, arms),
    SUSPICIOUS_LIFT: lift.value !== null && Math.abs(lift.value) > SUSPICIOUS_LIFT && p !== null && p <= analysis.alpha,
    WORSE_WITHIN_MARGIN: own !== undefined && isHarmed(own) && own.nonInferiority.ok && own.nonInferiority.holds,
    POST_TREATMENT_FILTER: metric.among?.postTreatment ?? false,
    IMMATURE_UNITS: analysis.maturity === 'ALL' && (await hasImmature(session, row, trace)),
    NEGATIVE_MEANS: samples.ok && samples.control.mean < 0 && samples.treatment.mean < 0,
    STALE: alike.stale,
    PARTIAL_DAY: hasPartialDays(session, row),
    SRM: alike.srm,
  };
  return RESULT_FLAGS.filter((flag) => holds[flag]);
}

interface Faults {
  readonly srm: boolean;
  readonly stale: boolean;
}

const faults = oncePerRequest<Faults>();
const assignments = oncePerRequest<{ readonly lastExposure: CanonicalInstant | null; readonly srm: boolean }>();

/** What all lines of a metric have alike. */
function faultsOf(session: Session, row: ResultRow, trace?: Trace): Promise<Faults> {
  const { experiment, where, analysis, metric } = row;
  const read = async (own: Trace): Promise<Faults> => {
    const reading = assignments(
      session,
      scopeKey(row),
      async (all) => {
        const found = await assignmentsOf(session, experiment, where, analysis.asOf, all);
        return { lastExposure: found.lastExposure, srm: srmOf(experiment, found).detected === true };
      },
      own,
    );
    const last = reading.then(({ lastExposure }) => lastExposure);
    const [{ srm }, stale] = await Promise.all([reading, isStale(session, row, last, own)]);
    return { stale, srm };
  };
  return faults(session, `${metric.metric}@${metric.number}|${scopeKey(row)}`, read, trace);
}

async function hasImmature(session: Session, row: ResultRow, trace?: Trace): Promise<boolean> {
  const mature = await compare(session, { ...row, analysis: { ...row.analysis, maturity: 'REQUIRED' } }, trace);
  return [mature.arms.control, mature.arms.treatment].some((arm) => arm.exposed > arm.moments.units);
}
