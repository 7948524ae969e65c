import type { Random } from './random.ts';

/**
 * Users with what they did after the exposure and before it: a numerator, a denominator, and the same two from before. The
 * numerator alone is the metric of means, capped means and CUPED; both make a ratio.
 */
export interface Population {
  readonly name: string;
  readonly type: 'MEAN' | 'PROPORTION';
  readonly control: number;
  readonly treatment: number;
  readonly pivots: readonly number[];
  /** Writes one user's four variables. */
  readonly user: (random: Random, row: Float64Array) => void;
}

/** A normal number with this correlation to another. */
const withCorrelation = (random: Random, other: number, rho: number) =>
  rho * other + Math.sqrt(1 - rho * rho) * random.normal();

/** One and some visits more: Poisson about a rate that the user keeps. */
const visits = (random: Random, rate: number) => 1 + random.poisson(rate);

export const normal: Population = {
  name: 'normal, ρ .8, n 1,000',
  type: 'MEAN',
  control: 1000,
  treatment: 1000,
  pivots: [10, 20, 10, 20],
  user: (random, row) => {
    const value = random.normal();
    const size = withCorrelation(random, value, 0.5);
    row[0] = 10 + 3 * value;
    row[1] = 20 + 4 * size;
    row[2] = 10 + 3 * withCorrelation(random, value, 0.8);
    row[3] = 20 + 4 * withCorrelation(random, size, 0.8);
  },
};

export const bernoulli: Population = {
  name: 'Bernoulli .05, n 2,000',
  type: 'PROPORTION',
  control: 2000,
  treatment: 2000,
  pivots: [0, 5, 0, 5],
  user: (random, row) => {
    const inclination = random.normal();
    const rate = Math.exp(0.5 * random.normal() + 1.2);
    row[0] = inclination > 1.6448536269514722 ? 1 : 0;
    row[1] = visits(random, rate);
    row[2] = withCorrelation(random, inclination, 0.8) > 1.6448536269514722 ? 1 : 0;
    row[3] = visits(random, rate);
  },
};

/** Clicks a visit: each user has a rate of visits and a rate of clicks a visit of their own. */
function clicks(control: number, treatment: number, name: string): Population {
  return {
    name,
    type: 'MEAN',
    control,
    treatment,
    pivots: [2.5, 5, 2.5, 5],
    user: (random, row) => {
      const often = 2 * random.gamma(2);
      const keen = random.gamma(4) / 8;
      for (const from of [0, 2]) {
        const count = visits(random, often);
        row[from] = random.poisson(keen * count);
        row[from + 1] = count;
      }
    },
  };
}

export const poisson = clicks(1000, 1000, 'Poisson counts, n 1,000');
export const ninetyTen = clicks(2700, 300, 'Poisson counts at 90:10, n 2,700 and 300');

function revenue(control: number, treatment: number, name: string): Population {
  return {
    name,
    type: 'MEAN',
    control,
    treatment,
    pivots: [22.8, 5, 22.8, 5],
    user: (random, row) => {
      const wealth = random.normal();
      const often = 2 * random.gamma(2);
      row[0] = Math.exp(2 + 1.5 * wealth);
      row[1] = visits(random, often);
      row[2] = Math.exp(2 + 1.5 * withCorrelation(random, wealth, 0.8));
      row[3] = visits(random, often);
    },
  };
}

export const lognormal = revenue(1000, 1000, 'lognormal(2, 1.5), n 1,000');
export const lognormalNinetyTen = revenue(2700, 300, 'lognormal(2, 1.5) at 90:10, n 2,700 and 300');

export const zeroInflated: Population = {
  name: '90 % zeros, else lognormal(3, 1), n 2,000',
  type: 'MEAN',
  control: 2000,
  treatment: 2000,
  pivots: [3.3, 5, 3.3, 5],
  user: (random, row) => {
    const inclination = random.normal();
    const often = 2 * random.gamma(2);
    const spent = (from: number) => (from > 1.2815515655446004 ? Math.exp(3 + random.normal()) : 0);
    row[0] = spent(inclination);
    row[1] = visits(random, often);
    row[2] = spent(withCorrelation(random, inclination, 0.8));
    row[3] = visits(random, often);
  },
};
