import type { Dialect } from '../../sql/dialect.ts';
import { join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { draft, type Formula } from './formula.ts';

/** (k + ½)²/4 and its weight e^(−square), as src/statistics/distributions/normal.ts has them. */
const TERMS = Array.from({ length: 13 }, (_, k) => {
  const square = (k + 0.5) ** 2 / 4;
  return { square, weight: Math.exp(-square) };
});

/**
 * Upper tail P(Z > z) of the standard normal distribution: the midpoint rule for erfc with the residue of its pole, thirteen
 * positive terms (Chiarella & Reichel 1968; Matta & Reichel 1971). Null for null; z is finite.
 */
export function normalUpperTail(prefix: string, z: Sql, dialect: Dialect): Formula<'tail'> {
  const { define, formula } = draft(prefix, 'A normal tail');
  const number = (value: number) => trusted(dialect.number(value));
  const at = define('z', z);
  const size = define('size', sql`abs(${at})`);
  const half = define('half', sql`0.5e0 * ${at} * ${at}`);
  const terms = TERMS.map(({ square, weight }) => sql`${number(weight)} / (${half} + ${number(square)})`);
  const pole = sql`case when ${size} < 8.8e0 then 1e0 / (1e0 + exp(8.885765876316732e0 * ${size})) else 0e0 end`;
  const sum = sql`(${join(terms, ' + ')})`;
  // beyond |z| = 40 the tail is below the smallest double, and z itself could overflow
  const upper = define(
    'upper',
    sql`case when ${half} > 800e0 then 0e0 else (${size} * 0.22507907903927651e0 * exp(-${half}) * ${sum}) / 2e0 + ${pole} end`,
  );
  return formula({ tail: define('tail', sql`case when ${at} < 0e0 then 1e0 - ${upper} else ${upper} end`) });
}

type Coefficients = readonly [numerator: readonly number[], denominator: readonly number[]];

/** The rational approximations of PPND16, from the constant term upwards, as src/statistics/distributions/normal.ts has them. */
const CENTRAL: Coefficients = [
  [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
    33430.57558358813, 2509.0809287301227,
  ],
  [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854,
  ],
];
const NEAR: Coefficients = [
  [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
];
const FAR: Coefficients = [
  [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
    1.421511758316446e-7, 2.0442631033899397e-15,
  ],
];

/**
 * The z with P(Z > z) = tail, Algorithm AS 241 (PPND16, Wichura 1988) on the smaller tail. Null where the tail is not between
 * 0 and 1.
 */
export function normalUpperQuantile(prefix: string, tail: Sql, dialect: Dialect): Formula<'quantile'> {
  const { define, formula } = draft(prefix, 'A normal quantile');
  const horner = (coefficients: readonly number[], at: Sql) =>
    coefficients
      .map((value) => trusted(dialect.number(value)))
      .reduceRight((sum, coefficient) => sql`(${sum} * ${at} + ${coefficient})`);
  const rational = ([numerator, denominator]: Coefficients, at: Sql) =>
    sql`${horner(numerator, at)} / ${horner(denominator, at)}`;
  const p = define('p', sql`case when ${tail} > 0e0 and ${tail} < 1e0 then cast(${tail} as double) end`);
  const q = define('q', sql`${p} - 0.5e0`);
  const r = define('r', sql`sqrt(-ln(case when ${p} > 0.5e0 then 1e0 - ${p} else ${p} end))`);
  const square = define('square', sql`0.180625e0 - ${q} * ${q}`);
  const [near, far] = [define('near', sql`${r} - 1.6e0`), define('far', sql`${r} - 5e0`)];
  const size = sql`case when ${r} <= 5e0 then ${rational(NEAR, near)} else ${rational(FAR, far)} end`;
  const quantile = define(
    'quantile',
    sql`case when abs(${q}) <= 0.425e0 then -(${q} * ${rational(CENTRAL, square)}) when ${q} < 0e0 then ${size} else -(${size}) end`,
  );
  return formula({ quantile });
}
