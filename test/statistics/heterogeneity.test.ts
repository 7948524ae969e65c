import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { heterogeneityTest } from '../../src/statistics/heterogeneity.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { known, numbersIn } from './samples.ts';
import { relativeError, seeded } from './series-draws.ts';

const KNOWN = Number.POSITIVE_INFINITY;
const slice = (estimate: number, standardError: number, degreesOfFreedom = KNOWN) => ({
  estimate,
  standardError,
  degreesOfFreedom,
});

describe('heterogeneityTest', () => {
  test('agrees with statsmodels combine_effects and scipy chi2.sf', () => {
    // statsmodels 0.15.0, scipy 1.17.1
    const result = known(heterogeneityTest([slice(0.1, 0.08), slice(0.3, 0.1), slice(-0.2, 0.12), slice(0.25, 0.3)]));
    expect(relativeError(result.q, 10.497938144329897)).toBeLessThan(1e-12);
    expect(relativeError(result.pValue, 0.014774890423335461)).toBeLessThan(1e-11);
    expect(relativeError(result.inconsistency, 0.7142295983501915)).toBeLessThan(1e-12);
    expect(relativeError(result.commonEffect, 0.1024742268041237)).toBeLessThan(1e-12);
    expect(result).toMatchObject({ degreesOfFreedom: 3, errorDegreesOfFreedom: null });
  });

  test("with estimated standard errors it is Welch's analysis of variance", () => {
    // statsmodels 0.15.0: anova_generic([1, 2, 1.5], [4, 1, 9], [10, 20, 15], use_var='unequal')
    const arms = [slice(1, Math.sqrt(4 / 10), 9), slice(2, Math.sqrt(1 / 20), 19), slice(1.5, Math.sqrt(9 / 15), 14)];
    const result = known(heterogeneityTest(arms));
    expect(relativeError(result.errorDegreesOfFreedom!, 17.452885818772856)).toBeLessThan(1e-12);
    expect(relativeError(result.pValue, 0.32968560002553987)).toBeLessThan(1e-11);
  });

  test('two slices are compared as by the test of Welch', () => {
    const [a, b] = [
      { n: 12, mean: 3, variance: 4 },
      { n: 40, mean: 1.5, variance: 9 },
    ];
    const effects = [a, b].map(({ n, mean, variance }) => slice(mean, Math.sqrt(variance / n), n - 1));
    const welch = known(welchTest(a!, b!, { level: 0.95 }));
    expect(relativeError(known(heterogeneityTest(effects)).pValue, welch.pValue)).toBeLessThan(1e-11);
  });

  const effect = fc.record({
    estimate: fc.double({ min: -5, max: 5, noNaN: true }),
    standardError: fc.double({ min: 0.05, max: 5, noNaN: true }),
    degreesOfFreedom: fc.constantFrom(3, 50, KNOWN),
  });

  test('shift, scale and order do not matter; large degrees of freedom are known errors', () => {
    fc.assert(
      fc.property(fc.array(effect, { minLength: 2, maxLength: 6 }), (slices) => {
        const result = known(heterogeneityTest(slices));
        const moved = slices.toReversed().map((s) => ({
          ...s,
          estimate: 3 * s.estimate - 7,
          standardError: 3 * s.standardError,
        }));
        expect(known(heterogeneityTest(moved)).pValue).toBeCloseTo(result.pValue, 8);
        expect(result.inconsistency).toBeGreaterThanOrEqual(0);
        expect(result.inconsistency).toBeLessThan(1);
        const many = slices.map((s) => ({ ...s, degreesOfFreedom: 1e9 }));
        const sure = slices.map((s) => ({ ...s, degreesOfFreedom: KNOWN }));
        expect(known(heterogeneityTest(many)).pValue).toBeCloseTo(known(heterogeneityTest(sure)).pValue, 5);
      }),
    );
  });

  test('equal slices are not heterogeneous, whatever their level', () => {
    const result = known(heterogeneityTest([slice(1e8, 1), slice(1e8, 2), slice(1e8, 3)]));
    expect(result).toMatchObject({ q: 0, pValue: 1, inconsistency: 0, commonEffect: 1e8 });
  });

  test('a small p keeps its digits', () => {
    // scipy 1.17.1: chi2.sf(2 * 15**2, 1)
    const p = known(heterogeneityTest([slice(-15, 1), slice(15, 1)])).pValue;
    expect(relativeError(p, 7.212994172451054e-100)).toBeLessThan(1e-11);
  });

  test.each([
    ['one slice', [slice(1, 1)], 'NOT_APPLICABLE'],
    ['a slice without error', [slice(1, 1), slice(2, 0)], 'ZERO_VARIANCE'],
    ['values beyond a double', [slice(1e300, 1e-300), slice(-1e300, 1e-300)], 'OVERFLOW'],
  ] as const)('%s is refused', (_, slices, reason) => {
    expect(heterogeneityTest(slices)).toEqual({ ok: false, reason });
  });

  test('nothing that is not finite comes out', () => {
    const any = fc.record({
      estimate: fc.double({ noNaN: true, noDefaultInfinity: true }),
      standardError: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
      degreesOfFreedom: fc.constantFrom(1, KNOWN),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 2, maxLength: 4 }), (slices) => {
        expect(numbersIn(heterogeneityTest(slices)).every(Number.isFinite)).toBe(true);
      }),
    );
  });

  test('eight small slices without interaction are called different 5 % of the time', () => {
    const { normal } = seeded(5);
    const draw = (n: number) => {
      const values = Array.from({ length: n }, normal);
      const mean = values.reduce((sum, x) => sum + x, 0) / n;
      const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1);
      return slice(mean, Math.sqrt(variance / n), n - 1);
    };
    const rejected = Array.from({ length: 4000 }, () => {
      return known(heterogeneityTest(Array.from({ length: 8 }, (_, i) => draw(8 + 4 * i)))).pValue < 0.05;
    }).filter(Boolean).length;
    expect(Math.abs(rejected / 4000 - 0.05)).toBeLessThan(0.013);
  });
});
