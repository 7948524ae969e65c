import type { Dialect } from '../../sql/dialect.ts';
import { join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { integrateTail, integrationNodes } from './double-exponential.ts';
import { log1p } from './elementary.ts';
import { type Draft, draft, type Formula } from './formula.ts';
import { normalUpperQuantile } from './normal.ts';

/**
 * Degrees of freedom in the range that the formula is right in; beyond 1e20 the distribution is the normal one, to the last
 * bit. Null below ½, where the rule has too few nodes.
 */
const checked = (df: Sql) => sql`case when ${df} > 1e20 then 1e20 when ${df} >= 0.5e0 then ${df} end`;

/** ln[Γ(h + ½)/(Γ(h)√π)], h = df/2, up ten steps by the recurrence and then the asymptotic series: no lnΓ, no cancellation. */
function logConstant(define: Draft['define'], df: Sql): Sql {
  const h = define('h', sql`0.5e0 * ${df}`);
  const i = define('i', sql`1e0 / (0.5e0 * ${df} + 10e0)`);
  const i2 = define('i2', sql`${i} * ${i}`);
  const factors = Array.from({ length: 10 }, (_, k) => {
    const [above, below] = [trusted(`${k}e0`), trusted(`${k}.5e0`)];
    return sql`((${h} + ${above}) / (${h} + ${below}))`;
  });
  const series = sql`${i} * (-0.125e0 + ${i2} * (1e0 / 192e0 + ${i2} * (-1e0 / 640e0 + ${i2} * (17e0 / 14336e0 - ${i2} * 31e0 / 18432e0))))`;
  return define('constant', sql`ln(${join(factors, ' * ')} * sqrt((${h} + 10e0) / pi())) + ${series}`);
}

interface TailAt {
  /** sinh θ = t/√df, 0 or more. */
  readonly sinh: Sql;
  readonly df: Sql;
  readonly constant: Sql;
  readonly nodes: Sql;
}

/**
 * ln P(T > √df·sinh θ), and the tail over the density in θ. The density there is proportional to cosh^(−df) θ: its value at the
 * point is factored out, and what remains, (cosh u + tanh θ·sinh u)^(−df), is integrated by the double-exponential rule.
 */
function tailAt(
  { define, defineApart }: Pick<Draft, 'define' | 'defineApart'>,
  { sinh, df, constant, nodes }: TailAt,
  dialect: Dialect,
  step = '',
) {
  // from 1e8 on, 1 + sinh² is sinh² in doubles; its square could overflow
  const far = sql`${sinh} > 1e8`;
  const square = define(`square${step}`, sql`case when ${far} then 0e0 else ${sinh} * ${sinh} end`);
  const tanh = define(`tanh${step}`, sql`case when ${far} then 1e0 else ${sinh} / sqrt(1e0 + ${sinh} * ${sinh}) end`);
  const curvature = sql`case when ${far} then 0e0 else ${df} / (1e0 + ${sinh} * ${sinh}) end`;
  const bend = define(`curvature${step}`, curvature);
  const logCosh = define(`log_cosh${step}`, sql`case when ${far} then ln(${sinh}) else 0.5e0 * (${log1p(square)}) end`);
  const slope = sql`${df} * ${tanh}`;
  const length = define(`length${step}`, sql`2e0 / (${slope} + sqrt(${slope} * ${slope} + 2e0 * ${bend}))`);
  const y = (u: Sql) => sql`2e0 * sinh(0.5e0 * ${u}) * sinh(0.5e0 * ${u}) + ${tanh} * sinh(${u})`;
  const integrand = (bound: Sql) => sql`exp(-${df} * (${log1p(bound)}))`;
  const ratio = defineApart(`ratio${step}`, integrateTail({ nodes, length, y, integrand }, dialect));
  const logTail = define(`log_tail${step}`, sql`${constant} - ${df} * ${logCosh} + ln(${ratio})`);
  return { logTail, ratio, tanh };
}

export interface StudentTailInput {
  /** Finite or null. */
  readonly statistic: Sql;
  /** ½ or more; infinite for the normal distribution. */
  readonly degreesOfFreedom: Sql;
}

/** Tails of Student's t at a statistic. One integral gives them all. */
export type StudentTails = 'upper' | 'lower' | 'twoSided' | 'logTwoSided';

/**
 * P(T > t), P(T < t) and P(|T| > |t|) for any df from ½ (`tSf`, `tCdf`, `tTwoSidedP`, `tLogTwoSidedP`): relative error of the
 * smaller tail about 1e-15·|ln p|. The logarithm stays finite where the tail underflows. Null where an input is.
 */
export function studentTails(
  prefix: string,
  { statistic, degreesOfFreedom }: StudentTailInput,
  dialect: Dialect,
): Formula<StudentTails> {
  const own = draft(prefix, "Tails of Student's t");
  const { define, include, formula } = own;
  const { nodes } = include(integrationNodes(dialect));
  const t = define('t', sql`case when ${dialect.isFinite(statistic)} then ${statistic} end`);
  const df = define('df', checked(degreesOfFreedom));
  const sinh = define('sinh', sql`abs(${t}) / sqrt(${df})`);
  const { logTail } = tailAt(own, { sinh, df, constant: logConstant(define, df), nodes }, dialect);
  const small = define(
    'small',
    sql`case when ${logTail} > ln(0.5e0) or ${t} = 0e0 then 0.5e0 else exp(${logTail}) end`,
  );
  const outer = (inside: Sql) => sql`case when ${inside} then ${small} else 1e0 - ${small} end`;
  return formula({
    upper: define('upper', outer(sql`${t} >= 0e0`)),
    lower: define('lower', outer(sql`${t} <= 0e0`)),
    twoSided: define('two_sided', sql`2e0 * ${small}`),
    logTwoSided: define(
      'log_two_sided',
      sql`case when ${logTail} > ln(0.5e0) or ${t} = 0e0 then 0e0 else ln(2e0) + ${logTail} end`,
    ),
  });
}

export interface StudentQuantileInput {
  /** Between 0 and 1. */
  readonly tail: Sql;
  readonly degreesOfFreedom: Sql;
}

/** Halley steps from Wallace's start; three reach rounding level for df from 1 and tails down to 1e-200. */
const STEPS = 3;

/**
 * The t with P(T > t) = tail (`tUpperQuantile`): from the normal quantile by Wallace's transform (1959), then Halley steps on
 * the logarithm of the tail in θ = asinh(t/√df). Null where the tail is not between 0 and 1 or the df are too few.
 */
export function studentUpperQuantile(
  prefix: string,
  { tail, degreesOfFreedom }: StudentQuantileInput,
  dialect: Dialect,
): Formula<'quantile'> {
  const own = draft(prefix, "A quantile of Student's t");
  const { define, include, formula } = own;
  const { nodes } = include(integrationNodes(dialect));
  const p = define('p', sql`case when ${tail} > 0e0 and ${tail} < 1e0 then cast(${tail} as double) end`);
  const small = define('small', sql`case when ${p} > 0.5e0 then 1e0 - ${p} else ${p} end`);
  const target = define('target', sql`ln(${small})`);
  const { quantile: z } = include(normalUpperQuantile(`${prefix}_normal`, small, dialect));
  const df = define('df', checked(degreesOfFreedom));
  const constant = logConstant(define, df);
  const wallace = sql`((8e0 * ${df} + 3e0) / (8e0 * ${df} + 1e0))`;
  const start = define('start', sql`${z} * ${z} / ${df} * ${wallace} * ${wallace}`);
  // sinh θ is a double up to 709; a step back from there is exact, as the tail is a power of t
  const capped = (theta: Sql) => sql`case when ${theta} > 709e0 then 709e0 else ${theta} end`;
  const guess = sql`case when ${start} < 1e-3 then sqrt(${start}) else 0.5e0 * ${start} + ln(1e0 + sqrt(1e0 - exp(-${start}))) end`;
  let theta = define('theta0', guess);
  for (let step = 0; step < STEPS; step++) {
    const sinh = define(`sinh${step}`, sql`sinh(${capped(theta)})`);
    const { logTail, ratio, tanh } = tailAt(own, { sinh, df, constant, nodes }, dialect, String(step));
    const gap = sql`(${logTail} - ${target})`;
    const damping = define(`damping${step}`, sql`1e0 + 0.5e0 * ${gap} * (1e0 - ${df} * ${tanh} * ${ratio})`);
    const divisor = sql`case when ${damping} < 0.5e0 then 0.5e0 else ${damping} end`;
    theta = define(`theta${step + 1}`, sql`${capped(theta)} + ${gap} * ${ratio} / (${divisor})`);
  }
  const size = define('size', sql`case when ${small} = 0.5e0 then 0e0 else sqrt(${df}) * sinh(${capped(theta)}) end`);
  return formula({ quantile: define('quantile', sql`case when ${p} > 0.5e0 then -${size} else ${size} end`) });
}

/**
 * The t with P(T > t) = tail, tail < ½, from a t above 0 that is near it, by one Halley step: the error is about the third power
 * of the start's.
 */
export function nearbyUpperQuantile(
  prefix: string,
  { near, tail, degreesOfFreedom }: StudentQuantileInput & { readonly near: Sql },
  dialect: Dialect,
): Formula<'quantile'> {
  const own = draft(prefix, "A quantile of Student's t from one nearby");
  const { define, include, formula } = own;
  const { nodes } = include(integrationNodes(dialect));
  const df = define('df', checked(degreesOfFreedom));
  const sinh = define('sinh', sql`case when ${near} >= 0e0 then ${near} / sqrt(${df}) end`);
  const { logTail, ratio, tanh } = tailAt(own, { sinh, df, constant: logConstant(define, df), nodes }, dialect);
  const gap = sql`(${logTail} - ln(${tail}))`;
  const damping = define('damping', sql`1e0 + 0.5e0 * ${gap} * (1e0 - ${df} * ${tanh} * ${ratio})`);
  const step = define('step', sql`${gap} * ${ratio} / (case when ${damping} < 0.5e0 then 0.5e0 else ${damping} end)`);
  // sinh(θ + step)
  const moved = sql`${sinh} * cosh(${step}) + sqrt(1e0 + ${sinh} * ${sinh}) * sinh(${step})`;
  return formula({ quantile: define('quantile', sql`sqrt(${df}) * (${moved})`) });
}
