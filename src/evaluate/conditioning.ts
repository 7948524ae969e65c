import { covarianceOf, meanOf, mergeMoments } from '../core/moments.ts';
import type { MomentsAnswer } from '../plan/answer.ts';

/** Squared ratio of mean to standard deviation from which plain sums lose more digits than we promise. */
const WORST_CONDITION = 1e6;
/** Engines add in different orders; fewer digits than a double has make both choose the same pivot. */
const PIVOT_DIGITS = 12;

/**
 * Pivots that a metric's moments must be computed about because plain sums cancel (mean 1e8 with sd 1 has no digit of its
 * variance left), or null where plain sums are good. Chan, Golub, LeVeque (1983), §2: the relative error of the textbook
 * variance grows with n·κ² where κ = √(1 + mean²/variance).
 */
export function pivotsNeeded(answer: MomentsAnswer): readonly number[] | null {
  const arms = answer.filter((arm) => arm.moments.units > 1 && arm.moments.products !== null);
  if (arms.length === 0) return null;
  const pooled = arms.map((arm) => arm.moments).reduce(mergeMoments);
  if (pooled.pivots.some((pivot) => pivot !== 0)) return null;
  const means = pooled.pivots.map((_, i) => meanOf(pooled, i));
  if (means.some((mean) => !Number.isFinite(mean))) return null;
  const cancels = means.some((mean, i) => {
    const square = pooled.products![i]![i]! / pooled.units;
    return Number.isFinite(square) && mean !== 0 && square > WORST_CONDITION * Math.max(0, covarianceOf(pooled, i));
  });
  // A variable that is constant (all ones, say) has nothing to lose: its variance is zero either way, exactly so for integers
  // whose squares a double still counts one by one.
  const constant = means.every((mean, i) => {
    const square = mean * mean * pooled.units;
    return Number.isInteger(mean) && square <= Number.MAX_SAFE_INTEGER && pooled.products![i]![i]! === square;
  });
  return cancels && !constant ? means.map((mean) => Number(mean.toPrecision(PIVOT_DIGITS))) : null;
}
