import type { Moments } from '../../src/core/moments.ts';

/** The forms in which the reference cases give one arm. */
export interface ArmInput {
  readonly n?: number;
  readonly sum?: number;
  readonly sumSq?: number;
  /** Centred moments: mean and Σ(y − mean)². Preferred to the raw sums, which may have lost the variance. */
  readonly mean?: number;
  readonly m2?: number;
  readonly raw?: readonly number[];
  readonly denSum?: number;
  readonly denSumSq?: number;
  readonly cross_den?: number;
  /** Full raw second-moment matrix. */
  readonly sums?: readonly number[];
  readonly crossProducts?: readonly (readonly number[])[];
}

/** Moments of raw values about their first one. */
export function momentsOfValues(values: readonly number[]): Moments {
  const pivot = values[0] ?? 0;
  const shifted = values.map((value) => value - pivot);
  return {
    units: values.length,
    pivots: [pivot],
    sums: [shifted.reduce((sum, x) => sum + x, 0)],
    products: [[shifted.reduce((sum, x) => sum + x * x, 0)]],
  };
}

/** Moments from whichever form an arm is given in. */
export function momentsOf(arm: ArmInput): Moments {
  if (arm.crossProducts !== undefined && arm.sums !== undefined) {
    return { units: arm.n!, pivots: arm.sums.map(() => 0), sums: arm.sums, products: arm.crossProducts };
  }
  if (arm.denSum !== undefined) {
    return {
      units: arm.n!,
      pivots: [0, 0],
      sums: [arm.sum!, arm.denSum],
      products: [[arm.sumSq!], [arm.cross_den!, arm.denSumSq!]],
    };
  }
  if (arm.mean !== undefined && arm.m2 !== undefined) {
    return { units: arm.n!, pivots: [arm.mean], sums: [0], products: [[arm.m2]] };
  }
  if (arm.raw !== undefined) return momentsOfValues(arm.raw);
  // a 0/1 variable is its own square
  return { units: arm.n!, pivots: [0], sums: [arm.sum!], products: [[arm.sumSq ?? arm.sum!]] };
}
