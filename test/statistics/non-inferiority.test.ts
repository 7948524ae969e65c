import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { equivalenceTest } from '../../src/statistics/equivalence.ts';
import { constantMarginNonInferiority, nonInferiorityTest } from '../../src/statistics/non-inferiority.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { extremeSample, known, numbersIn, ordinarySample } from './samples.ts';

const alpha = 0.05;
const arm = (mean: number, variance = 1, n = 10_000) => ({ n, mean, variance });

describe('nonInferiorityTest', () => {
  test('with margin 0 it is the one-sided Welch test', () => {
    fc.assert(
      fc.property(ordinarySample, ordinarySample, (c, t) => {
        for (const [goodWhen, alternative] of [
          ['UP', 'greater'],
          ['DOWN', 'less'],
        ] as const) {
          const { pValue } = known(nonInferiorityTest(c, t, { margin: 0, goodWhen, alpha }));
          expect(pValue).toBe(known(welchTest(c, t, { level: 0.95, alternative })).pValue);
        }
      }),
    );
  });

  test.each([
    ['UP', 10, 9.9, true],
    ['UP', 10, 9.7, false],
    ['DOWN', 10, 10.1, true],
    ['DOWN', 10, 10.3, false],
    ['UP', -10, -10.1, true],
    ['UP', -10, -10.3, false],
    ['DOWN', -10, -9.9, true],
    ['DOWN', -10, -9.7, false],
  ] as const)('good %s, control %d, treatment %d within 2 %%: %s', (goodWhen, control, treatment, holds) => {
    expect(known(nonInferiorityTest(arm(control), arm(treatment), { margin: 0.02, goodWhen, alpha })).holds).toBe(
      holds,
    );
  });

  test('holds exactly when the open worsening is below the margin', () => {
    const margin = fc.double({ min: 0, max: 0.5, noNaN: true });
    const sign = fc.constantFrom(1, -1);
    let tried = 0;
    fc.assert(
      fc.property(
        ordinarySample,
        ordinarySample,
        margin,
        sign,
        fc.constantFrom('UP' as const, 'DOWN' as const),
        (a, b, m, s, goodWhen) => {
          const [c, t] = [
            { ...a, mean: s * a.mean },
            { ...b, mean: s * a.mean * (0.8 + (b.mean / 100) * 0.4) },
          ];
          const { bound, holds } = known(nonInferiorityTest(c, t, { margin: m, goodWhen, alpha }));
          if (bound === null || Math.abs(bound - m) < 1e-9) return;
          tried++;
          expect(bound < m).toBe(holds);
        },
      ),
      { numRuns: 500 },
    );
    expect(tried).toBeGreaterThan(200);
  });

  test('a wider margin is never harder', () => {
    const p = (margin: number) =>
      known(nonInferiorityTest(arm(10), arm(9.9), { margin, goodWhen: 'UP', alpha })).pValue;
    const values = [0, 0.005, 0.01, 0.02, 0.05].map(p);
    expect(values).toEqual(values.toSorted((x, y) => y - x));
  });

  test('a zero control mean has no relative margin; a control mean near zero has no bound', () => {
    expect(nonInferiorityTest(arm(0), arm(1), { margin: 0.1, goodWhen: 'UP', alpha })).toEqual({
      ok: false,
      reason: 'ZERO_BASELINE',
    });
    expect(known(nonInferiorityTest(arm(0.001), arm(1), { margin: 0.1, goodWhen: 'UP', alpha })).bound).toBeNull();
  });

  test('is refused or finite for anything a double can hold', () => {
    fc.assert(
      fc.property(extremeSample, extremeSample, (c, t) => {
        const options = { margin: 0.1, goodWhen: 'DOWN', alpha } as const;
        expect(numbersIn(nonInferiorityTest(c, t, options)).every(Number.isFinite)).toBe(true);
        expect(numbersIn(constantMarginNonInferiority(c, t, options)).every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('a negative margin is a bug', () => {
    expect(() => nonInferiorityTest(arm(1), arm(1), { margin: -0.1, goodWhen: 'UP', alpha })).toThrow(RangeError);
  });
});

describe('equivalenceTest', () => {
  test.each([
    [10, 10.01, 1, true],
    [10, 10.3, 1, false],
    [10, 10.01, 1e4, false],
    [-10, -10.01, 1, true],
  ])('control %d, treatment %d, variance %d within 2 %%: %s', (control, treatment, variance, holds) => {
    const result = equivalenceTest(arm(control, variance), arm(treatment, variance), { margin: 0.02, alpha });
    expect(known(result).holds).toBe(holds);
  });

  test('a zero control mean is refused', () => {
    expect(equivalenceTest(arm(0), arm(1), { margin: 0.1, alpha })).toEqual({ ok: false, reason: 'ZERO_BASELINE' });
  });
});
