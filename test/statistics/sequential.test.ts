import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asymptoticSequence, oneSidedSequentialP, tuningRho2 } from '../../src/statistics/sequential.ts';
import { known, numbersIn } from './samples.ts';

const look = { estimate: 0.3, standardError: 0.1, units: 2000, alpha: 0.05, tuningUnits: 5000 };

describe('asymptoticSequence', () => {
  test('at N* the critical z is 3.0352 for alpha 0.05', () => {
    const { interval } = known(asymptoticSequence({ ...look, units: 5000, estimate: 0, standardError: 1 }));
    expect(interval.upper).toBeCloseTo(3.0352, 4);
    expect(interval.level).toBeCloseTo(0.95, 15);
  });

  test('the interval excludes 0 exactly when p is below alpha', () => {
    const estimate = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(estimate, fc.integer({ min: 1, max: 1e7 }), fc.constantFrom(0.01, 0.05, 0.1), (e, units, alpha) => {
        const { interval, pValue } = known(asymptoticSequence({ ...look, estimate: e, units, alpha }));
        if (Math.abs(pValue / alpha - 1) < 1e-9) return;
        expect(interval.lower! > 0 || interval.upper! < 0).toBe(pValue < alpha);
      }),
    );
  });

  test('a huge z does not overflow', () => {
    expect(known(asymptoticSequence({ ...look, estimate: 3.4 })).pValue).toBeGreaterThan(0);
    expect(known(asymptoticSequence({ ...look, estimate: 1e5 })).pValue).toBe(0);
    expect(asymptoticSequence({ ...look, estimate: 1e300, standardError: 1e-300 })).toEqual({
      ok: false,
      reason: 'OVERFLOW',
    });
  });

  test.each([
    [{ standardError: 0 }, 'ZERO_VARIANCE'],
    [{ units: 0 }, 'NO_UNITS'],
    [{ estimate: Number.MAX_VALUE, standardError: Number.MAX_VALUE }, 'OVERFLOW'],
  ])('%o is refused', (change, reason) => {
    expect(asymptoticSequence({ ...look, ...change })).toEqual({ ok: false, reason });
  });

  test('the one-sided p is half the two-sided one in its direction, and both directions make 1', () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 1, noNaN: true }), (estimate) => {
        const two = known(asymptoticSequence({ ...look, estimate })).pValue;
        const less = known(oneSidedSequentialP({ ...look, estimate, alternative: 'less' })).pValue;
        const greater = known(oneSidedSequentialP({ ...look, estimate, alternative: 'greater' })).pValue;
        expect(estimate < 0 ? less : greater).toBeCloseTo(estimate === 0 ? 0.5 : two / 2, 14);
        expect(less + greater).toBeCloseTo(1, 12);
        expect(numbersIn([two, less, greater]).every((p) => p >= 0 && p <= 1)).toBe(true);
      }),
    );
  });

  test('a tuning that is not above 0 is a bug', () => {
    expect(() => tuningRho2(0.05, 0)).toThrow(RangeError);
    expect(() => tuningRho2(1, 5000)).toThrow(RangeError);
  });
});
