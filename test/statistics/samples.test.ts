import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Moments } from '../../src/core/moments.ts';
import { sampleOfMean, sampleOfProportion, sampleOfRatio } from '../../src/statistics/samples.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { known } from './samples.ts';

const one = (units: number, sum: number, product: number, pivot = 0): Moments => ({
  units,
  pivots: [pivot],
  sums: [sum],
  products: [[product]],
});

describe('sampleOfMean', () => {
  test.each([
    ['no units', one(0, 0, 0), 'NO_UNITS'],
    ['one unit', one(1, 3, 9), 'TOO_FEW_UNITS'],
    ['values beyond a double', one(10, Number.MAX_VALUE * 2, 1), 'OVERFLOW'],
    ['squares beyond a double', one(10, 1e200, Number.POSITIVE_INFINITY), 'OVERFLOW'],
  ])('%s is refused', (_, moments, reason) => {
    expect(sampleOfMean(moments)).toEqual({ ok: false, reason });
  });

  test('has the ddof 1 variance', () => {
    expect(sampleOfMean(one(3, 6, 14))).toEqual({ ok: true, n: 3, mean: 2, variance: 1 });
  });

  test('one arm without variance is a sample', () => {
    expect(sampleOfMean(one(10, 0, 0, 7))).toEqual({ ok: true, n: 10, mean: 7, variance: 0 });
  });

  test('a constant that is not a double has no variance, and a zero about a pivot is zero', () => {
    for (const [constant, pivot] of [
      [0.1, 0],
      [0.3, 0.25],
      [0, 0.1],
    ] as const) {
      let [sum, product] = [0, 0];
      for (let i = 0; i < 100_000; i++) {
        sum += constant - pivot;
        product += (constant - pivot) ** 2;
      }
      const sample = known(sampleOfMean(one(100_000, sum, product, pivot)));
      expect(sample.variance).toBe(0);
      if (constant === 0) expect(sample.mean).toBe(0);
    }
  });

  test('mean 1e8 with sd 1 keeps six digits of its variance about a pivot', () => {
    const values = Array.from({ length: 1000 }, (_, i) => 1e8 + Math.sin(i) * Math.SQRT2);
    const [pivot, exact] = [1e8 + 3, values.map((value) => value - 1e8)];
    const mean = exact.reduce((sum, x) => sum + x, 0) / 1000;
    const variance = exact.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 999;
    const shifted = values.map((value) => value - pivot);
    const sum = shifted.reduce((total, x) => total + x, 0);
    const product = shifted.reduce((total, x) => total + x * x, 0);
    const sample = known(sampleOfMean(one(1000, sum, product, pivot)));
    expect(Math.abs(sample.variance / variance - 1)).toBeLessThan(1e-6);
    expect(Math.abs(sample.mean - 1e8 - mean)).toBeLessThan(1e-6);
  });
});

describe('sampleOfProportion', () => {
  test('is the mean of zeros and ones', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1e6 }), fc.double({ min: 0.01, max: 0.99, noNaN: true }), (n, share) => {
        const successes = Math.round(n * share);
        const proportion = known(sampleOfProportion({ units: n, pivots: [0], sums: [successes], products: null }));
        const mean = known(sampleOfMean(one(n, successes, successes)));
        expect(proportion.mean).toBe(mean.mean);
        expect(proportion.variance).toBeCloseTo(mean.variance, 12);
      }),
    );
  });

  test('BINOMIAL is p(1 − p)', () => {
    const moments: Moments = { units: 10, pivots: [0], sums: [4], products: null };
    expect(sampleOfProportion(moments, 'BINOMIAL')).toMatchObject({ variance: 0.4 * 0.6 });
    expect(sampleOfProportion(moments)).toMatchObject({ variance: (0.4 * 0.6 * 10) / 9 });
  });

  test('a share above 1 is a bug', () => {
    expect(() => sampleOfProportion({ units: 10, pivots: [0], sums: [40], products: null })).toThrow(RangeError);
  });
});

describe('sampleOfRatio', () => {
  const two = (units: number, sums: [number, number], products: [[number], [number, number]]): Moments => ({
    units,
    pivots: [0, 0],
    sums,
    products,
  });

  test('a zero denominator is a zero baseline', () => {
    expect(sampleOfRatio(two(10, [3, 0], [[5], [0, 0]]))).toEqual({ ok: false, reason: 'ZERO_BASELINE' });
  });

  test('with denominator 1 it is the mean', () => {
    const ratio = known(sampleOfRatio(two(10, [30, 10], [[120], [30, 10]])));
    expect(ratio).toEqual({ ...known(sampleOfMean(one(10, 30, 120))) });
  });

  test('a numerator that is a multiple of the denominator has no variance', () => {
    const d = [1, 2, 3, 4, 7];
    const sum = (of: (x: number) => number) => d.reduce((total, x) => total + of(x), 0);
    const [s, ss] = [sum((x) => x), sum((x) => x * x)];
    expect(known(sampleOfRatio(two(5, [0.3 * s, s], [[0.09 * ss], [0.3 * ss, ss]]))).variance).toBe(0);
  });
});

test('a billion units per arm keep their digits', () => {
  const control = known(sampleOfMean(one(1e9, 1e9, 4999999996)));
  const treatment = known(sampleOfMean(one(1e9, 1000050000, 5000099998.5)));
  const result = known(welchTest(control, treatment, { level: 0.95 }));
  expect(result.degreesOfFreedom).toBeCloseTo(1999999998, 2);
  expect(Math.abs(result.pValue / 0.5761501220923654 - 1)).toBeLessThan(1e-6);
});
