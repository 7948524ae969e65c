import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql } from '../../sql/sql.ts';
import { type ArmColumns, contrast } from './contrast.ts';
import { draft, type Formula } from './formula.ts';
import { normalUpperQuantile, normalUpperTail } from './normal.ts';
import { unknownOf, unless } from './unknown.ts';
import { closed, tailOf, type WelchColumn, type WelchFormulaOptions } from './welch.ts';

/** z test of treatment minus control with unpooled variances (`zTest`): Welch's with the normal distribution. */
export function zTest(
  prefix: string,
  arms: ArmColumns,
  { level, alternative = 'two-sided' }: WelchFormulaOptions,
  dialect: Dialect,
): Formula<Exclude<WelchColumn, 'degreesOfFreedom'>> {
  const { define, include, formula } = draft(prefix, 'z test');
  const { estimate, standardError, unknown: refused } = include(contrast(`${prefix}_contrast`, arms, dialect));
  const z = define('raw_statistic', sql`${estimate} / ${standardError}`);
  const size = define('size', sql`abs(${z})`);
  const { tail: small } = include(normalUpperTail(`${prefix}_tail`, size, dialect));
  const tail = tailOf(level, alternative, dialect);
  const { quantile } = include(normalUpperQuantile(`${prefix}_critical`, tail, dialect));
  const half = define('half', sql`${quantile} * ${standardError}`);
  const lower = define('raw_lower', sql`${estimate} - ${half}`);
  const upper = define('raw_upper', sql`${estimate} + ${half}`);
  const unknown = define('unknown', unknownOf([refused], [], [z, lower, upper], dialect));
  const known = (name: string, value: Sql) => define(name, unless(unknown, value));
  const outer = (inside: Sql) => sql`case when ${inside} then ${small} else 1e0 - ${small} end`;
  const pGreater = known('p_greater', outer(sql`${z} >= 0e0`));
  const pLess = known('p_less', outer(sql`${z} <= 0e0`));
  const pValue = { 'two-sided': known('p_two_sided', sql`2e0 * ${small}`), greater: pGreater, less: pLess }[
    alternative
  ];
  return formula({
    difference: known('difference', estimate),
    standardError: known('standard_error', standardError),
    statistic: known('statistic', z),
    pValue,
    pGreater,
    pLess,
    criticalValue: known('critical_value', quantile),
    lower: known('lower', closed(lower, alternative === 'less')),
    upper: known('upper', closed(upper, alternative === 'greater')),
    unknown,
  });
}
