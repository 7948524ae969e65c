import { chi2Sf } from './distributions.ts';
import { computed, type Inference, notComputable } from './inference.ts';
import { type AllocatedArm, type SampleRatioTest, sampleRatioTest } from './srm.ts';

/** What was assigned by one set of weights: the arms in the same order in every stratum. A weight of 0: nobody was to be. */
export type AllocationStratum = readonly AllocatedArm[];

/** A day whose units some arm is expected to have fewer of is put together with the next (Cochran 1954). */
const LEAST_EXPECTED = 5;
/** Of a variance, what is left by rounding. */
const LOST = 1e-9;

interface Deviation {
  /** O − E. */
  readonly gap: readonly number[];
  /** Σ n·(diag(w) − w·wᵀ) */
  readonly covariance: readonly (readonly number[])[];
}

/**
 * The units of all strata against their weights. With one stratum Pearson's test; with several the score test of the arms' totals,
 *
 *   X² = dᵀ·V⁻·d,   d = Σ_s (O_s − E_s),   V = Σ_s n_s·(diag(w_s) − w_s·w_sᵀ)
 *
 * chi-square with the rank of V degrees of freedom: one less than the arms with a weight (Mantel 1963, for two arms). An arm
 * that no stratum has a weight for must have no units: NOT_APPLICABLE.
 */
export function stratifiedSampleRatioTest(strata: readonly AllocationStratum[]): Inference<SampleRatioTest> {
  if (strata.length === 1) return sampleRatioTest(strata[0]!);
  const present = strata.filter((arms) => arms.some(({ observed }) => observed > 0));
  if (present.length === 0) return notComputable('NO_UNITS');
  const parts = present.map(deviation);
  const expected = present[0]!.map((_, i) => present.reduce((sum, arms) => sum + expectedOf(arms)[i]!, 0));
  if (present[0]!.some((_, i) => expected[i] === 0 && present.some((arms) => arms[i]!.observed > 0)))
    return notComputable('NOT_APPLICABLE');
  const { chiSquare, rank } = quadraticForm(parts.reduce(together));
  if (rank === 0) return notComputable('NOT_APPLICABLE');
  return computed({ chiSquare, degreesOfFreedom: rank, pValue: chi2Sf(chiSquare, rank), expected }, chiSquare);
}

/** Whether the allocation was the same all the time, or changed only where it was declared to. */
export interface HomogeneityTest {
  readonly chiSquare: number;
  readonly degreesOfFreedom: number;
  readonly pValue: number;
  /** Position of the period that deviates most. */
  readonly worst: number;
}

/**
 * Chi-square test of homogeneity of periods × arms about the declared weights: what the periods deviate by themselves, less what
 * all of them together do, which is the sample-ratio mismatch and independent of it (the partition of chi-square, Lancaster 1949):
 *
 *   X² = Σ_t d_tᵀ·V_t⁻·d_t − dᵀ·V⁻·d
 *
 * Each period holds its strata, one a phase. Periods in a row are put together until each arm is expected to have five units.
 * Fewer than two: TOO_FEW_POINTS. The degrees of freedom grow with the periods, so that looking at many of them is allowed for.
 */
export function allocationHomogeneity(periods: readonly (readonly AllocationStratum[])[]): Inference<HomogeneityTest> {
  const bins = binned(periods);
  if (bins.length < 2) return notComputable('TOO_FEW_POINTS');
  const each = bins.map(({ strata }) => quadraticForm(strata.map(deviation).reduce(together)));
  const all = quadraticForm(bins.flatMap(({ strata }) => strata.map(deviation)).reduce(together));
  const degreesOfFreedom = each.reduce((sum, { rank }) => sum + rank, 0) - all.rank;
  if (degreesOfFreedom < 1) return notComputable('NOT_APPLICABLE');
  const chiSquare = Math.max(0, each.reduce((sum, one) => sum + one.chiSquare, 0) - all.chiSquare);
  const most = each.reduce((best, { chiSquare: one }, i) => (one > each[best]!.chiSquare ? i : best), 0);
  return computed(
    { chiSquare, degreesOfFreedom, pValue: chi2Sf(chiSquare, degreesOfFreedom), worst: bins[most]!.first },
    chiSquare,
  );
}

interface Bin {
  /** Position of its first period. */
  readonly first: number;
  readonly strata: readonly AllocationStratum[];
}

function binned(periods: readonly (readonly AllocationStratum[])[]): readonly Bin[] {
  const bins: Bin[] = [];
  let open: Bin | null = null;
  for (const [i, own] of periods.entries()) {
    const strata = own.filter((arms) => arms.some(({ observed }) => observed > 0));
    open = open === null ? { first: i, strata } : { first: open.first, strata: [...open.strata, ...strata] };
    if (!isFull(open)) continue;
    bins.push(open);
    open = null;
  }
  const last = bins.at(-1);
  // What is left over belongs to the last of them.
  if (open !== null && last !== undefined)
    bins[bins.length - 1] = { first: last.first, strata: [...last.strata, ...open.strata] };
  return bins;
}

/** Each arm is expected to have enough units, or none and has none. */
function isFull({ strata }: Bin): boolean {
  const [first] = strata;
  if (first === undefined) return false;
  return first.every((_, i) => {
    const expected = strata.reduce((sum, arms) => sum + expectedOf(arms)[i]!, 0);
    const observed = strata.reduce((sum, arms) => sum + arms[i]!.observed, 0);
    return expected >= LEAST_EXPECTED || (expected === 0 && observed === 0);
  });
}

function expectedOf(arms: AllocationStratum): readonly number[] {
  const total = arms.reduce((sum, { observed }) => sum + observed, 0);
  const weights = arms.reduce((sum, { weight }) => sum + weight, 0);
  return arms.map(({ weight }) => (total * weight) / weights);
}

function deviation(arms: AllocationStratum): Deviation {
  const expected = expectedOf(arms);
  const total = expected.reduce((sum, one) => sum + one, 0);
  return {
    gap: arms.map(({ observed }, i) => observed - expected[i]!),
    covariance: expected.map((a, i) => expected.map((b, j) => (i === j ? a : 0) - (a * b) / total)),
  };
}

function together(a: Deviation, b: Deviation): Deviation {
  return {
    gap: a.gap.map((gap, i) => gap + b.gap[i]!),
    covariance: a.covariance.map((row, i) => row.map((value, j) => value + b.covariance[i]![j]!)),
  };
}

/** dᵀ·V⁻·d and the rank of V, by elimination; rows of which nothing is left are combinations of those before them. */
function quadraticForm({ gap, covariance }: Deviation): { readonly chiSquare: number; readonly rank: number } {
  const rows = covariance.map((row, i) => [...row, gap[i]!]);
  let chiSquare = 0;
  let rank = 0;
  for (const [j, row] of rows.entries()) {
    const pivot = row[j]!;
    if (!(pivot > LOST * covariance[j]![j]!)) continue;
    chiSquare += (row.at(-1)! / pivot) * row.at(-1)!;
    rank += 1;
    for (const lower of rows.slice(j + 1)) {
      const factor = lower[j]! / pivot;
      for (const k of row.keys()) lower[k] = lower[k]! - factor * row[k]!;
    }
  }
  return { chiSquare, rank };
}
