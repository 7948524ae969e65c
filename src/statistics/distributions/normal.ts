import { assertNumbers } from './double-exponential.ts';

/** (k + ½)²/4, the squared nodes of the midpoint rule for erfc with step ½ in z/√2 units. */
const SQUARES = Array.from({ length: 13 }, (_, k) => (k + 0.5) ** 2 / 4);
const SQUARE_WEIGHTS = SQUARES.map((square) => Math.exp(-square));

/**
 * Upper tail P(Z > z) of the standard normal distribution.
 *
 * Midpoint rule for erfc with the residue of its pole (Chiarella & Reichel 1968; Matta & Reichel 1971): thirteen positive
 * terms. Relative error about 1e-15 near the centre and 3e-13 at p = 1e-300 (the conditioning of exp).
 */
export function normalSf(z: number): number {
  assertNumbers('normalSf', z);
  // The tail below ½ is the one computed; its complement loses nothing that a double could show.
  return z < 0 ? 1 - upperTail(-z) : upperTail(z);
}

/** Lower tail P(Z ≤ z) of the standard normal distribution; accurate in its far tail. */
export function normalCdf(z: number): number {
  return normalSf(-z);
}

function upperTail(z: number): number {
  const half = (z * z) / 2;
  if (half > 800) return 0; // the true value is below the smallest double
  let sum = 0;
  for (let k = 0; k < SQUARES.length; k++) sum += SQUARE_WEIGHTS[k]! / (half + SQUARES[k]!);
  const pole = z < 8.8 ? 1 / (1 + Math.exp(8.885765876316732 * z)) : 0;
  return (z * 0.22507907903927651 * Math.exp(-half) * sum) / 2 + pole;
}

/** The rational approximations of PPND16, numerator and denominator from the constant term upwards, rounded to doubles. */
const CENTRAL = [
  [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
    33430.57558358813, 2509.0809287301227,
  ],
  [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854,
  ],
] as const;
const NEAR = [
  [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
] as const;
const FAR = [
  [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
    1.421511758316446e-7, 2.0442631033899397e-15,
  ],
] as const;

type Rational = readonly [numerator: readonly number[], denominator: readonly number[]];

function rational([numerator, denominator]: Rational, r: number): number {
  const horner = (coefficients: readonly number[]) => coefficients.reduceRight((sum, c) => sum * r + c, 0);
  return horner(numerator) / horner(denominator);
}

/**
 * The z with P(Z ≤ z) = p, 0 < p < 1. Algorithm AS 241, PPND16 (Wichura 1988): relative error about 1e-16.
 * For an upper critical value use `normalUpperQuantile(tail)`, which keeps the digits of a small tail.
 */
export function normalQuantile(p: number): number {
  assertNumbers('normalQuantile', p);
  if (!(p > 0 && p < 1)) throw new RangeError(`normalQuantile needs 0 < p < 1, not ${p}.`);
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * rational(CENTRAL, 0.180625 - q * q);
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const z = r <= 5 ? rational(NEAR, r - 1.6) : rational(FAR, r - 5);
  return q < 0 ? -z : z;
}

/** The z with P(Z > z) = tail. */
export function normalUpperQuantile(tail: number): number {
  return -normalQuantile(tail);
}
