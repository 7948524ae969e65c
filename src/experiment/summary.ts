import type { Experiment, Variant } from '../catalog/catalog.ts';
import { unlessEngineFails } from '../core/errors.ts';
import type { Trace } from '../evaluate/trace.ts';
import { allocationChangeOf } from './allocation-change.ts';
import { type Analysis, treatmentsOf } from './analysis.ts';
import { assignmentsOf } from './assignments.ts';
import { differenceOf } from './comparison.ts';
import { isHarmful, metricEvidence } from './decision-tests.ts';
import { freshnessOf } from './freshness.ts';
import { planProgress } from './plan-progress.ts';
import { RULES } from './rules/policy.ts';
import { policyOf } from './rules/policy-tests.ts';
import { type Evidence, metricsOf, type Reason, type RuleEvaluation, showP, type Verdict } from './rules/rule.ts';
import { isTimed, type Session } from './session.ts';
import { srmOf } from './srm.ts';

export const ACTIONS = ['SHIP', 'STOP_EXPOSURE', 'WAIT', 'INVESTIGATE', 'DECIDE_BY_HAND'] as const;
export type Action = (typeof ACTIONS)[number];

export interface TreatmentVerdict {
  readonly variant: Variant;
  readonly verdict: Verdict;
  readonly recommendedAction: Action;
  /** Said even where the data are too broken for a verdict. */
  readonly harmSuspected: boolean;
  readonly reasons: readonly Reason[];
  /** The proof: every rule, what it looked at and what it said. */
  readonly rules: readonly RuleEvaluation[];
}

export interface Summary {
  readonly evidence: Evidence;
  readonly verdict: Verdict;
  readonly winner: Variant | null;
  readonly treatments: readonly TreatmentVerdict[];
  readonly policy: string;
}

const ACTION_OF: Record<Verdict, Action> = {
  SHIP: 'SHIP',
  ROLL_BACK: 'STOP_EXPOSURE',
  KEEP_RUNNING: 'WAIT',
  NO_EFFECT: 'DECIDE_BY_HAND',
  INCONCLUSIVE: 'DECIDE_BY_HAND',
  BLOCKED: 'INVESTIGATE',
  INVALID: 'INVESTIGATE',
};

/** Without a treatment to ship, the experiment is what its worst-off treatment is. */
const MOST_SEVERE_FIRST: readonly Verdict[] = [
  'BLOCKED',
  'INVALID',
  'ROLL_BACK',
  'INCONCLUSIVE',
  'KEEP_RUNNING',
  'NO_EFFECT',
];

/** Gathers the evidence, always over the whole population, and lets the policy's rules judge each treatment. */
export async function summaryOf(
  session: Session,
  experiment: Experiment,
  analysis: Analysis,
  trace?: Trace,
): Promise<Summary> {
  // Verdicts use mature units, however the rest of the request looks at them.
  const decisive: Analysis = { ...analysis, maturity: 'REQUIRED', sequential: 'NONE' };
  const evidence = await gatherEvidence(session, experiment, decisive, trace);
  const treatments = treatmentsOf(experiment, decisive).map((treatment) => judge(evidence, treatment));
  const shipped = treatments.filter(({ verdict }) => verdict === 'SHIP');
  const verdict =
    shipped.length > 0
      ? 'SHIP'
      : MOST_SEVERE_FIRST.find((one) => treatments.some((treatment) => treatment.verdict === one))!;
  return { evidence, verdict, winner: winnerOf(evidence, shipped), treatments, policy: policyOf(experiment).name };
}

async function gatherEvidence(
  session: Session,
  experiment: Experiment,
  analysis: Analysis,
  trace?: Trace,
): Promise<Evidence> {
  const reading = unlessEngineFails(assignmentsOf(session, experiment, null, analysis.asOf, trace));
  const lastExposure = reading.then((assignments) => assignments?.lastExposure ?? null);
  const [assignments, allocation, metrics, freshness] = await Promise.all([
    reading,
    isTimed(session, experiment)
      ? unlessEngineFails(allocationChangeOf(session, experiment, analysis.asOf, trace))
      : null,
    metricEvidence(session, experiment, analysis, trace),
    freshnessOf(session, experiment, analysis, lastExposure, trace),
  ]);
  const progress = planProgress(session, experiment, analysis, assignments, metrics);
  return {
    experiment,
    analysis,
    assignments,
    srm: assignments === null ? null : srmOf(experiment, assignments),
    allocation: allocation?.ok ? allocation : null,
    freshness,
    metrics,
    progress,
  };
}

function judge(evidence: Evidence, variant: Variant): TreatmentVerdict {
  const rules = RULES.map((rule) => rule(evidence, variant));
  const first = rules.find(({ holds }) => holds === true)!;
  return {
    variant,
    verdict: first.rule,
    recommendedAction: ACTION_OF[first.rule],
    harmSuspected: metricsOf(evidence, variant).some(isHarmful),
    reasons: [...first.reasons, ...allocationReasons(evidence)],
    rules,
  };
}

/** Said beside every verdict: units of unlike times may be compared. */
function allocationReasons({ allocation }: Evidence): readonly Reason[] {
  if (!allocation?.detected) return [];
  const message = `The variants' shares changed from day to day otherwise than declared (p = ${showP(allocation.pValue)}), most from ${allocation.date}: what differs between days may look like an effect. Declare the \`phases\`.`;
  return [{ code: 'ALLOCATION_CHANGED', message, severity: 'WARNING', metric: null }];
}

/** The shipping treatment with the highest lower bound (for what should fall: the lowest upper bound) on the first goal. */
function winnerOf(evidence: Evidence, shipped: readonly TreatmentVerdict[]): Variant | null {
  const bound = ({ variant }: TreatmentVerdict): number => {
    const [goal] = metricsOf(evidence, variant, 'GOAL');
    if (goal?.comparison == null) return Number.NEGATIVE_INFINITY;
    const { interval } = differenceOf(goal.comparison);
    const worst = goal.row.metric.goodWhen === 'DOWN' ? negate(interval?.upper) : interval?.lower;
    return worst ?? Number.NEGATIVE_INFINITY;
  };
  return [...shipped].sort((a, b) => bound(b) - bound(a))[0]?.variant ?? null;
}

const negate = (value: number | null | undefined) => (value == null ? null : -value);
