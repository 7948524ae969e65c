import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql, trusted } from '../../sql/sql.ts';
import { type ArmColumns, contrast } from './contrast.ts';
import { draft, type Formula } from './formula.ts';
import type { NonInferiorityColumns } from './non-inferiority.ts';
import { normalUpperQuantile, normalUpperTail } from './normal.ts';
import { unknownOf, unless } from './unknown.ts';
import { type NumberOrColumn, oneSidedTail } from './welch.ts';

/** Spotify's one-sided z test against ∓ margin·m_C, the margin taken as a constant (`constantMarginNonInferiority`). */
export function constantMarginNonInferiority(
  prefix: string,
  arms: ArmColumns,
  { margin, goodWhen }: NonInferiorityColumns,
  { alpha }: { readonly alpha: NumberOrColumn },
  dialect: Dialect,
): Formula<'difference' | 'nullDifference' | 'pValue' | 'lower' | 'upper' | 'holds' | 'unknown'> {
  const { define, include, formula } = draft(prefix, 'Non-inferiority against a constant margin');
  const limit = define('margin', sql`case when ${margin} >= 0e0 then cast(${margin} as double) end`);
  const good = define('good', sql`case ${goodWhen} when 'UP' then 1e0 when 'DOWN' then -1e0 end`);
  const test = include(contrast(`${prefix}_contrast`, arms, dialect));
  const bar = define('null', sql`-(${good} * ${limit} * ${arms.control.mean})`);
  const z = define('statistic', sql`(${test.estimate} - ${bar}) / ${test.standardError}`);
  const towards = define('towards', sql`${good} * ${z}`);
  const { tail } = include(normalUpperTail(`${prefix}_tail`, towards, dialect));
  const { quantile } = include(normalUpperQuantile(`${prefix}_critical`, oneSidedTail(alpha, dialect), dialect));
  const half = define('half', sql`${quantile} * ${test.standardError}`);
  const [lower, upper] = [
    define('raw_lower', sql`${test.estimate} - ${half}`),
    define('raw_upper', sql`${test.estimate} + ${half}`),
  ];
  const none = sql`${limit} is null`;
  const unknown = define('unknown', unknownOf([test.unknown], [['NO_MARGIN', none]], [z, lower, upper], dialect));
  const known = (name: string, of: Sql) => define(name, unless(unknown, of));
  const pValue = known('p_value', tail);
  return formula({
    difference: known('difference', test.estimate),
    nullDifference: known('null_difference', bar),
    pValue,
    lower: known('lower', sql`case when ${good} > 0e0 then ${lower} end`),
    upper: known('upper', sql`case when ${good} < 0e0 then ${upper} end`),
    holds: define('holds', sql`${pValue} < ${typeof alpha === 'number' ? trusted(dialect.number(alpha)) : alpha}`),
    unknown,
  });
}
