import { covarianceOf, type Moments, meanOf, mergeMoments } from '../core/moments.ts';
import type { ArmMoments, MomentsAnswer } from '../plan/answer.ts';

/** Squared ratio of mean to standard deviation from which plain sums lose more digits than we promise. */
export const WORST_CONDITION = 1e6;
/** Engines add in different orders; fewer digits than a double has make both choose the same pivot. */
export const PIVOT_DIGITS = 12;

/**
 * Pivots that a metric's moments, its covariates' too where they were asked for, must be computed about because plain sums cancel
 * (mean 1e8 with sd 1 has no digit of its variance left), or null where plain sums are good. Chan, Golub, LeVeque (1983), §2: the
 * relative error of the textbook variance grows with n·κ² where κ = √(1 + mean²/variance).
 */
export function pivotsNeeded(answer: MomentsAnswer): readonly number[] | null {
  const arms = answer.filter(({ moments: { units, products } }) => units > 1 && products !== null);
  if (arms.length === 0) return null;
  const pooled = arms.map(({ joint, moments }) => joint?.moments ?? moments).reduce(mergeMoments);
  if (pooled.pivots.some((pivot) => pivot !== 0)) return null;
  // An adjustment with an indicator of missing is by how the known values spread, whatever stands for the others.
  const known = arms.reduce((sum, { joint }) => sum + (joint?.unitsWithCovariate ?? 0), 0);
  const amongKnown = { ...pooled, units: known };
  const groups = pooled.pivots.map((_, i) => (isKnownOnly(arms[0]!, i) && known > 1 ? amongKnown : pooled));
  const means = groups.map((group, i) => meanOf(group, i));
  if (means.some((mean) => !Number.isFinite(mean))) return null;
  const cancels = means.some((mean, i) => isCancelling(groups[i]!, i, mean) && !isConstant(groups[i]!, i, mean));
  return cancels ? means.map((mean) => Number(mean.toPrecision(PIVOT_DIGITS))) : null;
}

/** Whether variable i is the value before of units whose indicator of missing, the third of three variables, is 0. */
function isKnownOnly({ moments, joint }: ArmMoments, i: number): boolean {
  return i === 1 && joint !== null && moments.pivots.length === 1 && joint.moments.pivots.length === 3;
}

function isCancelling(pooled: Moments, i: number, mean: number): boolean {
  const square = pooled.products![i]![i]! / pooled.units;
  return Number.isFinite(square) && mean !== 0 && square > WORST_CONDITION * Math.max(0, covarianceOf(pooled, i));
}

/**
 * A variable that is constant (all ones, say) has nothing to lose: its variance is zero either way, exactly so for integers whose
 * squares a double still counts one by one.
 */
function isConstant(pooled: Moments, i: number, mean: number): boolean {
  const square = mean * mean * pooled.units;
  return Number.isInteger(mean) && square <= Number.MAX_SAFE_INTEGER && pooled.products![i]![i]! === square;
}
