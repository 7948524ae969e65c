import { assertNumbers } from './double-exponential.ts';

/** Up to here the body of the distribution is exact; the matrix has at most 2√(4n) rows. */
const EXACT_UP_TO = 1000;
/** n·d² from which on the chance that both one-sided distances exceed d does not matter (Simard & L'Ecuyer 2011). */
const TAIL_FROM = 4;

/**
 * P(D_n ≥ d), the upper tail of Kolmogorov's two-sided distance of n independent values from their continuous distribution.
 *
 * - n·d² ≥ 4, or d ≥ ½: twice the one-sided tail of Birnbaum & Tingey (1951), positive terms only, so small p keep their
 *   digits (exact for d ≥ ½; else what is left out is below 1e-10 of it, Simard & L'Ecuyer 2011).
 * - below, n ≤ 1000: 1 − P by the matrix power of Marsaglia, Tsang & Wang (2003); p is then above 6e-4.
 * - below, n > 1000: Kolmogorov's limit (1933) at √n·d + 1/(6√n) + (√n·d − 1)/(4n) (Vrbik 2018), its leading term exact;
 *   relative error measured at most 5e-5, near p = 0.6, and 1e-7 below p = 0.05.
 */
export function kolmogorovSf(d: number, n: number): number {
  assertNumbers('kolmogorovSf', d, n);
  if (!(Number.isInteger(n) && n >= 1)) throw new RangeError(`kolmogorovSf needs a whole n ≥ 1, not ${n}.`);
  if (d * n <= 0.5) return 1;
  if (d >= 1) return 0;
  if (d >= 0.5 || n * d * d >= TAIL_FROM) return Math.min(1, 2 * oneSidedTail(d, n));
  return n <= EXACT_UP_TO ? 1 - matrixCdf(d, n) : largeSampleSf(d, n);
}

/** d·Σ_j C(n, j)(d + j/n)^(j − 1)·(1 − d − j/n)^(n − j), j from 0 to n(1 − d) (Birnbaum & Tingey 1951, eq. 3.0). */
function oneSidedTail(d: number, n: number): number {
  let [sum, logChoose] = [0, 0];
  for (let j = 0; j <= n; j++) {
    const rest = 1 - d - j / n;
    if (rest <= 0) break;
    sum += Math.exp(logChoose + (j - 1) * Math.log(d + j / n) + (n - j) * Math.log(rest));
    logChoose += Math.log((n - j) / (j + 1));
  }
  return d * sum;
}

/**
 * Kolmogorov's law for large n. With z = √n·d corrected by Vrbik, its limit is 2Σ(−1)^(k−1)·e^(−2k²z²); the leading term is
 * replaced by its exact counterpart, twice the one-sided tail. For a small z, where terms no longer fall, the theta form.
 */
function largeSampleSf(d: number, n: number): number {
  const root = Math.sqrt(n);
  const z = root * d + 1 / (6 * root) + (root * d - 1) / (4 * n);
  if (z <= 0) return 1;
  if (z < 0.75) {
    let sum = 0;
    for (let k = 1; k <= 7; k += 2) sum += Math.exp(-((k * Math.PI) ** 2) / (8 * z * z));
    return 1 - (Math.sqrt(2 * Math.PI) / z) * sum;
  }
  let sum = 2 * oneSidedTail(d, n);
  for (let k = 2; k <= 7; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * z * z);
  return sum;
}

/** A matrix times 2^exponent, so that powers neither overflow nor vanish. */
interface Scaled {
  readonly cells: Float64Array;
  readonly exponent: number;
}

/** P(D_n < d) = n!/nⁿ·(Hⁿ)_{k,k} with d = (k − h)/n (Marsaglia, Tsang & Wang 2003; Durbin 1973). */
function matrixCdf(d: number, n: number): number {
  const k = Math.floor(n * d) + 1;
  const m = 2 * k - 1;
  const h = k - n * d;
  const cells = new Float64Array(m * m);
  const factorials = Array.from({ length: m + 1 }, () => 1);
  for (let i = 1; i <= m; i++) factorials[i] = factorials[i - 1]! * i;
  const corner = (power: number) => 1 - h ** power;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m && i - j + 1 >= 0; j++) {
      let cell = 1;
      if (j === 0) cell = corner(i + 1);
      if (i === m - 1) cell = corner(m - j);
      if (i === m - 1 && j === 0) cell = 1 - 2 * h ** m + Math.max(0, 2 * h - 1) ** m;
      cells[i * m + j] = cell / factorials[i - j + 1]!;
    }
  }
  const powered = power({ cells, exponent: 0 }, n, m);
  // n!/nⁿ factor by factor, taking out powers of two before it vanishes
  let [value, exponent] = [powered.cells[(k - 1) * m + k - 1]!, powered.exponent];
  for (let i = 1; i <= n; i++) {
    value *= i / n;
    if (value < 2 ** -500) {
      value *= 2 ** 500;
      exponent -= 500;
    }
  }
  return Math.min(1, value * 2 ** exponent);
}

/** base^n by repeated squaring. */
function power(base: Scaled, n: number, m: number): Scaled {
  if (n === 1) return base;
  const half = power(base, n >> 1, m);
  const square = product(half, half, m);
  return n % 2 === 0 ? square : product(square, base, m);
}

function product(a: Scaled, b: Scaled, m: number): Scaled {
  const cells = new Float64Array(m * m);
  let largest = 0;
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < m; l++) {
      const factor = a.cells[i * m + l]!;
      if (factor === 0) continue;
      for (let j = 0; j < m; j++) cells[i * m + j]! += factor * b.cells[l * m + j]!;
    }
    for (let j = 0; j < m; j++) largest = Math.max(largest, cells[i * m + j]!);
  }
  const exponent = a.exponent + b.exponent;
  if (largest < 2 ** 300) return { cells, exponent };
  return { cells: cells.map((cell) => cell * 2 ** -300), exponent: exponent + 300 };
}
