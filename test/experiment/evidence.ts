import type { Experiment, ExperimentMetric, Variant } from '../../src/catalog/catalog.ts';
import { resolveAnalysis } from '../../src/experiment/analysis.ts';
import type { AssignmentsSummary } from '../../src/experiment/assignments.ts';
import type { MetricEvidence } from '../../src/experiment/decision-tests.ts';
import type { SourceFreshness } from '../../src/experiment/freshness.ts';
import type { PlanProgress } from '../../src/experiment/plan-progress.ts';
import type { Evidence } from '../../src/experiment/rules/rule.ts';
import { type SampleRatioMismatch, srmOf } from '../../src/experiment/srm.ts';
import { type Inference, notComputable } from '../../src/statistics/inference.ts';
import { TWO } from './sketch.ts';
import { lines, world } from './world.ts';

export const TREATMENT = TWO[1];

/** What a metric's tests said, by hand. */
export interface Tested {
  readonly role?: 'GOAL' | 'GUARDRAIL';
  readonly treatment?: Variant;
  readonly margin?: number | null;
  readonly goodWhen?: 'UP' | 'DOWN';
  /** Treatment minus control. */
  readonly change?: number;
  /** Corrected p-values; null: not computable. */
  readonly harm?: number | null;
  /** Of a guardrail against its margin; absent: as `harm`. */
  readonly beyond?: number | null;
  readonly ship?: number | null;
  readonly nonInferior?: boolean | null;
  readonly equivalent?: boolean | null;
  readonly failed?: boolean;
}

const said = (holds: boolean | null | undefined): Inference<{ pValue: number; bound: null; holds: boolean }> =>
  holds == null ? notComputable('ZERO_VARIANCE') : { ok: true, pValue: holds ? 0.001 : 0.5, bound: null, holds };

const [ROW] = await lines(world({ m: { arms: {} } }));

export function tested(metric: string, options: Tested = {}): MetricEvidence {
  const { role = 'GOAL', treatment = TREATMENT, margin = null, goodWhen = 'UP', change = 0 } = options;
  const member: ExperimentMetric = { metric, version: null, role, margin, minimumDetectableEffect: 0.02 };
  const row = { ...ROW!, member, treatment, metric: { ...ROW!.metric, metric, goodWhen } };
  const arm = {
    variant: 'any',
    slice: 0,
    exposed: 2,
    moments: { units: 2, pivots: [0], sums: [0], products: null },
    order: null,
    joint: null,
    shape: null,
    unitsWithValue: null,
    capping: null,
    invalidRows: null,
    rowsBelowMinimum: null,
  };
  const samples = {
    ok: true,
    control: { n: 2, mean: 10, variance: 1 },
    treatment: { n: 2, mean: 10 + change, variance: 1 },
  } as const;
  return {
    row,
    member,
    treatment,
    comparison: options.failed ? null : { row, arms: { control: arm, treatment: arm }, samples },
    harmP: options.harm ?? null,
    harmAdjustedP: options.harm ?? null,
    rollBackP: options.beyond === undefined ? (options.harm ?? null) : options.beyond,
    rollBackAdjustedP: options.beyond === undefined ? (options.harm ?? null) : options.beyond,
    shipP: options.ship ?? null,
    shipAdjustedP: options.ship ?? null,
    nonInferiority: said(options.nonInferior),
    equivalence: said(options.equivalent),
  };
}

export const guard = (metric: string, options: Tested = {}): MetricEvidence =>
  tested(metric, { role: 'GUARDRAIL', ...options });

const DONE: PlanProgress = {
  ended: true,
  met: true,
  minRuntimeMet: true,
  missing: [],
  plannedUnits: null,
  unitsSoFar: 4000,
  informationFraction: null,
  remainingDays: 0,
};
export const FRESH: SourceFreshness = {
  source: 'events',
  rows: 10,
  latest: '2026-04-30T00:00:00.000000Z',
  stale: false,
};

/** Analysed units of control and treatment, and units seen in both. */
export function assigned(control: number, treatment: number, both = 0): AssignmentsSummary {
  const arms = [
    { variant: TWO[0], units: control, allocated: [control] },
    { variant: TWO[1], units: treatment, allocated: [treatment] },
  ];
  const excluded =
    both === 0
      ? []
      : [{ reason: 'MULTIPLE_VARIANTS' as const, rows: 2 * both, units: both, byVariant: null, asymmetryPValue: null }];
  return {
    rows: control + treatment + 2 * both,
    units: control + treatment,
    arms,
    assigned: arms,
    excluded,
    lastExposure: null,
  };
}

export interface Given {
  readonly experiment?: Partial<Experiment>;
  readonly assignments?: AssignmentsSummary | null;
  readonly srm?: SampleRatioMismatch | null;
  readonly freshness?: readonly SourceFreshness[];
  readonly metrics?: readonly MetricEvidence[];
  readonly progress?: Partial<PlanProgress>;
}

/** Evidence that no rule but the last finds anything in, but for what is given. */
export function evidence(given: Given = {}): Evidence {
  const { session, experiment } = world({}, { experiment: given.experiment ?? {} });
  const assignments = given.assignments === undefined ? assigned(2000, 2000) : given.assignments;
  return {
    experiment,
    analysis: resolveAnalysis(session, experiment),
    assignments,
    srm: given.srm === undefined ? (assignments === null ? null : srmOf(experiment, assignments)) : given.srm,
    freshness: given.freshness ?? [FRESH],
    metrics: given.metrics ?? [],
    progress: { ...DONE, ...given.progress },
  };
}
