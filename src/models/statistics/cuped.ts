import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql, trusted } from '../../sql/sql.ts';
import type { CupedOptions } from '../../statistics/cuped/cuped.ts';
import type { ArmColumns } from './contrast.ts';
import { type Draft, draft, type Formula } from './formula.ts';
import { type Joint, jointRatios, jointSample, pooledJoint } from './joint.ts';
import type { MomentColumns } from './moments.ts';
import { meanSample, ratioSample, type SampleColumn } from './samples.ts';
import { type Refusal, unknownOf, unless } from './unknown.ts';

/** Pooled units with a covariate below which θ is mostly noise, as in src/statistics/cuped/cuped.ts. */
const LEAST_UNITS = 20;

export interface CupedFormulaOptions extends Pick<CupedOptions, 'centre' | 'leastUnits' | 'leastReduction'> {
  /** Units that have a covariate, both arms together; all units by default. */
  readonly unitsWithCovariate?: Sql;
}

type Arm = 'control' | 'treatment';
export type CupedColumn =
  | `${Arm}${'N' | 'Mean' | 'Variance'}`
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
  const [own, across, covariate] = [pooled.covariance[0]![0]!, pooled.covariance[1]![0]!, pooled.covariance[1]![1]!];
  const varies = sql`${own} > 0e0 and ${covariate} > 0e0`;
  const theta = define('raw_theta', sql`case when ${varies} then ${across} / ${covariate} else 0e0 end`);
  const adjust = (arm: Joint, step: string) => {
    const origin = centre === 'POOLED' ? pooled.means[1]! : sql`0e0`;
    const mean = define(`mean${step}`, sql`${arm.means[0]!} - ${theta} * (${arm.means[1]!} - ${origin})`);
    const explained = define(`explained${step}`, sql`${theta} * ${theta} * ${arm.covariance[1]![1]!}`);
    const left = define(
      `left${step}`,
      sql`${arm.covariance[0]![0]!} - 2e0 * ${theta} * ${arm.covariance[1]![0]!} + ${explained}`,
    );
    // what rounding leaves of a perfect prediction
    const rest = sql`case when ${dialect.isFinite(left)} and ${left} <= 1e-12 * (${arm.covariance[0]![0]!} + ${explained}) then 0e0 else ${left} end`;
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
      ['NO_REDUCTION', sql`${theta} = 0e0`],
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
    theta: known('theta', theta),
    varianceReduction: known('variance_reduction', reduction),
    notAdjusted,
    unknown,
  });
}
