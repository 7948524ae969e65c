import { intervalFor } from '../alternative.ts';
import { computed, type Inference, type Interval, notComputable } from '../inference.ts';
import {
  directed,
  type GroupSequentialDesign,
  groupSequentialBoundaries,
  type LookBoundary,
  looksInOrder,
} from './boundaries.ts';
import { repeatedPValue } from './repeated-p-value.ts';

export interface LookInput {
  /** Which of the declared looks: 1 is the first. */
  readonly look: number;
  readonly estimate: number;
  /** Of the fixed-horizon estimate at this look. */
  readonly standardError: number;
}

/** What one declared look says; all looks together keep the design's error. */
export interface GroupSequentialLook {
  /** estimate/standardError. */
  readonly statistic: number;
  readonly boundary: LookBoundary;
  /** Whether the statistic is at or beyond the boundary: the test may stop here. */
  readonly crossed: boolean;
  /** {@link repeatedPValue} of the statistic. */
  readonly pValue: number;
  /**
   * Repeated confidence interval, estimate ± z·se with this look's boundary (Jennison & Turnbull 1989): the intervals of all
   * looks hold the truth together at the design's level, whether or not the test stops. A bound is null on the side that a
   * one-sided alternative leaves open; both are where the boundary is.
   */
  readonly interval: Interval;
}

/**
 * One look of a group-sequential test. A look that is not declared, or looks out of order, are refused: NOT_APPLICABLE. Normal
 * quantiles; for few units give `boundary.adjustedAlpha` to a t test instead (the significance-level approach, Jennison & Turnbull 2000).
 */
export function groupSequentialLook(design: GroupSequentialDesign, input: LookInput): Inference<GroupSequentialLook> {
  const { look, estimate, standardError } = input;
  const declared = Number.isInteger(look) && look >= 1 && look <= design.looks.length;
  if (!declared || !looksInOrder(design.looks)) return notComputable('NOT_APPLICABLE');
  if (standardError === 0) return notComputable('ZERO_VARIANCE');
  const statistic = estimate / standardError;
  if (!Number.isFinite(statistic)) return notComputable('OVERFLOW');
  const upToNow = { ...design, looks: design.looks.slice(0, look) };
  const boundaries = groupSequentialBoundaries(upToNow);
  if (!boundaries.ok) return boundaries;
  const repeated = repeatedPValue(upToNow, statistic);
  if (!repeated.ok) return repeated;
  const boundary = boundaries.looks.at(-1)!;
  const level = 1 - design.alpha;
  const crossed = boundary.z !== null && directed(statistic, design.alternative) >= boundary.z;
  const result = { statistic, boundary, crossed, pValue: repeated.pValue };
  if (boundary.z === null) return { ok: true, ...result, interval: { lower: null, upper: null, level } };
  const half = boundary.z * standardError;
  const [lower, upper] = [estimate - half, estimate + half];
  return computed({ ...result, interval: intervalFor(lower, upper, level, design.alternative) }, lower, upper);
}
