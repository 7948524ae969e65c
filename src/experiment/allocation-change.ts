import type { Experiment } from '../catalog/catalog.ts';
import { groupBy } from '../core/group-by.ts';
import type { CanonicalInstant } from '../core/instant.ts';
import type { Trace } from '../evaluate/trace.ts';
import type { Inference } from '../statistics/inference.ts';
import { allocationHomogeneity } from '../statistics/srm-strata.ts';
import { allocationStrata } from './allocation.ts';
import { exposuresOf } from './exposures.ts';
import type { Session } from './session.ts';
import { SRM_THRESHOLD, SRM_WARNING } from './srm.ts';

/** Whether the variants' shares of the units changed from day to day otherwise than declared. */
export interface AllocationChange {
  readonly pValue: number;
  readonly chiSquare: number;
  readonly detected: boolean;
  readonly warning: boolean;
  /** The first of the days that deviate most, in the time zone of the experiment. */
  readonly date: string;
}

/** Of all exposed units, by day. Reads no facts. Needs the times of assignments; too few days with units: TOO_FEW_POINTS. */
export async function allocationChangeOf(
  session: Session,
  experiment: Experiment,
  asOf: CanonicalInstant,
  trace?: Trace,
): Promise<Inference<AllocationChange>> {
  const points = await exposuresOf(session, experiment, null, asOf, { grain: 'DAY', cumulative: false }, trace);
  const days = [...groupBy(points, ({ at }) => at).values()];
  const test = allocationHomogeneity(days.map((arms) => allocationStrata(experiment, arms)!));
  if (!test.ok) return test;
  const { pValue, chiSquare, worst } = test;
  return {
    ok: true,
    pValue,
    chiSquare,
    detected: pValue < SRM_THRESHOLD,
    warning: pValue < SRM_WARNING,
    date: days[worst]![0]!.date,
  };
}
