import type { Experiment, Variant } from '../../catalog/catalog.ts';
import type { AllocationChange } from '../allocation-change.ts';
import type { Analysis } from '../analysis.ts';
import type { AssignmentsSummary } from '../assignments.ts';
import type { MetricEvidence } from '../decision-tests.ts';
import type { SourceFreshness } from '../freshness.ts';
import type { PlanProgress } from '../plan-progress.ts';
import type { SampleRatioMismatch } from '../srm.ts';

export const VERDICTS = [
  'SHIP',
  'ROLL_BACK',
  'KEEP_RUNNING',
  'NO_EFFECT',
  'INCONCLUSIVE',
  'BLOCKED',
  'INVALID',
] as const;
export type Verdict = (typeof VERDICTS)[number];

export const SEVERITIES = ['INFO', 'WARNING', 'CRITICAL'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Everything the rules look at, gathered before any of them is asked. */
export interface Evidence {
  readonly experiment: Experiment;
  readonly analysis: Analysis;
  /** null: they could not be read. */
  readonly assignments: AssignmentsSummary | null;
  readonly srm: SampleRatioMismatch | null;
  /** null: it cannot be told; absent: it was not asked for. */
  readonly allocation?: AllocationChange | null;
  readonly freshness: readonly SourceFreshness[];
  readonly metrics: readonly MetricEvidence[];
  readonly progress: PlanProgress;
}

export interface Reason {
  readonly code: string;
  readonly message: string;
  readonly severity: Severity;
  /** Name of the metric it is about. */
  readonly metric: string | null;
}

/** What a rule said of one treatment, and what it looked at. */
export interface RuleEvaluation {
  readonly rule: Verdict;
  /** null: it cannot be told. */
  readonly holds: boolean | null;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly message: string;
  readonly reasons: readonly Reason[];
}

/** One rule of the policy: a pure function of the evidence. */
export type Rule = (evidence: Evidence, treatment: Variant) => RuleEvaluation;

export function metricsOf(
  evidence: Evidence,
  treatment: Variant,
  role?: 'GOAL' | 'GUARDRAIL',
): readonly MetricEvidence[] {
  return evidence.metrics.filter(
    (one) => one.treatment.key === treatment.key && (role === undefined || one.member.role === role),
  );
}

/** p-values as people read them. */
export function showP(p: number | null): string {
  return p === null ? 'unknown' : p < 0.0001 ? p.toExponential(1) : p.toPrecision(2);
}
