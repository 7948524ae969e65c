/**
 * Sufficient statistics of one arm: how many units, and for each of the metric's per-unit variables the sum about a
 * pivot and, when they were asked for, the sums of products about the pivots. A pivot is a constant near the mean;
 * with it, variances do not cancel (mean 1e8 with sd 1 keeps its digits), and moments with the same pivots merge by addition.
 *
 *   sums[i]        = Σ (x_i − k_i)
 *   products[i][j] = Σ (x_i − k_i)(x_j − k_j),  j ≤ i   (lower triangle)
 */
export interface Moments {
  /** Units that count: those that contributed to the sums (zeros included). */
  readonly units: number;
  readonly pivots: readonly number[];
  readonly sums: readonly number[];
  /** null when only means were asked for. */
  readonly products: readonly (readonly number[])[] | null;
}

/** A quantile of one arm's values, and what its standard error is made from. */
export interface OrderStatistics {
  /** How many values: units, or the events of all units. */
  readonly values: number;
  /** The sample quantile (linear interpolation), and those at the levels of `quantileLevels`; null for too few values. */
  readonly estimate: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** Of events: over the units, variable 0 = the unit's values at or below `estimate`, 1 = its values. null: one value a unit. */
  readonly clusters: Moments | null;
}

/** What one arm is estimated from. `order`: quantiles only. */
export interface ArmStatistics {
  readonly moments: Moments;
  readonly order: OrderStatistics | null;
}

/** Mean of variable i: k + Σ(x − k)/n. NaN when there are no units. */
export function meanOf(moments: Moments, i = 0): number {
  return moments.pivots[i]! + moments.sums[i]! / moments.units;
}

/** Plain total of variable i over all units: n·k + Σ(x − k). */
export function sumOf(moments: Moments, i = 0): number {
  return moments.units * moments.pivots[i]! + moments.sums[i]!;
}

/** Sample covariance (ddof 1) of variables i and j; the variance for i = j. NaN below two units or without products. */
export function covarianceOf(moments: Moments, i = 0, j = i): number {
  const { units, sums, products } = moments;
  if (products === null || units < 2) return Number.NaN;
  const product = products[Math.max(i, j)]![Math.min(i, j)]!;
  return (product - (sums[i]! * sums[j]!) / units) / (units - 1);
}

/** Moments of the union of two disjoint groups of units. Both must have the same pivots. */
export function mergeMoments(a: Moments, b: Moments): Moments {
  if (a.pivots.some((pivot, i) => pivot !== b.pivots[i])) throw new Error('Moments merge only about the same pivots.');
  return {
    units: a.units + b.units,
    pivots: a.pivots,
    sums: a.sums.map((sum, i) => sum + b.sums[i]!),
    products:
      a.products === null || b.products === null
        ? null
        : a.products.map((row, i) => row.map((product, j) => product + b.products![i]![j]!)),
  };
}

/** The same moments about other pivots: sxx' = sxx + d_j·s_i + d_i·s_j + n·d_i·d_j with d = k − k'. */
export function repivot(moments: Moments, pivots: readonly number[]): Moments {
  const { units, sums, products } = moments;
  const d = moments.pivots.map((pivot, i) => pivot - pivots[i]!);
  return {
    units,
    pivots,
    sums: sums.map((sum, i) => sum + units * d[i]!),
    products:
      products?.map((row, i) =>
        row.map((product, j) => product + d[j]! * sums[i]! + d[i]! * sums[j]! + units * d[i]! * d[j]!),
      ) ?? null,
  };
}
