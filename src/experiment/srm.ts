import type { Experiment, Variant } from '../catalog/catalog.ts';
import { groupBy } from '../core/group-by.ts';
import type { CanonicalInstant } from '../core/instant.ts';
import type { TimeGrain, Unknown } from '../core/vocabulary.ts';
import type { Trace } from '../evaluate/trace.ts';
import type { Filter } from '../plan/filter.ts';
import { adjustPValues } from '../statistics/multiple-testing.ts';
import { sequentialSampleRatioTest } from '../statistics/srm-sequential.ts';
import { stratifiedSampleRatioTest } from '../statistics/srm-strata.ts';
import { type ArmUnits, allocationStrata, byVariant } from './allocation.ts';
import { type AssignmentsSummary, activatedOf, assignmentsOf, asymmetry } from './assignments.ts';
import { exposuresOf } from './exposures.ts';
import type { Session } from './session.ts';
import { slicesOf } from './slices.ts';

/** p below this is the alarm (Fabijan et al., 2019, use 0.0005 to 0.001); below the next it is a warning. */
export const SRM_THRESHOLD = 0.001;
export const SRM_WARNING = 0.01;

export interface SrmArm {
  readonly variant: Variant;
  /** By the weights of each phase. */
  readonly expected: number;
  /** Units; or clusters, where those are randomised. */
  readonly observed: number;
}

export interface SrmStage {
  readonly stage: 'ASSIGNED' | 'ANALYSED' | 'ACTIVATED';
  readonly pValue: number | null;
  readonly arms: readonly SrmArm[];
}

/** Whether the arms' sizes are what their weights promise. */
export interface SampleRatioMismatch {
  readonly chiSquare: number | null;
  readonly degreesOfFreedom: number;
  readonly pValue: number | null;
  /** Valid however often it is looked at; of all units at hand. */
  readonly sequentialPValue: number | null;
  readonly unknown: Unknown | null;
  readonly detected: boolean | null;
  readonly warning: boolean | null;
  readonly arms: readonly SrmArm[];
  readonly stages: readonly SrmStage[];
}

export async function sampleRatioMismatchOf(
  session: Session,
  experiment: Experiment,
  where: Filter | null,
  asOf: CanonicalInstant,
  trace?: Trace,
): Promise<SampleRatioMismatch> {
  return srmOf(experiment, await assignmentsOf(session, experiment, where, asOf, trace));
}

/** The headline is the test on analysed units; the stages tell where a mismatch comes in. */
export function srmOf(experiment: Experiment, assignments: AssignmentsSummary): SampleRatioMismatch {
  const test = stratifiedSampleRatioTest(allocationStrata(experiment, assignments.arms)!);
  const pValue = test.ok ? test.pValue : null;
  return {
    chiSquare: test.ok ? test.chiSquare : null,
    degreesOfFreedom: test.ok ? test.degreesOfFreedom : experiment.variants.length - 1,
    pValue,
    sequentialPValue: sequentialP(experiment, assignments.arms),
    unknown: test.ok ? null : test.reason,
    detected: pValue === null ? null : pValue < SRM_THRESHOLD,
    warning: pValue === null ? null : pValue < SRM_WARNING,
    arms: srmArms(experiment, assignments.arms),
    stages: [stageOf('ASSIGNED', experiment, assignments.assigned), stageOf('ANALYSED', experiment, assignments.arms)],
  };
}

/** The stages; where units are activated, the last of them, too, which reads the facts that activate. */
export async function srmStagesOf(
  session: Session,
  experiment: Experiment,
  where: Filter | null,
  asOf: CanonicalInstant,
  trace?: Trace,
): Promise<readonly SrmStage[]> {
  const [{ stages }, activated] = await Promise.all([
    sampleRatioMismatchOf(session, experiment, where, asOf, trace),
    experiment.activation == null ? null : activatedOf(session, experiment, where, asOf, trace),
  ]);
  return activated === null ? stages : [...stages, stageOf('ACTIVATED', experiment, activated.arms)];
}

function stageOf(stage: SrmStage['stage'], experiment: Experiment, arms: readonly ArmUnits[]): SrmStage {
  return { stage, pValue: asymmetry(experiment, arms), arms: srmArms(experiment, arms) };
}

type Allocated = Pick<ArmUnits, 'variant' | 'allocated'>;

function sequentialP(experiment: Experiment, arms: readonly Allocated[]): number | null {
  const test = sequentialSampleRatioTest(allocationStrata(experiment, arms)!);
  return test.ok ? test.pValue : null;
}

function srmArms(experiment: Experiment, arms: readonly Allocated[]): readonly SrmArm[] {
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const strata = allocationStrata(experiment, arms)!.map((stratum) => ({
    units: sum(stratum.map(({ observed }) => observed)),
    weights: sum(stratum.map(({ weight }) => weight)),
    stratum,
  }));
  return arms.map(({ variant, allocated }, i) => ({
    variant,
    observed: sum(allocated!),
    expected: sum(strata.map(({ units, weights, stratum }) => (units * stratum[i]!.weight) / weights)),
  }));
}

export interface SrmPoint {
  readonly at: CanonicalInstant;
  readonly date: string;
  readonly pValue: number | null;
  /** Valid however often it is looked at: the least of the periods so far. */
  readonly sequentialPValue: number | null;
}

/** The test on all units exposed up to the end of each period. */
export async function srmTimelineOf(
  session: Session,
  experiment: Experiment,
  where: Filter | null,
  asOf: CanonicalInstant,
  grain: TimeGrain,
  trace?: Trace,
): Promise<readonly SrmPoint[]> {
  const points = await exposuresOf(session, experiment, where, asOf, { grain, cumulative: true }, trace);
  const periods = groupBy(points, ({ at }) => at);
  let least: number | null = null;
  return [...periods.values()].map((arms) => {
    const own = sequentialP(experiment, arms);
    if (own !== null) least = Math.min(own, least ?? 1);
    return { at: arms[0]!.at, date: arms[0]!.date, pValue: asymmetry(experiment, arms), sequentialPValue: least };
  });
}

export interface SrmSlice {
  readonly value: string | null;
  readonly isRest: boolean;
  readonly pValue: number | null;
  /** Benjamini–Hochberg over the slices. */
  readonly adjustedPValue: number | null;
  readonly arms: readonly SrmArm[];
}

export async function srmBySlice(
  session: Session,
  experiment: Experiment,
  where: Filter | null,
  asOf: CanonicalInstant,
  dimension: string,
  trace?: Trace,
): Promise<readonly SrmSlice[]> {
  const slices = await slicesOf(session, experiment, where, asOf, [dimension], trace);
  const tested = slices.map((slice) => {
    const arms = byVariant(experiment, slice.counts);
    return {
      value: slice.values?.[0] ?? null,
      isRest: slice.values === null,
      pValue: asymmetry(experiment, arms),
      arms: srmArms(experiment, arms),
    };
  });
  const adjusted = adjustPValues(
    tested.map(({ pValue }) => pValue),
    'BENJAMINI_HOCHBERG',
  );
  return tested.map((slice, i) => ({ ...slice, adjustedPValue: adjusted[i]! }));
}
