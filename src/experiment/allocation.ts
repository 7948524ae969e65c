import type { Experiment, Variant } from '../catalog/catalog.ts';
import type { AllocationStratum } from '../statistics/srm-strata.ts';

/** The weights of each phase, in order; of the variants where no phases are declared. */
export function allocationsOf({ phases = [], variants }: Experiment): readonly ReadonlyMap<string, number>[] {
  return phases.length > 1
    ? phases.map(({ weights }) => weights)
    : [new Map(variants.map(({ key, weight }) => [key, weight]))];
}

/** Whether the experiment declares phases with different weights: then the arms' units are not of the same times. */
export function isRamped(experiment: Experiment): boolean {
  const [first, ...others] = allocationsOf(experiment);
  return others.some((weights) => [...weights].some(([key, weight]) => weight !== first!.get(key)));
}

/** Units of one variant. */
export interface ArmUnits {
  readonly variant: Variant;
  readonly units: number;
  /** What was randomised, units or clusters, by phase; null: of units whose phase is not known, in an experiment with several. */
  readonly allocated: readonly number[] | null;
}

/** Units of a variant, as they are answered. */
interface Count {
  readonly variant: string | null;
  readonly units: number;
  readonly clusters?: number;
  readonly phase?: number | null;
}

/** Every configured variant has an arm, with zero units too. */
export function byVariant(experiment: Experiment, counts: readonly Count[]): readonly ArmUnits[] {
  const phases = allocationsOf(experiment);
  const known = phases.length === 1 || counts.every(({ phase }) => phase != null);
  return experiment.variants.map((variant) => {
    const own = counts.filter((count) => count.variant === variant.key);
    const randomised = (of: readonly Count[]) => of.reduce((sum, { units, clusters }) => sum + (clusters ?? units), 0);
    return {
      variant,
      units: own.reduce((sum, { units }) => sum + units, 0),
      allocated: known
        ? phases.map((_, i) => randomised(phases.length === 1 ? own : own.filter(({ phase }) => phase === i)))
        : null,
    };
  });
}

/** The arms by phase with the phase's weights, as the tests of the allocation take them; null: the phases are not known. */
export function allocationStrata(
  experiment: Experiment,
  arms: readonly Pick<ArmUnits, 'variant' | 'allocated'>[],
): readonly AllocationStratum[] | null {
  if (arms.some(({ allocated }) => allocated === null)) return null;
  return allocationsOf(experiment).map((weights, phase) =>
    arms.map(({ variant, allocated }) => ({ observed: allocated![phase]!, weight: weights.get(variant.key) ?? 0 })),
  );
}
