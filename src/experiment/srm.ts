import type { Experiment, Variant } from '../catalog/catalog.ts';
import { groupBy } from '../core/group-by.ts';
import type { CanonicalInstant } from '../core/instant.ts';
import type { TimeGrain, Unknown } from '../core/vocabulary.ts';
import type { Trace } from '../evaluate/trace.ts';
import type { Filter } from '../plan/filter.ts';
import { adjustPValues } from '../statistics/multiple-testing.ts';
import { sampleRatioTest } from '../statistics/srm.ts';
import { type ArmUnits, type AssignmentsSummary, assignmentsOf, asymmetry, byVariant } from './assignments.ts';
import { exposuresOf } from './exposures.ts';
import type { Session } from './session.ts';
import { slicesOf } from './slices.ts';

/** p below this is the alarm (Fabijan et al., 2019, use 0.0005 to 0.001); below the next it is a warning. */
export const SRM_THRESHOLD = 0.001;
export const SRM_WARNING = 0.01;

export interface SrmArm {
  readonly variant: Variant;
  readonly expected: number;
  readonly observed: number;
}

export interface SrmStage {
  readonly stage: 'ASSIGNED' | 'ANALYSED';
  readonly pValue: number | null;
  readonly arms: readonly SrmArm[];
}

/** Whether the arms' sizes are what their weights promise. */
export interface SampleRatioMismatch {
  readonly chiSquare: number | null;
  readonly degreesOfFreedom: number;
  readonly pValue: number | null;
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
  const test = sampleRatioTest(
    assignments.arms.map(({ units, variant }) => ({ observed: units, weight: variant.weight })),
  );
  const pValue = test.ok ? test.pValue : null;
  return {
    chiSquare: test.ok ? test.chiSquare : null,
    degreesOfFreedom: experiment.variants.length - 1,
    pValue,
    unknown: test.ok ? null : test.reason,
    detected: pValue === null ? null : pValue < SRM_THRESHOLD,
    warning: pValue === null ? null : pValue < SRM_WARNING,
    arms: srmArms(assignments.arms),
    stages: [
      { stage: 'ASSIGNED', pValue: asymmetry(assignments.assigned), arms: srmArms(assignments.assigned) },
      { stage: 'ANALYSED', pValue, arms: srmArms(assignments.arms) },
    ],
  };
}

function srmArms(arms: readonly ArmUnits[]): readonly SrmArm[] {
  const units = arms.reduce((sum, arm) => sum + arm.units, 0);
  const weights = arms.reduce((sum, arm) => sum + arm.variant.weight, 0);
  return arms.map((arm) => ({
    variant: arm.variant,
    observed: arm.units,
    expected: (units * arm.variant.weight) / weights,
  }));
}

export interface SrmPoint {
  readonly at: CanonicalInstant;
  readonly date: string;
  readonly pValue: number | null;
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
  return [...periods.values()].map((arms) => ({ at: arms[0]!.at, date: arms[0]!.date, pValue: asymmetry(arms) }));
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
      pValue: asymmetry(arms),
      arms: srmArms(arms),
    };
  });
  const adjusted = adjustPValues(
    tested.map(({ pValue }) => pValue),
    'BENJAMINI_HOCHBERG',
  );
  return tested.map((slice, i) => ({ ...slice, adjustedPValue: adjusted[i]! }));
}
