import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../calibration/random.ts';
import { betaCdf, gammaCdf, normalCdf, normalSf } from '../../src/statistics/distributions.ts';
import { uniformityTest } from '../../src/statistics/kolmogorov-smirnov.ts';
import { sampleRatioTest } from '../../src/statistics/srm.ts';
import { known } from '../statistics/samples.ts';

const DRAWS = 20_000;
const drawn = (name: string, draw: (random: Random) => number) => {
  const random = seededRandom(1, name);
  return Array.from({ length: DRAWS }, () => draw(random));
};

describe('continuous draws have their distribution', () => {
  test.each<[string, (random: Random) => number, (x: number) => number]>([
    ['uniform', (random) => random.uniform(), (x) => x],
    ['normal', (random) => random.normal(), normalCdf],
    ['gamma of shape .3', (random) => random.gamma(0.3), (x) => gammaCdf(x, 0.3)],
    ['gamma of shape 1', (random) => random.gamma(1), (x) => gammaCdf(x, 1)],
    ['gamma of shape 7.5', (random) => random.gamma(7.5), (x) => gammaCdf(x, 7.5)],
    ['gamma of shape 2,000', (random) => random.gamma(2000), (x) => gammaCdf(x, 2000)],
  ])('%s', (name, draw, cdf) => {
    expect(known(uniformityTest(drawn(name, draw).map(cdf))).pValue).toBeGreaterThan(0.001);
  });
});

/** p of the counts below, between and above the borders against the probabilities that a distribution function gives. */
function goodnessOfFit(values: readonly number[], cdf: (x: number) => number, borders: readonly number[]): number {
  const edges = [Number.NEGATIVE_INFINITY, ...borders, Number.POSITIVE_INFINITY];
  const arms = edges.slice(1).map((to, i) => {
    const from = edges[i]!;
    const weight =
      (to === Number.POSITIVE_INFINITY ? 1 : cdf(to)) - (from === Number.NEGATIVE_INFINITY ? 0 : cdf(from));
    return { weight, observed: values.filter((value) => value > from && value <= to).length };
  });
  return known(sampleRatioTest(arms)).pValue;
}

describe('counts have their distribution', () => {
  test.each([
    [10, 0.3, [1, 2, 3, 4, 5]],
    [2000, 0.05, [80, 90, 95, 100, 105, 110, 120]],
    [50_000, 0.5, [24_800, 24_900, 25_000, 25_100, 25_200]],
    [100_000, 0.001, [85, 95, 100, 105, 115]],
  ])('binomial(%i, %d)', (n, p, borders) => {
    // P(X ≤ k) = I_(1−p)(n − k, k + 1)
    const cdf = (k: number) => betaCdf(1 - p, n - k, k + 1, p);
    const values = drawn(`binomial ${n} ${p}`, (random) => random.binomial(n, p));
    expect(goodnessOfFit(values, cdf, borders)).toBeGreaterThan(0.001);
  });

  test.each([
    [0.7, [0, 1, 2]],
    [11, [6, 8, 10, 12, 14]],
    [40, [32, 36, 40, 44, 48]],
    [1000, [960, 980, 1000, 1020, 1040]],
  ])('Poisson(%d)', (mean, borders) => {
    // P(X ≤ k) = P(gamma of shape k + 1 > mean)
    const cdf = (k: number) => 1 - gammaCdf(mean, k + 1);
    const values = drawn(`poisson ${mean}`, (random) => random.poisson(mean));
    expect(goodnessOfFit(values, cdf, borders)).toBeGreaterThan(0.001);
  });

  test('multinomial counts sum to their units, and each is binomial', () => {
    const random = seededRandom(1, 'multinomial');
    const counts = Array.from({ length: 2000 }, () => random.multinomial(1000, [5, 3, 2]));
    expect(counts.every((arms) => arms.reduce((sum, arm) => sum + arm, 0) === 1000)).toBe(true);
    const last = counts.map((arms) => arms[2]!);
    const z = (last.reduce((sum, value) => sum + value, 0) / 2000 - 200) / Math.sqrt(160 / 2000);
    expect(2 * normalSf(Math.abs(z))).toBeGreaterThan(0.001);
  });
});

describe('streams', () => {
  const first = (seed: number, stream: string) => {
    const random = seededRandom(seed, stream);
    return Array.from({ length: 5 }, () => random.uniform());
  };

  test('a seed and a name give the same draws again; another seed or name gives others', () => {
    expect(first(1, 'a/0')).toEqual(first(1, 'a/0'));
    expect(first(2, 'a/0')).not.toEqual(first(1, 'a/0'));
    expect(first(1, 'a/1')).not.toEqual(first(1, 'a/0'));
    expect(first(1, 'b/0')).not.toEqual(first(1, 'a/0'));
  });

  test('first draws of neighbouring streams are uniform', () => {
    const values = Array.from({ length: DRAWS }, (_, chunk) => seededRandom(1, `neighbour/${chunk}`).uniform());
    expect(known(uniformityTest(values)).pValue).toBeGreaterThan(0.001);
  });
});
