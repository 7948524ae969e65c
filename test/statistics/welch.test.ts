import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { welchTest } from '../../src/statistics/welch.ts';
import { extremeSample, known, numbersIn, ordinarySample } from './samples.ts';

const level = 0.95;

describe('welchTest', () => {
  test.each([
    ['no units', 0, 'NO_UNITS'],
    ['one unit', 1, 'TOO_FEW_UNITS'],
  ])('an arm of %s is refused', (_, n, reason) => {
    const sample = { n: 10, mean: 1, variance: 1 };
    expect(welchTest({ ...sample, n }, sample, { level })).toEqual({ ok: false, reason });
    expect(welchTest(sample, { ...sample, n }, { level })).toEqual({ ok: false, reason });
  });

  test('needs variance in one arm, not in both', () => {
    const [flat, other] = [
      { n: 10, mean: 2, variance: 0 },
      { n: 12, mean: 3, variance: 4 },
    ];
    expect(welchTest(flat, { ...flat, mean: 3 }, { level })).toEqual({ ok: false, reason: 'ZERO_VARIANCE' });
    expect(known(welchTest(flat, other, { level })).degreesOfFreedom).toBeCloseTo(11, 12);
  });

  test('swapping the arms turns the sign and keeps the p-value', () => {
    fc.assert(
      fc.property(ordinarySample, ordinarySample, (a, b) => {
        const [forth, back] = [known(welchTest(a, b, { level })), known(welchTest(b, a, { level }))];
        expect(back.difference + forth.difference).toBe(0);
        expect(back.pValue).toBe(forth.pValue);
        expect(back.interval.lower! + forth.interval.upper!).toBe(0);
      }),
    );
  });

  test('scaling the values scales the difference and keeps the p-value; shifting keeps both', () => {
    fc.assert(
      fc.property(ordinarySample, ordinarySample, fc.integer({ min: -30, max: 30 }), (a, b, power) => {
        const k = 2 ** power; // exact in a double
        const scale = (s: typeof a) => ({ n: s.n, mean: k * s.mean, variance: k * k * s.variance });
        const shift = (s: typeof a) => ({ ...s, mean: s.mean + 64 });
        const plain = known(welchTest(a, b, { level }));
        const scaled = known(welchTest(scale(a), scale(b), { level }));
        expect(scaled.pValue).toBe(plain.pValue);
        expect(scaled.difference).toBe(k * plain.difference);
        const shifted = known(welchTest(shift(a), shift(b), { level }));
        expect(Math.abs(shifted.difference - plain.difference)).toBeLessThan(1e-12);
        expect(Math.abs(shifted.statistic - plain.statistic)).toBeLessThan(
          1e-9 * (1 + Math.abs(plain.statistic) * 1e3),
        );
      }),
    );
  });

  test('the interval excludes 0 exactly when the test rejects', () => {
    fc.assert(
      fc.property(ordinarySample, ordinarySample, (a, b) => {
        const { interval, pValue } = known(welchTest(a, b, { level }));
        if (Math.abs(pValue - 0.05) < 1e-9) return;
        expect(interval.lower! > 0 || interval.upper! < 0).toBe(pValue < 0.05);
      }),
    );
  });

  test('one-sided tests share the p-value between them and leave a bound open', () => {
    fc.assert(
      fc.property(ordinarySample, ordinarySample, (a, b) => {
        const greater = known(welchTest(a, b, { level, alternative: 'greater' }));
        const less = known(welchTest(a, b, { level, alternative: 'less' }));
        expect(greater.pValue + less.pValue).toBeCloseTo(1, 12);
        expect([greater.interval.upper, less.interval.lower]).toEqual([null, null]);
        expect(2 * Math.min(greater.pValue, less.pValue)).toBeCloseTo(known(welchTest(a, b, { level })).pValue, 12);
      }),
    );
  });

  test('is refused or finite for anything a double can hold', () => {
    fc.assert(
      fc.property(extremeSample, extremeSample, (a, b) => {
        const result = welchTest(a, b, { level });
        expect(numbersIn(result).every(Number.isFinite)).toBe(true);
        if (result.ok) expect(result.pValue >= 0 && result.pValue <= 1).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('a p-value of 1e-300 is not 0', () => {
    const [control, treatment] = [
      { n: 1e6, mean: 0, variance: 1 },
      { n: 1e6, mean: 37.04 * Math.sqrt(2e-6), variance: 1 },
    ];
    const { pValue } = known(welchTest(control, treatment, { level }));
    expect(Math.log10(pValue)).toBeCloseTo(-299.5, 0);
  });

  test.each([0, 1, 95, Number.NaN])('a level of %d is a bug', (wrong) => {
    const sample = { n: 10, mean: 1, variance: 1 };
    expect(() => welchTest(sample, sample, { level: wrong })).toThrow(RangeError);
  });
});
