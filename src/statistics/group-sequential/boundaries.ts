import { type Alternative, assertProbability } from '../alternative.ts';
import { normalSf, normalUpperQuantile } from '../distributions.ts';
import { type Inference, notComputable } from '../inference.ts';
import { errorSpent, type Spending } from './spending.ts';
import { ALL_PATHS, type Survivors, survivorsOf, tailAt } from './survivors.ts';

/** Looks closer than this share of the information at hand are one look. */
const CLOSEST = 1e-6;
/** Less error than this buys no boundary: the z beyond which it lies is above 37. */
const LEAST_ERROR = 1e-300;

/** A plan of looks that keeps the error of all looks together at alpha. */
export interface GroupSequentialDesign {
  /** Error of all looks together, both sides. */
  readonly alpha: number;
  /** 'two-sided' gives each side alpha/2; a one-sided test gives its side alpha. */
  readonly alternative?: Alternative;
  readonly spending: Spending;
  /**
   * The share of the planned information at each declared look, ascending: what was found at past looks, what is planned for
   * later ones, which do not change the boundaries before them. Information is 1/se², units where the variance is the same. The
   * last look may have more than planned (above 1): it spends what is left, and its correlation with earlier looks is its own.
   */
  readonly looks: readonly number[];
}

/** The boundary of one look. */
export interface LookBoundary {
  readonly information: number;
  /**
   * The critical z, of both sides where the test has two; of 'less' with its sign turned. Null where so little is spent by then
   * (less than 1e-300) that no result stops.
   */
  readonly z: number | null;
  /** The error of all looks up to this one, both sides. */
  readonly spent: number;
  /** The two-sided (one-sided) tail of this look's z: a test of any kind at this level keeps the design's error. 0 where z is null. */
  readonly adjustedAlpha: number;
}

export interface GroupSequentialBoundaries {
  readonly looks: readonly LookBoundary[];
}

/** How many sides the error is shared by. */
export const sidesOf = (alternative: Alternative = 'two-sided'): 1 | 2 => (alternative === 'two-sided' ? 2 : 1);

/** The statistic in the direction that the alternative looks for. */
export function directed(statistic: number, alternative: Alternative = 'two-sided'): number {
  if (alternative === 'two-sided') return Math.abs(statistic);
  return alternative === 'greater' ? statistic : -statistic;
}

/**
 * Whether the looks can be taken: at least one, of finite information above 0, ascending by at least a millionth of it, none
 * after the planned information is reached.
 */
export function looksInOrder(looks: readonly number[]): boolean {
  const ascending = looks.every((t, k) => Number.isFinite(t) && t > 0 && (k === 0 || t - looks[k - 1]! >= CLOSEST * t));
  return looks.length > 0 && ascending && looks.slice(0, -1).every((t) => t < 1);
}

/** One look of one side: who has survived until then, the error it may add, the z that adds it, and the error with it. */
export interface SideLook {
  readonly before: Survivors;
  readonly allowance: number;
  readonly z: number | null;
  readonly spent: number;
}

/**
 * Boundaries of one side, look by look, for its error: at each look the z at which P(stopped now, not before) is what the
 * spending function allows by now, less what was spent before. A look that may spend nothing stops nothing and leaves its
 * allowance to the next.
 */
export function sideBoundaries(looks: readonly number[], spending: Spending, error: number): readonly SideLook[] {
  const result: SideLook[] = [];
  let [before, spent] = [ALL_PATHS, 0];
  for (const [k, information] of looks.entries()) {
    const allowed = errorSpent(spending, error, information);
    const allowance = allowed - spent;
    if (allowance < LEAST_ERROR) {
      result.push({ before, allowance, z: null, spent });
      continue;
    }
    const z = criticalZ(before, information, allowance);
    result.push({ before, allowance, z, spent: allowed });
    spent = allowed;
    if (k + 1 < looks.length) before = survivorsOf(before, information, z, looks[k + 1]!);
  }
  return result;
}

/**
 * The z at which a look stops with the given probability. Its logarithm is concave in z (a log-concave density was convolved),
 * so Newton's method from above cannot miss. Two bounds from above: the z of the tail alone, and a jump from the highest score
 * that went on.
 */
function criticalZ(before: Survivors, information: number, probability: number): number {
  const sigma = Math.sqrt(information - before.information);
  const q = normalUpperQuantile(probability);
  let y = Math.min(q * Math.sqrt(information), before.top + q * sigma);
  for (let step = 0; step < 50; step++) {
    const { tail, density } = tailAt(before, sigma, y);
    const move = (Math.log(tail / probability) * tail) / density;
    if (!Number.isFinite(move)) break;
    y += move;
    if (Math.abs(move) <= 1e-13 * Math.sqrt(information)) break;
  }
  return y / Math.sqrt(information);
}

/**
 * Group-sequential boundaries by error spending (Lan & DeMets 1983), for looks at any shares of the information. The two sides
 * do not bind each other: each stops its alpha/2 as if the other were not there, so the error of both together is alpha less
 * what crosses both (as R's ldbounds with two sides, and spotify-confidence). Crossing probabilities are right to 1e-12.
 *
 * The score of any estimate that is asymptotically efficient has the joint distribution that this needs (Jennison & Turnbull
 * 2000, chapter 3): means, proportions, ratios and lifts, with known or consistently estimated variance. When a look is taken
 * must not depend on the results. Looks out of order are refused: NOT_APPLICABLE.
 */
export function groupSequentialBoundaries(design: GroupSequentialDesign): Inference<GroupSequentialBoundaries> {
  assertProbability('alpha', design.alpha);
  if (!looksInOrder(design.looks)) return notComputable('NOT_APPLICABLE');
  const sides = sidesOf(design.alternative);
  const looks = sideBoundaries(design.looks, design.spending, design.alpha / sides).map(({ z, spent }, k) => ({
    information: design.looks[k]!,
    z,
    spent: sides * spent,
    adjustedAlpha: z === null ? 0 : sides * normalSf(z),
  }));
  return { ok: true, looks };
}
