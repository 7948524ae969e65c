import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql } from '../../sql/sql.ts';
import type { Draft } from './formula.ts';
import {
  double,
  type MomentColumns,
  rawCovariance,
  rawMean,
  settledMean,
  settledVariance,
  shiftedVariance,
  unitsOf,
} from './moments.ts';
import { unknownOf } from './unknown.ts';

/** Several variables of one arm as columns (`JointSample`), the covariances as a lower triangle. `unknown`: why there are none. */
export interface Joint {
  readonly n: Sql;
  readonly means: readonly Sql[];
  readonly covariance: readonly (readonly Sql[])[];
  readonly unknown: Sql;
}

const indices = (count: number) => Array.from({ length: count }, (_, i) => i);

/** The variables of one arm (`jointSample`). What its outcome refuses (too few units) is not repeated: the numbers are null. */
export function jointSample(
  draftDefine: Draft['define'],
  moments: MomentColumns,
  variables: number,
  dialect: Dialect,
  step: string,
): Joint {
  const define = (name: string, value: Sql) => draftDefine(`joint_${name}${step}`, value);
  const { n, enough } = unitsOf(define, moments);
  const means = indices(variables).map((i) => {
    const raw = define(`raw_mean${i}`, rawMean(moments, enough, i));
    return define(`mean${i}`, settledMean(raw, moments.pivots[i]!));
  });
  const raw = indices(variables).map((i) =>
    indices(i + 1).map((j) => define(`raw${i}${j}`, rawCovariance(moments, enough, i, j))),
  );
  const shifted = indices(variables).map((i) => shiftedVariance(moments, enough, i));
  return { n, means, ...settled(define, raw, shifted, means, dialect) };
}

/** Variances that are only rounding are 0, and so are the covariances with them; OVERFLOW where one is not finite. */
function settled(
  define: Draft['define'],
  raw: readonly (readonly Sql[])[],
  shifted: readonly Sql[],
  means: readonly Sql[],
  dialect: Dialect,
): Pick<Joint, 'covariance' | 'unknown'> {
  const variances = raw.map((row, i) => define(`variance${i}`, settledVariance(row[i]!, shifted[i]!, dialect)));
  const covariance = raw.map((row, i) =>
    row.map((value, j) => {
      if (i === j) return variances[i]!;
      const none = sql`${variances[i]!} = 0e0 or ${variances[j]!} = 0e0`;
      return define(`covariance${i}${j}`, sql`case when ${none} then 0e0 else ${value} end`);
    }),
  );
  return { covariance, unknown: define('unknown', unknownOf([], [], [...means, ...covariance.flat()], dialect)) };
}

/**
 * Both arms together (`pooledMoments`): within-arm sums of products and what the arms' means are apart, so that nothing cancels
 * and the arms may have different pivots.
 */
export function pooledJoint(
  draftDefine: Draft['define'],
  { control, treatment }: { readonly control: MomentColumns; readonly treatment: MomentColumns },
  variables: number,
  dialect: Dialect,
): Joint {
  const define = (name: string, value: Sql) => draftDefine(`joint_${name}_p`, value);
  const [c, t] = [armUnits(define, control, 'c'), armUnits(define, treatment, 't')];
  const n = define('n', sql`${c.n} + ${t.n}`);
  const gap = indices(variables).map((i) => {
    const pivots = sql`${double(treatment.pivots[i]!)} - ${double(control.pivots[i]!)}`;
    const own = sql`${double(treatment.sums[i]!)} / ${t.enough} - ${double(control.sums[i]!)} / ${c.enough}`;
    return define(`gap${i}`, sql`(${pivots}) + (${own})`);
  });
  const means = indices(variables).map((i) => {
    const raw = define(`raw_mean${i}`, sql`${rawMean(control, c.enough, i)} + ${gap[i]!} * (${t.enough} / ${n})`);
    return define(`mean${i}`, settledMean(raw, control.pivots[i]!));
  });
  const within = (of: MomentColumns, units: Sql, i: number, j: number) =>
    sql`(${units} - 1e0) * (${rawCovariance(of, units, i, j)})`;
  const between = sql`${c.enough} * (${t.enough} / ${n})`;
  const raw = indices(variables).map((i) =>
    indices(i + 1).map((j) => {
      const sum = sql`${within(control, c.enough, i, j)} + ${within(treatment, t.enough, i, j)} + ${between} * ${gap[i]!} * ${gap[j]!}`;
      return define(`raw${i}${j}`, sql`(${sum}) / (${n} - 1e0)`);
    }),
  );
  const shifted = indices(variables).map((i) => {
    const product = (of: MomentColumns) => double(of.products[i]![i]!);
    return sql`(${product(control)} + ${product(treatment)}) / (${n} - 1e0)`;
  });
  return { n, means, ...settled(define, raw, shifted, means, dialect) };
}

const armUnits = (define: Draft['define'], moments: MomentColumns, arm: string) =>
  unitsOf((name, value) => define(`${name}_${arm}`, value), moments);

/** The ratios of variables 0 over 1 and 2 over 3 as if each were a variable, by the delta method (`jointRatios`). */
export function jointRatios(
  { n, means, covariance, unknown: refused }: Joint,
  draftDefine: Draft['define'],
  dialect: Dialect,
  step: string,
): Joint {
  const define = (name: string, value: Sql) => draftDefine(`ratio_${name}${step}`, value);
  const at = (i: number, j: number) => covariance[Math.max(i, j)]![Math.min(i, j)]!;
  const pairs = [
    [0, 1],
    [2, 3],
  ] as const;
  const ratios = pairs.map(([top, bottom], i) =>
    define(`mean${i}`, sql`${means[top]!} / nullif(${means[bottom]!}, 0e0)`),
  );
  const product = (i: number, j: number) => {
    const [[a, b], [c, d]] = [pairs[i]!, pairs[j]!];
    const [first, last] = [at(a, c), sql`${ratios[i]!} * ${ratios[j]!} * ${at(b, d)}`];
    const sum = define(
      `sum${i}${j}`,
      sql`${first} - ${ratios[j]!} * ${at(a, d)} - ${ratios[i]!} * ${at(b, c)} + ${last}`,
    );
    const scaled = sql`${sum} / ${means[b]!} / ${means[d]!}`;
    if (i !== j) return define(`covariance${i}${j}`, scaled);
    const lost = sql`${dialect.isFinite(sum)} and ${sum} <= 1e-12 * (${first} + ${last})`;
    return define(`covariance${i}${j}`, sql`case when ${lost} then 0e0 else ${scaled} end`);
  };
  const ofRatios = [[product(0, 0)], [product(1, 0), product(1, 1)]];
  const zero = sql`${means[1]!} = 0e0 or ${means[3]!} = 0e0`;
  const numbers = [...ratios, ...ofRatios.flat()];
  const unknown = define('unknown', unknownOf([refused], [['ZERO_BASELINE', zero]], numbers, dialect));
  return { n, means: ratios, covariance: ofRatios, unknown };
}
