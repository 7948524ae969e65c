import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql } from '../../sql/sql.ts';
import type { Alternative } from '../../statistics/alternative.ts';
import type { ArmColumns } from './contrast.ts';
import { hypot } from './elementary.ts';
import { type DifferenceTest, liftUnknown } from './fieller.ts';
import { draft, type Formula } from './formula.ts';
import { studentTails } from './student-t.ts';
import { unknownOf, unless } from './unknown.ts';
import { closed } from './welch.ts';

export interface DeltaLiftOptions {
  readonly alternative?: Alternative;
  /** Of other means over the same control mean: of means adjusted by a covariate (`growthBookCupedLift`). */
  readonly difference?: Sql;
}

/**
 * Lift by the delta method on the relative scale, GrowthBook's form (`deltaLift`), with the degrees of freedom and the critical
 * value of Welch's test. Refuses an arm without variance.
 */
export function deltaLift(
  prefix: string,
  arms: ArmColumns,
  test: DifferenceTest & { readonly degreesOfFreedom: Sql },
  { alternative = 'two-sided', difference }: DeltaLiftOptions,
  dialect: Dialect,
): Formula<'value' | 'standardError' | 'pValue' | 'lower' | 'upper' | 'unknown'> {
  const { define, include, formula } = draft(prefix, 'Lift by the delta method');
  const { control, treatment } = arms;
  const base = define('base', sql`nullif(${control.mean}, 0e0)`);
  const apart = difference ?? sql`(${treatment.mean} - ${control.mean})`;
  const value = define('raw_value', sql`${apart} / ${base}`);
  const own = define(
    'own',
    sql`sqrt(case when ${treatment.variance} >= 0e0 then ${treatment.variance} / ${treatment.n} end) / ${base}`,
  );
  const carried = define(
    'carried',
    sql`sqrt(case when ${control.variance} >= 0e0 then ${control.variance} / ${control.n} end) / ${base} * (${treatment.mean} / ${base})`,
  );
  const error = define('raw_standard_error', hypot(own, carried));
  const t = define('statistic', sql`${value} / nullif(${error}, 0e0)`);
  const { degreesOfFreedom } = test;
  const tails = include(studentTails(`${prefix}_tails`, { statistic: t, degreesOfFreedom }, dialect));
  const half = define('half', sql`${test.criticalValue} * ${error}`);
  const [lower, upper] = [define('raw_lower', sql`${value} - ${half}`), define('raw_upper', sql`${value} + ${half}`)];
  const flat = sql`${control.variance} = 0e0 or ${treatment.variance} = 0e0`;
  const earlier = define('earlier', liftUnknown(arms, test.unknown, value, dialect));
  const unknown = define('unknown', unknownOf([earlier], [['ZERO_VARIANCE', flat]], [t, lower, upper], dialect));
  const known = (name: string, of: Sql) => define(name, unless(unknown, of));
  return formula({
    value: known('value', value),
    standardError: known('standard_error', error),
    pValue: known('p_value', { 'two-sided': tails.twoSided, greater: tails.upper, less: tails.lower }[alternative]),
    lower: known('lower', closed(lower, alternative === 'less')),
    upper: known('upper', closed(upper, alternative === 'greater')),
    unknown,
  });
}
