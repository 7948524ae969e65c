import type { Experiment } from '../catalog/catalog.ts';
import { shortInstant } from '../core/instant.ts';
import type { Trace } from '../evaluate/trace.ts';
import { type Analysis, statusOf, treatmentsOf } from './analysis.ts';
import { isBetter } from './decision-tests.ts';
import { metricsOf } from './rules/rule.ts';
import type { Session } from './session.ts';
import { type Summary, summaryOf, type TreatmentVerdict } from './summary.ts';
import { column, type TableCell, type TableColumn } from './table.ts';

/** The columns of `experiment_summary`: one row an experiment × treatment. */
export const SUMMARY_COLUMNS: readonly TableColumn[] = [
  column('experiment', 'STRING', 'DIMENSION'),
  column('name', 'STRING', 'DIMENSION'),
  column('owner', 'STRING', 'DIMENSION'),
  column('status', 'STRING', 'DIMENSION'),
  column('control', 'STRING', 'DIMENSION'),
  column('treatment', 'STRING', 'DIMENSION'),
  column('verdict', 'STRING', 'STATISTIC'),
  column('recommended_action', 'STRING', 'STATISTIC'),
  column('harm_suspected', 'BOOLEAN', 'STATISTIC'),
  column('reasons', 'STRING', 'STATISTIC'),
  column('units', 'INTEGER', 'METRIC'),
  column('srm_p_value', 'FLOAT', 'STATISTIC'),
  column('goals', 'INTEGER', 'METRIC'),
  column('goals_better', 'INTEGER', 'METRIC'),
  column('guardrails', 'INTEGER', 'METRIC'),
  column('guardrails_safe', 'INTEGER', 'METRIC'),
  column('plan_met', 'BOOLEAN', 'STATISTIC'),
  column('as_of', 'DATETIME', 'TIME'),
];

export interface SummaryRow {
  readonly experiment: Experiment;
  readonly analysis: Analysis;
  readonly treatment: string;
}

export function summaryRows(experiment: Experiment, analysis: Analysis): readonly SummaryRow[] {
  return treatmentsOf(experiment, analysis).map(({ key }) => ({ experiment, analysis, treatment: key }));
}

export async function summaryCells(
  session: Session,
  { experiment, analysis, treatment }: SummaryRow,
  trace?: Trace,
): Promise<readonly TableCell[]> {
  const summary = await summaryOf(session, experiment, analysis, trace);
  return cells(experiment, analysis, summary, summary.treatments.find(({ variant }) => variant.key === treatment)!);
}

function cells(
  experiment: Experiment,
  analysis: Analysis,
  { evidence }: Summary,
  own: TreatmentVerdict,
): readonly TableCell[] {
  const goals = metricsOf(evidence, own.variant, 'GOAL');
  const guardrails = metricsOf(evidence, own.variant, 'GUARDRAIL');
  return [
    experiment.key,
    experiment.name,
    experiment.owner,
    statusOf(experiment, analysis.asOf),
    analysis.control.key,
    own.variant.key,
    own.verdict,
    own.recommendedAction,
    own.harmSuspected,
    own.reasons.map(({ code }) => code),
    evidence.assignments?.units ?? null,
    evidence.srm?.pValue ?? null,
    goals.length,
    goals.filter(isBetter).length,
    guardrails.length,
    guardrails.filter(({ nonInferiority }) => nonInferiority.ok && nonInferiority.holds).length,
    evidence.progress.met,
    shortInstant(analysis.asOf),
  ];
}
