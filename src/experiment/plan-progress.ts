import type { Experiment } from '../catalog/catalog.ts';
import { addSeconds, type CanonicalInstant, earliest, secondsBetween, shortInstant } from '../core/instant.ts';
import { leavesUnitsOut, maturesAfter } from '../metric-types/metric-type.ts';
import { type Analysis, hasEnded, metricVersionOf } from './analysis.ts';
import type { AssignmentsSummary } from './assignments.ts';
import type { MetricEvidence } from './decision-tests.ts';
import type { Session } from './session.ts';

/** How far an experiment is on the way it said it would go. */
export interface PlanProgress {
  readonly ended: boolean;
  /** The declared plan (or, without one, the end) is reached and the outcomes are mature. */
  readonly met: boolean;
  /** The least runtime is over (true where none is declared). */
  readonly minRuntimeMet: boolean;
  /** What is still missing, in words. */
  readonly missing: readonly string[];
  /** Of all variants together; null without a plan by units. */
  readonly plannedUnits: number | null;
  /** Analysed units whose outcomes are mature, in all variants. */
  readonly unitsSoFar: number;
  /** At most 1; null without a plan by units. */
  readonly informationFraction: number | null;
  readonly remainingDays: number | null;
}

export function planProgress(
  session: Session,
  experiment: Experiment,
  analysis: Analysis,
  assignments: AssignmentsSummary | null,
  evidence: readonly MetricEvidence[],
): PlanProgress {
  const { asOf } = analysis;
  const { plan } = experiment;
  const ended = hasEnded(experiment, asOf);
  const mature = matureUnits(experiment, assignments, evidence);
  const needed = plan?.unitsPerVariant ?? null;
  const missing = [
    ...(plan?.end == null && needed === null && !ended
      ? [
          `the experiment is running and ${plan === null ? 'declares no plan' : 'its plan has neither an end nor a number of units'}`,
        ]
      : []),
    ...(plan?.end != null && earliest(plan.end)! > asOf ? [`the plan ends at ${shortInstant(plan.end)}`] : []),
    ...(needed === null
      ? []
      : [...mature]
          .filter(([, units]) => units < needed)
          .map(([variant, units]) => `${variant} has ${units} mature units of the ${needed} planned`)),
    ...immature(session, experiment, analysis, assignments),
  ];
  const runtime = experiment.start === null ? null : secondsBetween(experiment.start, earliest(asOf, experiment.end)!);
  const minRuntimeMet = plan?.minRuntime == null || (runtime !== null && runtime >= plan.minRuntime);
  const unitsSoFar = [...mature.values()].reduce((sum, units) => sum + units, 0);
  const plannedUnits = needed === null ? null : needed * experiment.variants.length;
  const until = earliest(plan?.end ?? experiment.end);
  return {
    ended,
    met: missing.length === 0,
    minRuntimeMet,
    missing: minRuntimeMet ? missing : [...missing, runtimeMissing(runtime, plan!.minRuntime!)],
    plannedUnits,
    unitsSoFar,
    informationFraction: plannedUnits === null ? null : Math.min(1, unitsSoFar / plannedUnits),
    remainingDays: until === null ? null : Math.max(0, Math.ceil(secondsBetween(asOf, until) / 86_400)),
  };
}

/** Units of each variant that count in every goal and guardrail: the fewest over the metrics. */
function matureUnits(
  experiment: Experiment,
  assignments: AssignmentsSummary | null,
  evidence: readonly MetricEvidence[],
): ReadonlyMap<string, number> {
  return new Map(
    experiment.variants.map((variant) => {
      const counted = evidence.flatMap(({ comparison, row }) => {
        if (comparison === null || row.metric.variables.some(leavesUnitsOut)) return [];
        if (row.treatment.key === variant.key) return [comparison.arms.treatment.moments.units];
        return row.analysis.control.key === variant.key ? [comparison.arms.control.moments.units] : [];
      });
      const analysed = assignments?.arms.find((arm) => arm.variant.key === variant.key)?.units ?? 0;
      return [variant.key, counted.length === 0 ? analysed : Math.min(...counted)];
    }),
  );
}

/**
 * Outcomes still open when the plan's end or the end of enrolment is reached: the longest window of the last unit up to
 * there, unless treatment ended before.
 */
function immature(
  session: Session,
  experiment: Experiment,
  analysis: Analysis,
  assignments: AssignmentsSummary | null,
): readonly string[] {
  const planEnd = earliest(experiment.plan?.end);
  const planOver = planEnd !== null && planEnd <= analysis.asOf;
  const exposed = assignments?.lastExposure ?? null;
  const last = exposed === null ? null : earliest(exposed, planEnd);
  // A plan by units counts mature units itself; without timestamps nothing is ever open.
  if (last === null || (experiment.plan?.unitsPerVariant ?? null) !== null) return [];
  const windows = experiment.metrics
    .filter(({ role }) => role !== 'DIAGNOSTIC')
    .map(({ metric }) => maturesAfter(metricVersionOf(session, experiment, analysis, metric)) ?? 0);
  const mature: CanonicalInstant = addSeconds(last, Math.max(0, ...windows));
  const observed = earliest(analysis.asOf, experiment.treatmentEnd)!;
  const treatmentStopped = experiment.treatmentEnd !== null && earliest(experiment.treatmentEnd)! <= analysis.asOf;
  return mature <= observed || treatmentStopped || !(planOver || hasEnded(experiment, analysis.asOf))
    ? []
    : [`the last units' outcomes are mature at ${shortInstant(mature)}`];
}

function runtimeMissing(runtime: number | null, least: number): string {
  const days = (seconds: number) => Math.floor(seconds / 8_640) / 10;
  if (runtime === null) return `whether it has run for ${days(least)} days is not known: it declares no start`;
  return `it has run for ${days(runtime)} of at least ${days(least)} days`;
}
