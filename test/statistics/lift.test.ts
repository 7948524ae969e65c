import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIFT_METHODS } from '../../src/core/vocabulary.ts';
import { lift, liftDefined } from '../../src/statistics/lift.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { extremeSample, known, numbersIn, ordinarySample } from './samples.ts';

const level = 0.95;
const arm = (mean: number, variance = 1, n = 100) => ({ n, mean, variance });

describe('lift', () => {
  test.each(LIFT_METHODS)('%s refuses a zero control mean and two arms without variance', (method) => {
    expect(lift(arm(0), arm(1), { method, level })).toEqual({ ok: false, reason: 'ZERO_BASELINE' });
    expect(lift(arm(2, 0), arm(1, 0), { method, level })).toEqual({ ok: false, reason: 'ZERO_VARIANCE' });
  });

  test.each(LIFT_METHODS)('%s estimates treatment/control − 1 inside its interval', (method) => {
    fc.assert(
      fc.property(ordinarySample, ordinarySample, (c, t) => {
        const result = known(lift(c, t, { method, level }));
        expect(result.value).toBeCloseTo(t.mean / c.mean - 1, 10);
        if (result.interval === null) {
          expect(['UNBOUNDED', 'OVERFLOW']).toContain(result.intervalUnknown);
          return;
        }
        expect(result.interval.lower).toBeLessThanOrEqual(result.value);
        expect(result.interval.upper).toBeGreaterThanOrEqual(result.value);
      }),
    );
  });

  test.each(LIFT_METHODS)('%s does not depend on the unit of measurement', (method) => {
    fc.assert(
      fc.property(ordinarySample, ordinarySample, fc.integer({ min: -200, max: 200 }), (c, t, power) => {
        const scale = (s: typeof c) => ({ n: s.n, mean: s.mean * 2 ** power, variance: s.variance * 4 ** power });
        expect(lift(scale(c), scale(t), { method, level })).toEqual(lift(c, t, { method, level }));
      }),
    );
  });

  test.each(LIFT_METHODS)('%s is refused or finite for anything a double can hold', (method) => {
    fc.assert(
      fc.property(extremeSample, extremeSample, (c, t) => {
        const result = lift(c, t, { method, level });
        expect(numbersIn(result).every(Number.isFinite)).toBe(true);
        if (result.ok) expect(result.pValue >= 0 && result.pValue <= 1).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('a bounded Fieller interval excludes 0 exactly when the absolute test rejects', () => {
    let bounded = 0;
    fc.assert(
      fc.property(ordinarySample, ordinarySample, fc.constantFrom(1, -1), (c, t, sign) => {
        const [control, treatment] = [
          { ...c, mean: sign * c.mean },
          { ...t, mean: sign * t.mean },
        ];
        const { interval, pValue } = known(lift(control, treatment, { method: 'FIELLER', level }));
        expect(pValue).toBe(known(welchTest(control, treatment, { level })).pValue);
        if (interval === null || Math.abs(pValue - 0.05) < 1e-9) return;
        bounded++;
        expect(interval.lower! > 0 || interval.upper! < 0).toBe(pValue < 0.05);
      }),
      { numRuns: 500 },
    );
    expect(bounded).toBeGreaterThan(200);
  });

  test('a Fieller set that is not one interval is unbounded, its value known', () => {
    const result = known(lift(arm(0.1, 9), arm(0.5, 9), { method: 'FIELLER', level }));
    expect(result).toMatchObject({ interval: null, intervalUnknown: 'UNBOUNDED' });
    expect(result.value).toBeCloseTo(4, 12);
  });

  test('one-sided Fieller bounds agree with the one-sided absolute test, also over a negative control mean', () => {
    fc.assert(
      fc.property(ordinarySample, ordinarySample, fc.constantFrom(1, -1), (c, t, sign) => {
        const [control, treatment] = [
          { ...c, mean: sign * c.mean },
          { ...t, mean: sign * t.mean },
        ];
        const { interval, pValue } = known(
          lift(control, treatment, { method: 'FIELLER', level, alternative: 'greater' }),
        );
        if (interval === null || Math.abs(pValue - 0.05) < 1e-9) return;
        expect(sign > 0 ? interval.lower! > 0 : interval.upper! < 0).toBe(pValue < 0.05);
      }),
    );
  });

  test('LOG refuses means of different sign, FIELLER and DELTA compute them', () => {
    expect(lift(arm(1), arm(-1), { method: 'LOG', level })).toEqual({ ok: false, reason: 'NOT_APPLICABLE' });
    expect(lift(arm(1), arm(0), { method: 'LOG', level })).toEqual({ ok: false, reason: 'NOT_APPLICABLE' });
    expect(known(lift(arm(1), arm(-1), { method: 'FIELLER', level })).value).toBe(-2);
    expect(known(lift(arm(1), arm(-1), { method: 'DELTA', level })).value).toBe(-2);
  });

  test('the methods agree when both means are far from zero', () => {
    const bounds = LIFT_METHODS.map((method) => known(lift(arm(100), arm(101), { method, level })).interval!);
    for (const { lower, upper } of bounds) {
      expect(Math.abs(lower! - bounds[0]!.lower!)).toBeLessThan(2e-5);
      expect(Math.abs(upper! - bounds[0]!.upper!)).toBeLessThan(2e-5);
    }
  });
});

test.each([
  [arm(0), arm(1), { ok: false, reason: 'ZERO_BASELINE' }],
  [arm(1), arm(0), { ok: false, reason: 'NOT_APPLICABLE' }],
  [arm(1), arm(-1), { ok: false, reason: 'NOT_APPLICABLE' }],
  [arm(-1), arm(-2), { ok: true, bothNegative: true }],
  [arm(1), arm(2), { ok: true, bothNegative: false }],
])('liftDefined(%o, %o)', (control, treatment, answer) => {
  expect(liftDefined(control, treatment)).toEqual(answer);
});
