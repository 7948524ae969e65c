import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql } from '../../sql/sql.ts';
import type { ProportionVariance } from '../../statistics/samples.ts';
import { draft, type Formula } from './formula.ts';
import {
  type MomentColumns,
  rawCovariance,
  rawMean,
  settledMean,
  settledVariance,
  shiftedVariance,
  unitsOf,
} from './moments.ts';
import { type Refusal, unknownOf, unless } from './unknown.ts';

/** One arm reduced to what every two-sample test needs; the numbers are null where `unknown` has a reason. */
export type SampleColumn = 'n' | 'mean' | 'variance' | 'unknown';
export type SampleColumns = Readonly<Record<SampleColumn, Sql>>;

const refusals = (n: Sql): Refusal[] => [
  ['NO_UNITS', sql`${n} < 1e0`],
  ['TOO_FEW_UNITS', sql`${n} < 2e0`],
];

/** The per-unit mean of variable i with its sample variance (`sampleOfMean`). */
export function meanSample(prefix: string, moments: MomentColumns, dialect: Dialect, i = 0): Formula<SampleColumn> {
  const { define, formula } = draft(prefix, 'Mean and variance of each arm');
  const { n, enough } = unitsOf(define, moments);
  const mean = define('raw_mean', rawMean(moments, enough, i));
  const variance = define('raw_variance', rawCovariance(moments, enough, i, i));
  const unknown = define('unknown', unknownOf([], refusals(n), [mean, variance], dialect));
  const spread = settledVariance(variance, shiftedVariance(moments, enough, i), dialect);
  return formula({
    n,
    mean: define('mean', unless(unknown, settledMean(mean, moments.pivots[i]!))),
    variance: define('variance', unless(unknown, spread)),
    unknown,
  });
}

/**
 * The share of units with variable 0 equal to 1 (`sampleOfProportion`), whose variance follows from it. What is not between 0
 * and 1 is no proportion: NOT_APPLICABLE.
 */
export function proportionSample(
  prefix: string,
  moments: Pick<MomentColumns, 'units' | 'pivots' | 'sums'>,
  dialect: Dialect,
  variance: ProportionVariance = 'SAMPLE',
): Formula<SampleColumn> {
  const { define, formula } = draft(prefix, 'Share of each arm');
  const all: MomentColumns = { ...moments, products: [] };
  const { n, enough } = unitsOf(define, all);
  const raw = define('raw_mean', rawMean(all, enough, 0));
  const outside: Refusal = [
    'NOT_APPLICABLE',
    sql`${dialect.isFinite(raw)} and (${raw} < -1e-9 or ${raw} > 1e0 + 1e-9)`,
  ];
  const unknown = define('unknown', unknownOf([], [...refusals(n), outside], [raw], dialect));
  const settled = define('settled', settledMean(raw, moments.pivots[0]!));
  const share = define(
    'mean',
    unless(unknown, sql`case when ${settled} < 0e0 then 0e0 when ${settled} > 1e0 then 1e0 else ${settled} end`),
  );
  const binomial = sql`${share} * (1e0 - ${share})`;
  const spread = variance === 'SAMPLE' ? sql`(${binomial}) * ${n} / (${n} - 1e0)` : binomial;
  return formula({ n, mean: share, variance: define('variance', unless(unknown, spread)), unknown });
}

/**
 * The ratio of two totals, variable 0 over variable 1, with its per-unit delta-method variance (`sampleOfRatio`; Deng, Knoblich
 * & Lu 2018, eq. 3–5). A denominator of zero: ZERO_BASELINE.
 */
export function ratioSample(prefix: string, moments: MomentColumns, dialect: Dialect): Formula<SampleColumn> {
  const { define, formula } = draft(prefix, 'Ratio of totals of each arm, with its delta-method variance');
  const { n, enough } = unitsOf(define, moments);
  const settled = [0, 1].map((i) => {
    const mean = define(`raw_mean${i}`, rawMean(moments, enough, i));
    const raw = define(`raw_variance${i}`, rawCovariance(moments, enough, i, i));
    return {
      mean: define(`mean${i}`, settledMean(mean, moments.pivots[i]!)),
      variance: define(`variance${i}`, settledVariance(raw, shiftedVariance(moments, enough, i), dialect)),
    };
  });
  const [numerator, denominator] = [settled[0]!, settled[1]!];
  const covariance = define('covariance', rawCovariance(moments, enough, 0, 1));
  const ratio = define('ratio', sql`${numerator.mean} / nullif(${denominator.mean}, 0e0)`);
  const spread = define('ratio_spread', sql`${ratio} * ${ratio} * ${denominator.variance}`);
  const sum = define('sum', sql`${numerator.variance} - 2e0 * ${ratio} * ${covariance} + ${spread}`);
  const perUnit = define('per_unit', sql`${sum} / ${denominator.mean} / ${denominator.mean}`);
  const zero: Refusal = ['ZERO_BASELINE', sql`${denominator.mean} = 0e0`];
  const unknown = define('unknown', unknownOf([], [...refusals(n), zero], [ratio, perUnit], dialect));
  const rest = sql`case when ${sum} <= 1e-12 * (${numerator.variance} + ${spread}) then 0e0 else ${perUnit} end`;
  return formula({
    n,
    mean: define('mean', unless(unknown, ratio)),
    variance: define('variance', unless(unknown, rest)),
    unknown,
  });
}
