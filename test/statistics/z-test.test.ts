import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { welchTest } from '../../src/statistics/welch.ts';
import { zTest } from '../../src/statistics/z-test.ts';
import { extremeSample, known, numbersIn, ordinarySample } from './samples.ts';

const control = { n: 5000, mean: 10, variance: 25 };
const treatment = { n: 5100, mean: 9.8, variance: 26 };
const level = { level: 0.95 };

describe('zTest', () => {
  test('is Welch’s test with many units', () => {
    const [many, z] = [control, treatment].map((arm) => ({ ...arm, n: arm.n * 1e9 })) as [
      typeof control,
      typeof control,
    ];
    const [welch, normal] = [known(welchTest(many, z, level)), known(zTest(many, z, level))];
    expect(normal.interval.lower! / welch.interval.lower!).toBeCloseTo(1, 9);
    expect(normal.statistic).toBe(welch.statistic);
  });

  test('is never more cautious than Welch’s', () => {
    fc.assert(
      fc.property(ordinarySample, ordinarySample, (c, t) => {
        const [welch, normal] = [known(welchTest(c, t, level)), known(zTest(c, t, level))];
        expect(normal.pValue).toBeLessThanOrEqual(welch.pValue * (1 + 1e-9));
        expect(normal.interval.upper! - normal.interval.lower!).toBeLessThanOrEqual(
          (welch.interval.upper! - welch.interval.lower!) * (1 + 1e-9),
        );
      }),
    );
  });

  test('swapping the arms turns the difference and keeps p; one-sided p-values make 1', () => {
    const [forth, back] = [known(zTest(control, treatment, level)), known(zTest(treatment, control, level))];
    expect(back.difference).toBe(-forth.difference);
    expect(back.pValue).toBe(forth.pValue);
    const less = known(zTest(control, treatment, { ...level, alternative: 'less' }));
    const greater = known(zTest(control, treatment, { ...level, alternative: 'greater' }));
    expect(less.pValue + greater.pValue).toBeCloseTo(1, 14);
    expect([less.interval.lower, greater.interval.upper]).toEqual([null, null]);
  });

  test('a tiny p-value is no zero', () => {
    const far = { ...treatment, mean: 13 };
    const { statistic, pValue } = known(zTest(control, far, level));
    expect(statistic).toBeGreaterThan(29);
    expect(pValue).toBeGreaterThan(0);
    expect(pValue).toBeLessThan(1e-180);
  });

  test.each([
    [{ ...control, n: 0 }, treatment, 'NO_UNITS'],
    [{ ...control, n: 1 }, treatment, 'TOO_FEW_UNITS'],
    [{ ...control, variance: 0 }, { ...treatment, variance: 0 }, 'ZERO_VARIANCE'],
  ])('%o against %o is refused', (c, t, reason) => {
    expect(zTest(c, t, level)).toEqual({ ok: false, reason });
  });

  test('only finite numbers come out', () => {
    fc.assert(
      fc.property(extremeSample, extremeSample, (c, t) => {
        expect(numbersIn(zTest(c, t, level)).every(Number.isFinite)).toBe(true);
      }),
    );
  });
});
