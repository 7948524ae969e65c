import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareRates } from '../../src/statistics/count-rates.ts';
import { known, numbersIn } from './samples.ts';

const rate = (events: number, exposure = 1000) => ({ events, exposure });
const events = fc.integer({ min: 0, max: 5000 });

describe('compareRates', () => {
  test.each([
    [rate(0), rate(0), 'ZERO_VARIANCE'],
    [rate(5, 0), rate(5), 'NO_UNITS'],
    [rate(5, 5e-324), rate(5, 1e300), 'OVERFLOW'],
  ])('%o and %o are refused', (control, treatment, reason) => {
    expect(compareRates(control, treatment, { level: 0.95 })).toEqual({ ok: false, reason });
  });

  test('without events in one arm the ratio is open on one side', () => {
    const none = known(compareRates(rate(0), rate(9), { level: 0.95 }));
    expect(none).toMatchObject({ ratio: null, interval: { upper: null } });
    expect(none.interval.lower).toBeCloseTo(9 / 3.841458820694124, 10);
    const lost = known(compareRates(rate(9), rate(0), { level: 0.95 }));
    expect(lost).toMatchObject({ ratio: 0, interval: { lower: 0 } });
    expect(lost.exactPValue).toBeCloseTo(0.00390625, 14); // 2/2^9
  });

  test('the score interval excludes 1 exactly when the score test rejects', () => {
    fc.assert(
      fc.property(events, events, fc.integer({ min: 500, max: 2000 }), (c, t, exposure) => {
        fc.pre(c + t > 0);
        const { interval, pValue, exactPValue } = known(compareRates(rate(c), rate(t, exposure), { level: 0.95 }));
        expect(exactPValue >= 0 && exactPValue <= 1).toBe(true);
        if (Math.abs(pValue - 0.05) < 1e-9) return;
        expect(interval.lower! > 1 || (interval.upper !== null && interval.upper < 1)).toBe(pValue < 0.05);
      }),
    );
  });

  test('swapping the arms inverts the ratio and its interval; the measure of exposure does not matter', () => {
    fc.assert(
      fc.property(events, events, fc.integer({ min: 500, max: 2000 }), (c, t, exposure) => {
        fc.pre(c > 0 && t > 0);
        const test = known(compareRates(rate(c), rate(t, exposure), { level: 0.9 }));
        const swapped = known(compareRates(rate(t, exposure), rate(c), { level: 0.9 }));
        expect(swapped.ratio! * test.ratio!).toBeCloseTo(1, 12);
        expect(swapped.interval.lower! * test.interval.upper!).toBeCloseTo(1, 10);
        expect(swapped.pValue).toBeCloseTo(test.pValue, 12);
        expect(swapped.exactPValue).toBeCloseTo(test.exactPValue, 10);
        const hours = known(compareRates(rate(c, 1024), rate(t, 2 * exposure), { level: 0.9 }));
        const days = known(compareRates(rate(c, 512), rate(t, exposure), { level: 0.9 }));
        expect(hours).toEqual({ ...days });
      }),
    );
  });

  test('one-sided p-values of both directions add up to more than 1 by the observed outcome, and open the other bound', () => {
    const greater = known(compareRates(rate(100), rate(130), { level: 0.95, alternative: 'greater' }));
    const less = known(compareRates(rate(100), rate(130), { level: 0.95, alternative: 'less' }));
    expect(greater.pValue + less.pValue).toBeCloseTo(1, 14);
    expect(greater.exactPValue + less.exactPValue).toBeGreaterThan(1);
    expect(greater.interval.upper).toBeNull();
    expect(less.interval.lower).toBeNull();
  });

  test('counts of millions and tiny p-values stay finite', () => {
    const result = known(compareRates(rate(1e9, 1e9), rate(1.001e9, 1e9), { level: 0.95 }));
    expect(numbersIn(result).every(Number.isFinite)).toBe(true);
    expect(result.exactPValue).toBeGreaterThan(0);
    expect(Math.abs(result.exactPValue / result.pValue - 1)).toBeLessThan(1e-3);
  });

  test('a part of an event is a bug', () => {
    expect(() => compareRates(rate(1.5), rate(2), { level: 0.95 })).toThrow(RangeError);
    expect(() => compareRates(rate(1), rate(2, Number.NaN), { level: 0.95 })).toThrow(RangeError);
  });
});
