import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql } from '../../sql/sql.ts';
import { type ArmColumns, contrast } from './contrast.ts';
import { liftUnknown } from './fieller.ts';
import { draft, type Formula } from './formula.ts';
import type { SampleColumns } from './samples.ts';
import { studentUpperQuantile } from './student-t.ts';
import { unknownOf, unless } from './unknown.ts';
import { closed, tailOf, type WelchFormulaOptions } from './welch.ts';

/**
 * Lift with an interval that is symmetric for the log ratio, tea-tasting's form (`logLift`); its p-value is that of the test of
 * the difference. Means must be of one sign: NOT_APPLICABLE.
 */
export function logLift(
  prefix: string,
  arms: ArmColumns,
  test: { readonly unknown: Sql },
  { level, alternative = 'two-sided' }: WelchFormulaOptions,
  dialect: Dialect,
): Formula<'value' | 'standardError' | 'lower' | 'upper' | 'intervalUnknown' | 'unknown'> {
  const { define, include, formula } = draft(prefix, 'Lift with an interval of the log ratio');
  const { control, treatment } = arms;
  const ratio = define('ratio', sql`${treatment.mean} / nullif(${control.mean}, 0e0)`);
  const scaled = (name: string, { n, mean, variance, unknown }: SampleColumns): SampleColumns => {
    const spread = define(
      `${name}_spread`,
      sql`sqrt(case when ${variance} >= 0e0 then ${variance} end) / nullif(${mean}, 0e0)`,
    );
    return { n, mean: sql`1e0`, variance: define(`${name}_variance`, sql`${spread} * ${spread}`), unknown };
  };
  const both = { control: scaled('control', control), treatment: scaled('treatment', treatment) };
  const logs = include(contrast(`${prefix}_contrast`, both, dialect));
  const { quantile } = include(
    studentUpperQuantile(
      `${prefix}_critical`,
      { tail: tailOf(level, alternative, dialect), degreesOfFreedom: logs.degreesOfFreedom },
      dialect,
    ),
  );
  const half = define('half', sql`${quantile} * ${logs.standardError}`);
  const lower = define('raw_lower', sql`${ratio} * exp(-${half}) - 1e0`);
  const upper = define('raw_upper', sql`${ratio} * exp(${half}) - 1e0`);
  const value = define('raw_value', sql`(${treatment.mean} - ${control.mean}) / nullif(${control.mean}, 0e0)`);
  const opposite = define(
    'opposite',
    sql`case when ${control.mean} <> 0e0 and not (${ratio} > 0e0) then 'NOT_APPLICABLE' else ${test.unknown} end`,
  );
  const earlier = define('earlier', liftUnknown(arms, opposite, value, dialect));
  const unknown = define('unknown', unknownOf([earlier, logs.unknown], [], [], dialect));
  const known = (name: string, of: Sql) => define(name, unless(unknown, of));
  const finite = define('finite', sql`${dialect.isFinite(lower)} and ${dialect.isFinite(upper)}`);
  const bound = (of: Sql, open: boolean) => closed(sql`case when ${finite} then ${of} end`, open);
  return formula({
    value: known('value', value),
    standardError: known('standard_error', logs.standardError),
    lower: known('lower', bound(lower, alternative === 'less')),
    upper: known('upper', bound(upper, alternative === 'greater')),
    intervalUnknown: known('interval_unknown', sql`case when not ${finite} then 'OVERFLOW' end`),
    unknown,
  });
}
