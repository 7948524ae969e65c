import type { Dialect } from '../../sql/dialect.ts';
import { join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { and } from '../../sql/statement.ts';
import type { CupedOptions } from '../../statistics/cuped/cuped.ts';
import type { ArmColumns } from './contrast.ts';
import { type Draft, draft, type Formula } from './formula.ts';
import { type Joint, jointRatios, jointSample, pooledJoint } from './joint.ts';
import type { MomentColumns } from './moments.ts';
import { meanSample, ratioSample, type SampleColumn } from './samples.ts';
import { type Refusal, unknownOf, unless } from './unknown.ts';

/** A covariate of which less than this share varies apart from the one before it repeats it, as in src/statistics/cuped/theta.ts. */
const REPEATED = trusted('1e-9');

/** Pooled units with a covariate below which θ is mostly noise, as in src/statistics/cuped/cuped.ts. */
const LEAST_UNITS = 20;

export interface CupedFormulaOptions extends Pick<CupedOptions, 'centre' | 'leastUnits' | 'leastReduction'> {
  /** Units that have a covariate, both arms together; all units by default. */
  readonly unitsWithCovariate?: Sql;
}

type Arm = 'control' | 'treatment';
export type CupedColumn =
  | `${Arm}${'N' | 'Mean' | 'Variance'}`
  /** Of the first covariate. */
  | 'theta'
  | 'varianceReduction'
  /** Why the arms are left as they are; null: they are adjusted. */
  | 'notAdjusted'
  | 'unknown';

export interface MomentArms {
  readonly control: MomentColumns;
  readonly treatment: MomentColumns;
}

/** The arms of a CUPED formula, ready for the tests of samples. */
export function cupedArms(columns: Readonly<Record<CupedColumn, Sql>>): ArmColumns {
  const { unknown } = columns;
  return {
    control: { n: columns.controlN, mean: columns.controlMean, variance: columns.controlVariance, unknown },
    treatment: { n: columns.treatmentN, mean: columns.treatmentMean, variance: columns.treatmentVariance, unknown },
  };
}

/** CUPED of a mean by one covariate, variable 1 of the moments (`cupedMean`): adjusted arms, or the arms as they are and why. */
export function cupedMean(
  prefix: string,
  arms: MomentArms,
  options: CupedFormulaOptions,
  dialect: Dialect,
): Formula<CupedColumn> {
  return cuped(prefix, arms, options, dialect, { outcome: meanSample, variables: 2, jointOf: (joint) => joint });
}

/**
 * CUPED of a mean by its covariate and the indicator of having none, variables 1 and 2 of the moments (`cupedMean` with two): what
 * units without rows before are taken for changes nothing.
 */
export function cupedMeanWithIndicator(
  prefix: string,
  arms: MomentArms,
  options: CupedFormulaOptions,
  dialect: Dialect,
): Formula<CupedColumn> {
  return cuped(prefix, arms, options, dialect, { outcome: meanSample, variables: 3, jointOf: (joint) => joint });
}

/**
 * CUPED of a ratio by the same ratio from before the exposure (`cupedRatio`): variables are numerator, denominator, and both of
 * the covariate.
 */
export function cupedRatio(
  prefix: string,
  arms: MomentArms,
  options: CupedFormulaOptions,
  dialect: Dialect,
): Formula<CupedColumn> {
  return cuped(prefix, arms, options, dialect, { outcome: ratioSample, variables: 4, jointOf: jointRatios });
}

interface Kind {
  readonly outcome: (prefix: string, moments: MomentColumns, dialect: Dialect) => Formula<SampleColumn>;
  readonly variables: number;
  readonly jointOf: (joint: Joint, define: Draft['define'], dialect: Dialect, step: string) => Joint;
}

function cuped(
  prefix: string,
  arms: MomentArms,
  options: CupedFormulaOptions,
  dialect: Dialect,
  { outcome, variables, jointOf }: Kind,
): Formula<CupedColumn> {
  const { centre = 'POOLED', leastUnits = LEAST_UNITS, leastReduction = 0 } = options;
  const { define, include, formula } = draft(prefix, 'Arms adjusted by their covariate');
  const number = (value: number) => trusted(value < 0 ? `(${dialect.number(value)})` : dialect.number(value));
  const plain = {
    control: include(outcome(`${prefix}_plain_control`, arms.control, dialect)),
    treatment: include(outcome(`${prefix}_plain_treatment`, arms.treatment, dialect)),
  };
  const unknown = define('unknown', sql`coalesce(${plain.control.unknown}, ${plain.treatment.unknown})`);
  const control = jointSample(define, arms.control, variables, dialect, '_c');
  const treatment = jointSample(define, arms.treatment, variables, dialect, '_t');
  const both = pooledJoint(define, arms, variables, dialect);
  const [c, t, pooled] = [
    jointOf(control, define, dialect, '_c'),
    jointOf(treatment, define, dialect, '_t'),
    jointOf(both, define, dialect, '_p'),
  ] as const;
  const { thetas, varies } = regression(define, pooled);
  const sum = (terms: readonly Sql[]) => join(terms, ' + ');
  const adjust = (arm: Joint, step: string) => {
    const at = (i: number, j: number) => arm.covariance[Math.max(i, j)]![Math.min(i, j)]!;
    const origin = (i: number) => (centre === 'POOLED' ? pooled.means[i]! : sql`0e0`);
    const moved = sum(thetas.map((theta, k) => sql`${theta} * (${arm.means[k + 1]!} - ${origin(k + 1)})`));
    const mean = define(`mean${step}`, sql`${arm.means[0]!} - (${moved})`);
    const products = thetas.flatMap((a, k) => thetas.map((b, l) => sql`${a} * ${b} * ${at(k + 1, l + 1)}`));
    const explained = define(`explained${step}`, sum(products));
    const shared = sum(thetas.map((theta, k) => sql`${theta} * ${at(k + 1, 0)}`));
    const left = define(`left${step}`, sql`${at(0, 0)} - 2e0 * (${shared}) + ${explained}`);
    // what rounding leaves of a perfect prediction
    const rest = sql`case when ${dialect.isFinite(left)} and ${left} <= 1e-12 * (${at(0, 0)} + ${explained}) then 0e0 else ${left} end`;
    return { mean, variance: define(`variance${step}`, rest) };
  };
  const adjusted = { control: adjust(c, '_c'), treatment: adjust(t, '_t') };
  const error = (of: Readonly<Record<Arm, { readonly variance: Sql }>>) =>
    sql`(${of.control.variance} / ${plain.control.n} + ${of.treatment.variance} / ${plain.treatment.n})`;
  const before = define('error_before', error(plain));
  const reduction = define('reduction', sql`1e0 - ${error(adjusted)} / nullif(${before}, 0e0)`);
  const covered = options.unitsWithCovariate ?? pooled.n;
  const numbers = [adjusted.control, adjusted.treatment].flatMap(({ mean, variance }) => [mean, variance]);
  const computed = unknownOf([], [], numbers, dialect);
  const worthless: readonly Refusal[] = Number.isFinite(leastReduction)
    ? [['NO_REDUCTION', sql`${reduction} < ${number(leastReduction)}`]]
    : [];
  const reason = unknownOf(
    [c.unknown, t.unknown, pooled.unknown],
    [
      ['TOO_FEW_UNITS', sql`${covered} < ${number(leastUnits)}`],
      ['ZERO_VARIANCE', sql`not (${varies})`],
      ['NO_REDUCTION', and(thetas.map((theta) => sql`${theta} = 0e0`))],
      ['OVERFLOW', sql`${computed} is not null`],
      ['ZERO_VARIANCE', sql`${before} = 0e0`],
      ...worthless,
    ],
    [],
    dialect,
  );
  const notAdjusted = define('not_adjusted', unless(unknown, reason));
  const chosen = (name: string, after: Sql, as: Sql) =>
    define(name, unless(unknown, sql`case when ${notAdjusted} is null then ${after} else ${as} end`));
  const known = (name: string, value: Sql) =>
    define(name, sql`case when ${unknown} is null and ${notAdjusted} is null then ${value} end`);
  return formula({
    controlN: plain.control.n,
    controlMean: chosen('control_mean', adjusted.control.mean, plain.control.mean),
    controlVariance: chosen('control_variance', adjusted.control.variance, plain.control.variance),
    treatmentN: plain.treatment.n,
    treatmentMean: chosen('treatment_mean', adjusted.treatment.mean, plain.treatment.mean),
    treatmentVariance: chosen('treatment_variance', adjusted.treatment.variance, plain.treatment.variance),
    theta: known('theta', thetas[0]!),
    varianceReduction: known('variance_reduction', reduction),
    notAdjusted,
    unknown,
  });
}

/**
 * Coefficients of the regression of variable 0 on the one or two others (`regressionCoefficients`), 0 for a covariate that is
 * constant or repeats the first; and whether the outcome and a covariate vary.
 */
function regression(
  define: Draft['define'],
  { covariance }: Joint,
): { readonly thetas: readonly Sql[]; readonly varies: Sql } {
  const at = (i: number, j: number) => covariance[i]![j]!;
  if (covariance.length === 2) {
    const varies = sql`${at(0, 0)} > 0e0 and ${at(1, 1)} > 0e0`;
    const theta = define('raw_theta', sql`case when ${varies} then ${at(1, 0)} / ${at(1, 1)} else 0e0 end`);
    return { thetas: [theta], varies };
  }
  const sd = [0, 1, 2].map((i) => define(`sd${i}`, sql`sqrt(case when ${at(i, i)} >= 0e0 then ${at(i, i)} end)`));
  const correlation = (i: number, j: number) => {
    const none = sql`${sd[i]!} = 0e0 or ${sd[j]!} = 0e0`;
    return define(`correlation${i}${j}`, sql`case when ${none} then 0e0 else ${at(i, j)} / ${sd[i]!} / ${sd[j]!} end`);
  };
  const [first, second, between] = [correlation(1, 0), correlation(2, 0), correlation(2, 1)] as const;
  const apart = define('apart', sql`case when ${sd[2]!} > 0e0 then 1e0 - ${between} * ${between} else 0e0 end`);
  const later = sql`(${second} - ${between} * ${first}) / ${apart}`;
  const b2 = define('slope2', sql`case when ${apart} > ${REPEATED} then ${later} else 0e0 end`);
  const b1 = define('slope1', sql`${first} - ${between} * ${b2}`);
  const theta = (k: number, slope: Sql) =>
    define(`raw_theta${k}`, sql`case when ${sd[k]!} = 0e0 then 0e0 else ${slope} * ${sd[0]!} / ${sd[k]!} end`);
  const varies = sql`${at(0, 0)} > 0e0 and (${at(1, 1)} > 0e0 or ${at(2, 2)} > 0e0)`;
  return { thetas: [theta(1, b1), theta(2, b2)], varies };
}
