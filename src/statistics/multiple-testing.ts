import type { PValueCorrection } from '../core/vocabulary.ts';

/** Adjusts p-values that are sorted upwards; the answer is in the same order, not yet clipped at 1. */
type SortedAdjustment = (sorted: readonly number[]) => readonly number[];

/** Running maximum from the smallest p (step-down procedures). */
function stepDown(values: readonly number[]): number[] {
  let highest = 0;
  return values.map((value) => {
    highest = Math.max(highest, value);
    return highest;
  });
}

/** Running minimum from the largest p (step-up procedures). */
function stepUp(values: readonly number[]): number[] {
  let lowest = 1;
  return values
    .toReversed()
    .map((value) => {
      lowest = Math.min(lowest, value);
      return lowest;
    })
    .toReversed();
}

const harmonic = (m: number) => Array.from({ length: m }, (_, i) => 1 / (i + 1)).reduce((sum, term) => sum + term, 0);

/**
 * The corrections by name, with m the number of p-values and i the rank from 0:
 * Bonferroni (1936) and Šidák (1967) in one step, Holm (1979) stepping down, Hochberg (1988) stepping up, all of which hold
 * the family-wise error (Šidák under independence, Hochberg under positive dependence); Benjamini & Hochberg (1995, positive
 * dependence) and Benjamini & Yekutieli (2001, any dependence) hold the false discovery rate.
 */
const ADJUSTMENTS = {
  NONE: (sorted) => sorted,
  BONFERRONI: (sorted) => sorted.map((p) => sorted.length * p),
  // 1 − (1 − p)^m without the cancellation that loses a tiny p
  SIDAK: (sorted) => sorted.map((p) => -Math.expm1(sorted.length * Math.log1p(-p))),
  HOLM: (sorted) => stepDown(sorted.map((p, i) => (sorted.length - i) * p)),
  HOCHBERG: (sorted) => stepUp(sorted.map((p, i) => (sorted.length - i) * p)),
  BENJAMINI_HOCHBERG: (sorted) => stepUp(sorted.map((p, i) => (sorted.length * p) / (i + 1))),
  BENJAMINI_YEKUTIELI: (sorted) => {
    const factor = sorted.length * harmonic(sorted.length);
    return stepUp(sorted.map((p, i) => (factor * p) / (i + 1)));
  },
} satisfies Record<PValueCorrection, SortedAdjustment>;

/**
 * Adjusted p-values of one family, in the order given, at most 1. A null (a test that could not be computed) comes back
 * null and is not counted in the family's size.
 */
export function adjustPValues(pValues: readonly (number | null)[], correction: PValueCorrection): (number | null)[] {
  const known = pValues.flatMap((p, index) => (p === null ? [] : [{ p, index }]));
  for (const { p } of known) {
    if (!(p >= 0 && p <= 1)) throw new RangeError(`A p-value must be between 0 and 1, not ${p}.`);
  }
  known.sort((a, b) => a.p - b.p || a.index - b.index);
  const adjust: SortedAdjustment = ADJUSTMENTS[correction];
  const adjusted = adjust(known.map(({ p }) => p));
  const result: (number | null)[] = pValues.map(() => null);
  known.forEach(({ index }, rank) => {
    result[index] = Math.min(1, adjusted[rank]!);
  });
  return result;
}
