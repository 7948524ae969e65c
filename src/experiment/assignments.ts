import type { Experiment } from '../catalog/catalog.ts';
import type { CanonicalInstant } from '../core/instant.ts';
import { latest } from '../core/instant.ts';
import type { Trace } from '../evaluate/trace.ts';
import { type AssignmentCount, DROP_REASONS, type DropReason } from '../plan/answer.ts';
import type { Filter } from '../plan/filter.ts';
import { stratifiedSampleRatioTest } from '../statistics/srm-strata.ts';
import { type ArmUnits, allocationStrata, byVariant } from './allocation.ts';
import { populationOf, type Session } from './session.ts';

export type ExclusionReason = DropReason | 'IMMATURE';

/** Units (and rows) that are left out, why, and whether the variants lose alike. */
export interface Exclusion {
  readonly reason: ExclusionReason;
  readonly rows: number;
  readonly units: number;
  /** By the (first) variant; null where the rows have none that is configured. */
  readonly byVariant: readonly ArmUnits[] | null;
  /** Chi-square test that the excluded units fall into the variants by their weights; null where it cannot be computed. */
  readonly asymmetryPValue: number | null;
}

export interface AssignmentsSummary {
  /** Every assignment row there was at asOf. */
  readonly rows: number;
  /** Units that are analysed. */
  readonly units: number;
  readonly arms: readonly ArmUnits[];
  /** Units in their first variant, those seen in several variants too. */
  readonly assigned: readonly ArmUnits[];
  readonly excluded: readonly Exclusion[];
  readonly lastExposure: CanonicalInstant | null;
}

/** Who was assigned, who is analysed (or waits to be activated), and who is not and why. Reads no facts. */
export async function assignmentsOf(
  session: Session,
  experiment: Experiment,
  where: Filter | null,
  asOf: CanonicalInstant,
  trace?: Trace,
): Promise<AssignmentsSummary> {
  const population = populationOf(session, experiment, where, asOf);
  return summarised(experiment, await session.evaluator.ask({ kind: 'assignments', population }, trace));
}

/** The same where units that were not activated are left out, too: reads the facts that activate. */
export async function activatedOf(
  session: Session,
  experiment: Experiment,
  where: Filter | null,
  asOf: CanonicalInstant,
  trace?: Trace,
): Promise<AssignmentsSummary> {
  if (experiment.activation == null) return assignmentsOf(session, experiment, where, asOf, trace);
  const population = populationOf(session, experiment, where, asOf);
  const counts = await session.evaluator.ask({ kind: 'assignments', population, activated: true }, trace);
  return summarised(experiment, counts);
}

function summarised(experiment: Experiment, counts: readonly AssignmentCount[]): AssignmentsSummary {
  const kept = counts.filter(({ reason }) => reason === null);
  const several = counts.filter(({ reason }) => reason === 'MULTIPLE_VARIANTS');
  return {
    rows: total(counts, 'rows'),
    units: total(kept, 'units'),
    arms: byVariant(experiment, kept),
    assigned: byVariant(experiment, [...kept, ...several]),
    excluded: DROP_REASONS.flatMap((reason) => {
      const dropped = counts.filter((count) => count.reason === reason);
      return dropped.length === 0 ? [] : [exclusion(experiment, reason, dropped)];
    }),
    lastExposure: latest(...kept.map(({ lastExposure }) => lastExposure)),
  };
}

function exclusion(experiment: Experiment, reason: DropReason, dropped: readonly AssignmentCount[]): Exclusion {
  const known = reason !== 'NULL_UNIT' && reason !== 'NULL_VARIANT' && reason !== 'UNKNOWN_VARIANT';
  const arms = known ? byVariant(experiment, dropped) : null;
  return {
    reason,
    rows: total(dropped, 'rows'),
    units: total(dropped, 'units'),
    byVariant: arms,
    asymmetryPValue: arms === null ? null : asymmetry(experiment, arms),
  };
}

/** p of the chi-square test that units fall into the variants by their weights; null where it cannot be computed. */
export function asymmetry(
  experiment: Experiment,
  arms: readonly Pick<ArmUnits, 'variant' | 'allocated'>[],
): number | null {
  const strata = allocationStrata(experiment, arms);
  const test = strata === null ? null : stratifiedSampleRatioTest(strata);
  return test?.ok ? test.pValue : null;
}

function total(counts: readonly AssignmentCount[], field: 'rows' | 'units'): number {
  return counts.reduce((sum, count) => sum + count[field], 0);
}
