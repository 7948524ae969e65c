import type { Dialect } from '../../sql/dialect.ts';
import { join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { integrateTail, integrationNodes } from './double-exponential.ts';
import { expm1, log1p } from './elementary.ts';
import { type Draft, draft, type Formula } from './formula.ts';

/**
 * What Stirling's formula leaves out of ln Γ(a): ten steps up by the recurrence, then the asymptotic series. Of the steps,
 * ln Γ(a + 10) − ln Γ(a) = 10·ln a + Σ ln(1 + k/a), the large parts are taken together before they are rounded.
 */
function stirlingRemainder(define: Draft['define'], a: Sql): Sql {
  const i = define('i', sql`1e0 / (${a} + 10e0)`);
  const i2 = define('i2', sql`${i} * ${i}`);
  const shift = define('shift', sql`10e0 / ${a}`);
  const series = sql`${i} * (1e0 / 12e0 - ${i2} * (1e0 / 360e0 - ${i2} * (1e0 / 1260e0 - ${i2} * (1e0 / 1680e0 - ${i2} * (1e0 / 1188e0 - ${i2} * 691e0 / 360360e0)))))`;
  const factors = Array.from({ length: 9 }, (_, k) => sql`(1e0 + ${trusted(`${k + 1}e0`)} / ${a})`);
  return define('remainder', sql`${series} + (${a} + 9.5e0) * (${log1p(shift)}) - 10e0 - ln(${join(factors, ' * ')})`);
}

/** ln(1 + x) − x at 1 + x = y/a without cancellation near 0: with r = x/(2 + x), ln(1 + x) = 2·atanh r and x − 2r = r·x. */
function log1pMinus(define: Draft['define'], x: Sql, ratio: Sql): Sql {
  const r = define('r', sql`${x} / (2e0 + ${x})`);
  const r2 = define('r2', sql`${r} * ${r}`);
  let series = sql`(1e0 / 25e0)`;
  for (let k = 11; k >= 1; k--) series = sql`(${series} * ${r2} + 1e0 / ${trusted(`${2 * k + 1}e0`)})`;
  const near = sql`2e0 * ${r} * ${r2} * ${series} - ${r} * ${x}`;
  return define('deviance', sql`case when abs(${x}) > 0.3e0 then ln(${ratio}) - ${x} else ${near} end`);
}

/**
 * Upper tail Q(a, y) of the gamma distribution with shape a > 0 and scale 1 (`gammaSf`): the smaller of both tails is integrated
 * about the density at y. Relative error about 1e-12 for shapes up to 1e3, growing with the shape beyond. Null for y < 0 or a < 0.05.
 */
export function gammaUpperTail(
  prefix: string,
  { shape, y: point }: { readonly shape: Sql; readonly y: Sql },
  dialect: Dialect,
): Formula<'tail'> {
  const { define, defineApart, include, formula } = draft(prefix, 'A tail of the gamma distribution');
  const { nodes } = include(integrationNodes(dialect));
  const known = sql`${dialect.isFinite(sql`cast(${point} as double)`)} and ${point} >= 0e0 and ${shape} >= 0.05e0`;
  const a = define('a', sql`case when ${known} then cast(${shape} as double) end`);
  // so near 0 the tail is 1 to the last bit, and the logarithm of y/a would be that of zero
  const y = define('y', sql`case when ${point} > 1e-300 * ${a} then cast(${point} as double) end`);
  const origin = define('origin', sql`case when ${a} is not null and ${y} is null then 1e0 end`);
  const x = define('x', sql`(${y} - ${a}) / ${a}`);
  const exponent = sql`${a} * ${log1pMinus(define, x, sql`${y} / ${a}`)} - ${stirlingRemainder(define, a)}`;
  const kernel = define('kernel', sql`sqrt(${a} / (2e0 * pi())) * exp(${exponent})`);
  const upper = sql`${y} > ${a}`;
  const [a1, slope] = [
    define('a1', sql`${a} - 1e0`),
    define('slope', sql`case when ${upper} then (${y} - ${a} + 1e0) / ${y} else ${a} - ${y} end`),
  ];
  const bend = define(
    'curvature',
    sql`case when not ${upper} then ${y} when ${a1} > 0e0 then ${a1} / ${y} / ${y} else 0e0 end`,
  );
  const scale = define('scale', sql`2e0 / (${slope} + sqrt(${slope} * ${slope} + 2e0 * ${bend}))`);
  const least = define('least', sql`case when ${upper} then 1e0 else 1e0 / ${a} end`);
  const length = define('length', sql`case when ${scale} > ${least} then ${scale} else ${least} end`);
  const above = integrateTail(
    // t = y + v:  Q = kernel/y · ∫ exp((a − 1)·ln(1 + v/y) − v) dv
    {
      nodes,
      length,
      y: (v) => sql`${v} / ${y}`,
      integrand: (v) => sql`exp(${a1} * (${log1p(v)}) - ${v} * ${y})`,
    },
    dialect,
  );
  const below = integrateTail(
    // t = y·e^(−u):  P = kernel · ∫ exp(−a·u + y·(1 − e^(−u))) du
    { nodes, length, y: (u) => u, integrand: (u) => sql`exp(-${a} * ${u} - ${y} * ${expm1(sql`(-${u})`)})` },
    dialect,
  );
  const small = defineApart(
    'small',
    sql`case when ${upper} then ${kernel} / ${y} * ${above} else ${kernel} * ${below} end`,
  );
  const capped = sql`case when ${small} > 1e0 then 1e0 else ${small} end`;
  return formula({
    tail: define('tail', sql`coalesce(${origin}, case when ${upper} then ${capped} else 1e0 - ${capped} end)`),
  });
}

/** Upper tail P(X > x) of the chi-square distribution with any df > 0 (`chi2Sf`): Q(df/2, x/2). */
export function chiSquareUpperTail(
  prefix: string,
  { chiSquare, degreesOfFreedom }: { readonly chiSquare: Sql; readonly degreesOfFreedom: Sql },
  dialect: Dialect,
): Formula<'tail'> {
  return gammaUpperTail(prefix, { shape: sql`(0.5e0 * ${degreesOfFreedom})`, y: sql`(0.5e0 * ${chiSquare})` }, dialect);
}
