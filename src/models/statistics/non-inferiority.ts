import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql, trusted } from '../../sql/sql.ts';
import { type ArmColumns, contrast, satterthwaite } from './contrast.ts';
import { fiellerSet, relativeErrors } from './fieller.ts';
import { type Draft, draft, type Formula } from './formula.ts';
import { nearbyUpperQuantile, studentTails, studentUpperQuantile } from './student-t.ts';
import { unknownOf, unless } from './unknown.ts';
import { type NumberOrColumn, oneSidedTail } from './welch.ts';

export interface NonInferiorityColumns {
  /** Tolerated worsening relative to the size of the control mean, 0 or more; null: none is declared (NO_MARGIN). */
  readonly margin: Sql;
  /** Which direction is better: 'UP' or 'DOWN'. */
  readonly goodWhen: Sql;
}

/** Corrections of the critical value for the degrees of freedom at the bound; what is not settled by then is null. */
const ROUNDS = 5;

/**
 * One-sided Welch t test against a relative margin, the margin's own uncertainty included (`nonInferiorityTest`), and the
 * largest worsening that the data leave open: the one-sided Fieller limit with the degrees of freedom at that limit. The bound
 * is null where there is none, or where its degrees of freedom do not settle (arms of a few units). Needs an alpha below ½.
 */
export function nonInferiorityTest(
  prefix: string,
  arms: ArmColumns,
  { margin, goodWhen }: NonInferiorityColumns,
  { alpha }: { readonly alpha: NumberOrColumn },
  dialect: Dialect,
): Formula<'pValue' | 'bound' | 'holds' | 'unknown'> {
  const tail = oneSidedTail(alpha, dialect);
  const { define, include, formula } = draft(prefix, 'Non-inferiority against a relative margin');
  const { control, treatment } = arms;
  const limit = define('margin', sql`case when ${margin} >= 0e0 then cast(${margin} as double) end`);
  const worse = define(
    'worse',
    sql`case ${goodWhen} when 'UP' then -1e0 when 'DOWN' then 1e0 end * sign(${control.mean})`,
  );
  const weight = define('weight', sql`1e0 + ${worse} * ${limit}`);
  const test = include(contrast(`${prefix}_contrast`, arms, dialect, weight));
  const { estimate, standardError, degreesOfFreedom } = test;
  const t = define('statistic', sql`${estimate} / ${standardError}`);
  const tails = include(studentTails(`${prefix}_tails`, { statistic: t, degreesOfFreedom }, dialect));
  const refused = unknownOf(
    [control.unknown, treatment.unknown],
    [
      ['NO_MARGIN', sql`${limit} is null`],
      ['ZERO_BASELINE', sql`${control.mean} = 0e0`],
    ],
    [],
    dialect,
  );
  const unknown = define('unknown', unknownOf([sql`coalesce(${refused}, ${test.unknown})`], [], [t], dialect));
  const p = define(
    'p_value',
    unless(unknown, sql`case ${goodWhen} when 'UP' then ${tails.upper} else ${tails.lower} end`),
  );
  return formula({
    pValue: p,
    bound: define('bound', unless(unknown, openWorsening({ define, include }, prefix, arms, worse, tail, dialect))),
    holds: define('holds', sql`${p} < ${typeof alpha === 'number' ? trusted(dialect.number(alpha)) : alpha}`),
    unknown,
  });
}

function openWorsening(
  { define, include }: Pick<Draft, 'define' | 'include'>,
  prefix: string,
  arms: ArmColumns,
  worse: Sql,
  tail: Sql,
  dialect: Dialect,
): Sql {
  const { control, treatment } = arms;
  const errors = relativeErrors(define, arms);
  const a = define('error_treatment', sql`${treatment.variance} / ${treatment.n}`);
  const own = define('error_control', sql`${control.variance} / ${control.n}`);
  const dfAt = (weight: Sql, step: string) => {
    const b = define(`error_weighted${step}`, sql`${weight} * ${weight} * ${own}`);
    const df = satterthwaite(a, b, arms);
    return define(`df${step}`, sql`case when ${a} + ${b} > 0e0 then ${df} end`);
  };
  const worseningAt = (q: Sql, step: string) => {
    const { lower, upper } = fiellerSet(define, errors, q, dialect, step);
    return define(`worsening${step}`, sql`case when ${worse} > 0e0 then ${upper} else -${lower} end`);
  };
  const first = { tail, degreesOfFreedom: dfAt(sql`1e0`, '0') };
  let q = include(studentUpperQuantile(`${prefix}_critical0`, first, dialect)).quantile;
  let before = { at: sql`0e0`, limit: worseningAt(q, '0') };
  let at = before.limit;
  let limit = before.limit;
  for (let round = 1; round <= ROUNDS; round++) {
    const step = String(round);
    const weight = define(`weight${step}`, sql`1e0 + ${worse} * ${at}`);
    const next = { near: q, tail, degreesOfFreedom: dfAt(weight, step) };
    q = include(nearbyUpperQuantile(`${prefix}_critical${step}`, next, dialect)).quantile;
    limit = worseningAt(q, step);
    if (round === ROUNDS) break;
    // secant step to where the limit is the margin that its degrees of freedom were taken at
    const rise = define(`rise${step}`, sql`(${limit} - ${at}) - (${before.limit} - ${before.at})`);
    const secant = sql`${at} - (${limit} - ${at}) * (${at} - ${before.at}) / ${rise}`;
    before = { at, limit };
    at = define(`at${step}`, sql`case when abs(${rise}) > 0e0 then ${secant} else ${limit} end`);
  }
  // on the scale of the interval, as the bound itself may be near zero
  const scale = sql`(abs(${limit}) + abs(${errors.lift}))`;
  return sql`case when abs(${limit} - ${at}) <= 1e-11 * ${scale} then ${limit} end`;
}
