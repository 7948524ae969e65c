import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql, trusted } from '../../sql/sql.ts';
import { type Alternative, assertProbability } from '../../statistics/alternative.ts';
import { type ArmColumns, contrast } from './contrast.ts';
import { draft, type Formula } from './formula.ts';
import { studentTails, studentUpperQuantile } from './student-t.ts';
import { unknownOf, unless } from './unknown.ts';

/** A number that all rows share, or a column. */
export type NumberOrColumn = number | Sql;

export interface WelchFormulaOptions {
  /** Between 0 and 1; numbers are checked here, a column outside gives OVERFLOW. */
  readonly level: NumberOrColumn;
  readonly alternative?: Alternative;
}

export type WelchColumn =
  | 'difference'
  | 'standardError'
  | 'degreesOfFreedom'
  | 'statistic'
  | 'pValue'
  /** One-sided p-values that the treatment is above, and below, control: a harm's is that of the bad direction. */
  | 'pGreater'
  | 'pLess'
  | 'criticalValue'
  | 'lower'
  | 'upper'
  | 'unknown';

/** The share of a distribution beyond a critical value at a level. */
export function tailOf(level: NumberOrColumn, alternative: Alternative, dialect: Dialect): Sql {
  if (typeof level !== 'number')
    return alternative === 'two-sided' ? sql`((1e0 - ${level}) / 2e0)` : sql`(1e0 - ${level})`;
  assertProbability('level', level);
  return trusted(dialect.number(alternative === 'two-sided' ? (1 - level) / 2 : 1 - level));
}

/** The one-sided tail of an alpha below ½. */
export function oneSidedTail(alpha: NumberOrColumn, dialect: Dialect): Sql {
  if (typeof alpha !== 'number') return sql`(case when ${alpha} < 0.5e0 then 1e0 - (1e0 - ${alpha}) end)`;
  if (!(alpha > 0 && alpha < 0.5)) throw new RangeError(`alpha must be between 0 and 1/2, not ${alpha}.`);
  return trusted(dialect.number(1 - (1 - alpha)));
}

/** A bound, unless a one-sided alternative leaves it open. */
export const closed = (bound: Sql, open: boolean): Sql => (open ? sql`cast(null as double)` : bound);

/** Welch's t test of treatment minus control (`welchTest`), with the p-values of all alternatives. */
export function welchTest(
  prefix: string,
  arms: ArmColumns,
  { level, alternative = 'two-sided' }: WelchFormulaOptions,
  dialect: Dialect,
): Formula<WelchColumn> {
  const { define, include, formula } = draft(prefix, "Welch's test");
  const {
    estimate,
    standardError,
    degreesOfFreedom,
    unknown: refused,
  } = include(contrast(`${prefix}_contrast`, arms, dialect));
  const t = define('raw_statistic', sql`${estimate} / ${standardError}`);
  const tails = include(studentTails(`${prefix}_tails`, { statistic: t, degreesOfFreedom }, dialect));
  const tail = tailOf(level, alternative, dialect);
  const { quantile } = include(studentUpperQuantile(`${prefix}_critical`, { tail, degreesOfFreedom }, dialect));
  const half = define('half', sql`${quantile} * ${standardError}`);
  const lower = define('raw_lower', sql`${estimate} - ${half}`);
  const upper = define('raw_upper', sql`${estimate} + ${half}`);
  const unknown = define('unknown', unknownOf([refused], [], [t, lower, upper], dialect));
  const known = (name: string, value: Sql) => define(name, unless(unknown, value));
  const [pGreater, pLess] = [known('p_greater', tails.upper), known('p_less', tails.lower)];
  const pValue = { 'two-sided': tails.twoSided, greater: tails.upper, less: tails.lower }[alternative];
  return formula({
    difference: known('difference', estimate),
    standardError: known('standard_error', standardError),
    degreesOfFreedom: known('df', degreesOfFreedom),
    statistic: known('statistic', t),
    pValue: known('p_value', pValue),
    pGreater,
    pLess,
    criticalValue: known('critical_value', quantile),
    lower: known('lower', closed(lower, alternative === 'less')),
    upper: known('upper', closed(upper, alternative === 'greater')),
    unknown,
  });
}

/** One-sided p-value that the treatment does harm, by which direction is better ('UP' or 'DOWN', a column or a constant). */
export function harmPValue(goodWhen: Sql, { pGreater, pLess }: { readonly pGreater: Sql; readonly pLess: Sql }): Sql {
  return sql`case ${goodWhen} when 'UP' then ${pLess} when 'DOWN' then ${pGreater} end`;
}
