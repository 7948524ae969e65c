import type { Experiment, ExperimentMetric, Variant } from '../catalog/catalog.ts';
import { unlessEngineFails } from '../core/errors.ts';
import type { GoodWhen } from '../core/vocabulary.ts';
import type { Trace } from '../evaluate/trace.ts';
import { type Inference, notComputable } from '../statistics/inference.ts';
import { adjustPValues } from '../statistics/multiple-testing.ts';
import type { NonInferiority } from '../statistics/non-inferiority.ts';
import { type Analysis, treatmentsOf } from './analysis.ts';
import { atLook } from './at-look.ts';
import { type Comparison, compare } from './comparison.ts';
import { analysisKey } from './line-key.ts';
import { oncePerRequest } from './per-request.ts';
import { type ResultRow, resultRows } from './result-row.ts';
import { policyOf } from './rules/policy-tests.ts';
import type { Session } from './session.ts';
import { beyondMarginP, harmP, notWorseThan, shipP, withinMargin } from './tests.ts';

/** Everything the policy asks of one goal or guardrail and one treatment, always on the whole population. */
export interface MetricEvidence {
  readonly row: ResultRow;
  readonly member: ExperimentMetric;
  readonly treatment: Variant;
  /** null: its statement failed. */
  readonly comparison: Comparison | null;
  /** What the decision to ship is taken on: of group-sequential monitoring the data of the latest look. Absent: `comparison`. */
  readonly decided?: Comparison;
  /** One-sided always-valid p that it is worse, and corrected by Holm over (goals + guardrails) × treatments. */
  readonly harmP: number | null;
  readonly harmAdjustedP: number | null;
  /** The same of a guardrail against its margin, as rolling back takes it: worse by more than is tolerated. */
  readonly rollBackP: number | null;
  readonly rollBackAdjustedP: number | null;
  /** Two-sided p of a goal, and corrected over goals × treatments as the policy says. */
  readonly shipP: number | null;
  readonly shipAdjustedP: number | null;
  /** Of a guardrail against its margin. */
  readonly nonInferiority: Inference<NonInferiority>;
  /** Of a goal against its minimum detectable effect. */
  readonly equivalence: Inference<{ readonly pValue: number; readonly holds: boolean }>;
}

/** One-sided level of non-inferiority and equivalence: an intersection-union over guardrails, so shared by the treatments only. */
export function marginAlpha(experiment: Experiment, analysis: Analysis): number {
  return analysis.alpha / treatmentsOf(experiment, analysis).length;
}

const evidence = oncePerRequest<readonly MetricEvidence[]>();

/** The tests of the experiment's policy for every goal and guardrail × treatment. One metric's failure leaves the others. */
export function metricEvidence(
  session: Session,
  experiment: Experiment,
  analysis: Analysis,
  trace?: Trace,
): Promise<readonly MetricEvidence[]> {
  const key = `${experiment.key}|${analysisKey(analysis)}`;
  return evidence(session, key, (own) => gathered(session, experiment, analysis, own), trace);
}

async function gathered(
  session: Session,
  experiment: Experiment,
  analysis: Analysis,
  trace: Trace,
): Promise<readonly MetricEvidence[]> {
  const rows = await resultRows(session, experiment, analysis, { roles: ['GOAL', 'GUARDRAIL'] });
  const [comparisons, decided] = await Promise.all([
    Promise.all(rows.map((row) => unlessEngineFails(compare(session, row, trace)))),
    Promise.all(rows.map((row) => unlessEngineFails(atLook(session, row, trace)))),
  ]);
  const isGoal = rows.map(({ member }) => member.role === 'GOAL');
  const harm = comparisons.map((comparison) => (comparison === null ? null : harmP(comparison)));
  const ship = decided.map((comparison, i) => (comparison === null || !isGoal[i] ? null : shipP(comparison)));
  const rollBack = comparisons.map((comparison, i) => {
    const { margin } = rows[i]!.member;
    return comparison === null || margin === null || isGoal[i] ? harm[i]! : beyondMarginP(comparison, margin);
  });
  const harmAdjusted = adjustPValues(harm, 'HOLM');
  const rollBackAdjusted = adjustPValues(rollBack, 'HOLM');
  const shipAdjusted = adjustPValues(ship, policyOf(experiment).goalCorrection);
  const alpha = marginAlpha(experiment, analysis);
  return rows.map((row, i) => {
    const comparison = decided[i] === null ? null : comparisons[i]!;
    const { margin, minimumDetectableEffect } = row.member;
    return {
      row,
      member: row.member,
      treatment: row.treatment,
      comparison,
      ...(comparison === null ? {} : { decided: decided[i]! }),
      harmP: harm[i]!,
      harmAdjustedP: harmAdjusted[i]!,
      rollBackP: rollBack[i]!,
      rollBackAdjustedP: rollBackAdjusted[i]!,
      shipP: ship[i]!,
      shipAdjustedP: shipAdjusted[i]!,
      nonInferiority:
        comparison === null
          ? notComputable('SOURCE_FAILED')
          : isGoal[i]
            ? notComputable('NOT_APPLICABLE')
            : notWorseThan(decided[i]!, margin, alpha),
      equivalence:
        comparison === null
          ? notComputable('SOURCE_FAILED')
          : isGoal[i]
            ? withinMargin(comparison, minimumDetectableEffect, alpha)
            : notComputable('NOT_APPLICABLE'),
    };
  });
}

/** The estimate points the harmful way and the corrected always-valid test says so. */
export function isHarmed(evidence: MetricEvidence): boolean {
  return evidence.harmAdjustedP !== null && evidence.harmAdjustedP <= evidence.row.analysis.harmAlpha;
}

/**
 * What rolls back: a goal that is worse, a guardrail without a margin that is worse, one with a margin that is worse by more than
 * that; where the policy counts any worsening, all that are worse.
 *
 * A guardrail that is worse than control and not yet shown to be within its margin is no reason by itself: at a million units an
 * arm a loss of half the margin, which the margin tolerates, would be rolled back in a third of the experiments that are looked at daily.
 */
export function isHarmful(evidence: MetricEvidence): boolean {
  if (policyOf(evidence.row.experiment).worseWithinMargin === 'HARM') return isHarmed(evidence);
  return evidence.rollBackAdjustedP !== null && evidence.rollBackAdjustedP <= evidence.row.analysis.harmAlpha;
}

export function pointsBetter({ comparison, decided = comparison ?? undefined }: MetricEvidence): boolean | null {
  if (decided === undefined || !decided.samples.ok) return null;
  return improves(decided.row.metric.goodWhen, decided.samples.treatment.mean - decided.samples.control.mean);
}

export function improves(goodWhen: GoodWhen, difference: number): boolean | null {
  if (goodWhen === 'NEITHER' || difference === 0) return null;
  return difference > 0 === (goodWhen === 'UP');
}

/** A goal that is shown to be better, corrected over the family. */
export function isBetter(evidence: MetricEvidence): boolean {
  return (
    evidence.member.role === 'GOAL' &&
    evidence.shipAdjustedP !== null &&
    evidence.shipAdjustedP <= evidence.row.analysis.alpha &&
    pointsBetter(evidence) === true
  );
}
