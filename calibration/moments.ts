import type { Moments } from '../src/core/moments.ts';
import type { Random } from './random.ts';

/** Moments of units that are drawn one by one; `unit` writes a unit's variables into the row it is given. */
export function drawnMoments(
  units: number,
  pivots: readonly number[],
  unit: (row: Float64Array, index: number) => void,
): Moments {
  const count = pivots.length;
  const row = new Float64Array(count);
  const sums = new Float64Array(count);
  const products = Array.from({ length: count }, (_, i) => new Float64Array(i + 1));
  for (let n = 0; n < units; n++) {
    unit(row, n);
    for (let i = 0; i < count; i++) {
      const x = row[i]! - pivots[i]!;
      row[i] = x;
      sums[i]! += x;
      const own = products[i]!;
      for (let j = 0; j <= i; j++) own[j]! += x * row[j]!;
    }
  }
  return { units, pivots, sums: [...sums], products: products.map((own) => [...own]) };
}

/** How the values of one metric are distributed, and moments of a draw of n of them with all values times a factor. */
export interface Metric {
  readonly name: string;
  readonly type: 'MEAN' | 'PROPORTION';
  readonly mean: number;
  readonly variance: number;
  readonly moments: (random: Random, units: number, factor?: number) => Moments;
}

/**
 * Normal values. No value is drawn: the mean is normal with variance σ²/n, the sum of squares about it σ²·χ² with n − 1 degrees
 * of freedom, and they are independent (exact for normal values and for no others; Fisher 1925).
 */
export function normalMetric(mean: number, sd: number): Metric {
  return {
    name: `N(${mean}, ${sd}²)`,
    type: 'MEAN',
    mean,
    variance: sd * sd,
    moments: (random, units, factor = 1) => {
      const size = sd * factor;
      const sum = Math.sqrt(units) * size * random.normal();
      const about = units > 1 ? size * size * 2 * random.gamma((units - 1) / 2) : 0;
      // about one pivot whatever the factor, so that moments of any draws merge
      const shift = units * mean * (factor - 1);
      const total = sum + shift;
      return { units, pivots: [mean], sums: [total], products: [[about + (total / units) * total]] };
    },
  };
}

/** Zeros and ones: their number is binomial. The factor is one of the share. */
export function bernoulliMetric(share: number): Metric {
  return {
    name: `Bernoulli ${share}`,
    type: 'PROPORTION',
    mean: share,
    variance: share * (1 - share),
    moments: (random, units, factor = 1) => {
      const ones = random.binomial(units, share * factor);
      return { units, pivots: [0], sums: [ones], products: [[ones]] };
    },
  };
}

function valueMetric(name: string, mean: number, variance: number, value: (random: Random) => number): Metric {
  return {
    name,
    type: 'MEAN',
    mean,
    variance,
    moments: (random, units, factor = 1) =>
      drawnMoments(units, [mean], (row) => {
        row[0] = factor * value(random);
      }),
  };
}

/** exp(N(mu, sigma²)): revenue. */
export function lognormalMetric(mu: number, sigma: number): Metric {
  const mean = Math.exp(mu + (sigma * sigma) / 2);
  const variance = mean * mean * Math.expm1(sigma * sigma);
  return valueMetric(`lognormal(${mu}, ${sigma})`, mean, variance, (random) => Math.exp(mu + sigma * random.normal()));
}

/** Zero but for a share of the units, which have exp(N(mu, sigma²)): revenue of all visitors. */
export function zeroInflatedMetric(share: number, mu: number, sigma: number): Metric {
  const mean = share * Math.exp(mu + (sigma * sigma) / 2);
  const variance = share * Math.exp(2 * mu + 2 * sigma * sigma) - mean * mean;
  return valueMetric(`${share} × lognormal(${mu}, ${sigma}), else 0`, mean, variance, (random) =>
    random.uniform() < share ? Math.exp(mu + sigma * random.normal()) : 0,
  );
}

/** Poisson counts. */
export function poissonMetric(rate: number): Metric {
  return valueMetric(`Poisson(${rate})`, rate, rate, (random) => random.poisson(rate));
}
