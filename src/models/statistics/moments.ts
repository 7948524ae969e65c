import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql, trusted } from '../../sql/sql.ts';
import type { Draft } from './formula.ts';

/** The moments of one arm as columns: what `Moments` of src/core/moments.ts holds, the products as a lower triangle. */
export interface MomentColumns {
  readonly units: Sql;
  readonly pivots: readonly Sql[];
  readonly sums: readonly Sql[];
  readonly products: readonly (readonly Sql[])[];
}

/** What is left of a sum after cancellation counts as zero below this share of what was subtracted, as in samples.ts. */
const LOST = trusted('1e-10');

export const double = (value: Sql): Sql => sql`cast(${value} as double)`;

/** Units, 0 where there is no row; and units where there are two of them, else null, so that nothing is divided by zero. */
export function unitsOf(define: Draft['define'], { units }: MomentColumns): { readonly n: Sql; readonly enough: Sql } {
  const n = define('n', sql`coalesce(${double(units)}, 0e0)`);
  return { n, enough: define('enough', sql`case when ${n} >= 2e0 then ${n} end`) };
}

/** k + Σ(x − k)/n as it comes. */
export function rawMean({ pivots, sums }: MomentColumns, n: Sql, i: number): Sql {
  return sql`${double(pivots[i]!)} + ${double(sums[i]!)} / ${n}`;
}

/** Covariance (ddof 1) of variables i and j as it comes; the variance for i = j. */
export function rawCovariance({ sums, products }: MomentColumns, n: Sql, i: number, j: number): Sql {
  const product = double(products[Math.max(i, j)]![Math.min(i, j)]!);
  return sql`(${product} - ${double(sums[i]!)} * ${double(sums[j]!)} / ${n}) / (${n} - 1e0)`;
}

/** A finite raw mean; exactly 0 where only rounding about the pivot is left. */
export function settledMean(raw: Sql, pivot: Sql): Sql {
  return sql`case when abs(${raw}) <= ${LOST} * abs(${double(pivot)}) then 0e0 else ${raw} end`;
}

/** A finite raw variance; exactly 0 where only rounding of Σ(x − k)²/(n − 1) is left. */
export function settledVariance(raw: Sql, shifted: Sql, dialect: Pick<Dialect, 'isFinite'>): Sql {
  return sql`case when ${dialect.isFinite(raw)} and ${raw} <= ${LOST} * (${shifted}) then 0e0 else ${raw} end`;
}

/** Σ(x − k)²/(n − 1). */
export function shiftedVariance({ products }: MomentColumns, n: Sql, i: number): Sql {
  return sql`${double(products[i]![i]!)} / (${n} - 1e0)`;
}
