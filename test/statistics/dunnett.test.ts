import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dunnettSf, dunnettUpperQuantile } from '../../src/statistics/distributions/dunnett.ts';
import { tTwoSidedP } from '../../src/statistics/distributions.ts';
import { dunnettTest } from '../../src/statistics/dunnett.ts';
import type { Sample } from '../../src/statistics/inference.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { extremeSample, known, numbersIn } from './samples.ts';
import { relativeError, seeded } from './series-draws.ts';

const NORMAL = Number.POSITIVE_INFINITY;
const UNEQUAL = [0.3, 0.6, 0.9];
const balanced = (arms: number) => Array.from({ length: arms }, () => Math.SQRT1_2);

describe('dunnettSf', () => {
  // scipy 1.17.1: the double integral by integrate.quad (epsrel 1e-12) over u within 40-node Gauss-Legendre panels over s
  test.each([
    [2, UNEQUAL, 10, true, 0.179603949757435],
    [2, UNEQUAL, 10, false, 0.09171534100640061],
    [5, UNEQUAL, NORMAL, true, 1.7171148226494344e-6],
    [8, UNEQUAL, NORMAL, true, 3.732564649272279e-15],
    [8, UNEQUAL, 7.5, true, 0.0001708614488632178],
    [0.5, UNEQUAL, 3, true, 0.927974697726524],
    [2.2, UNEQUAL, NORMAL, true, 0.07620098474209504],
    [-1, UNEQUAL, 5, false, 0.9695492241748518],
    [2.5, balanced(3), 20, true, 0.05430780589584511],
    [2.5, balanced(3), 20, false, 0.027166134051590615],
    [1, [0.1, 0.99], NORMAL, true, 0.5327836029662867],
  ] as const)('x = %d, λ = %o, df = %d, two-sided %s', (x, lambdas, df, twoSided, p) => {
    expect(relativeError(dunnettSf(x, { lambdas, df, twoSided }), p)).toBeLessThan(1e-12);
  });

  const lambda = fc.double({ min: 0, max: 0.99, noNaN: true });
  const family = fc.array(lambda, { minLength: 2, maxLength: 4 });

  test('lies between the single test and Bonferroni', () => {
    const df = fc.constantFrom(2, 9, 300, 1e7, NORMAL);
    fc.assert(
      fc.property(family, df, fc.double({ min: 0.1, max: 30, noNaN: true }), (lambdas, v, x) => {
        const single = tTwoSidedP(x, v);
        const p = dunnettSf(x, { lambdas, df: v, twoSided: true });
        expect(p).toBeGreaterThanOrEqual(single * (1 - 1e-10));
        expect(p).toBeLessThanOrEqual(Math.min(1, lambdas.length * single * (1 + 1e-10)));
      }),
      { numRuns: 60 },
    );
  });

  test('without a shared control (λ = 0) and with known variances it is Šidák', () => {
    for (const x of [0.5, 2, 6, 15]) {
      const sidak = -Math.expm1(4 * Math.log1p(-tTwoSidedP(x, NORMAL)));
      const p = dunnettSf(x, { lambdas: [0, 0, 0, 0], df: NORMAL, twoSided: true });
      expect(relativeError(p, sidak)).toBeLessThan(1e-12);
    }
  });

  test('a small control is bounded from above', () => {
    const p = dunnettSf(2.2, { lambdas: [1, 1], df: NORMAL, twoSided: true });
    expect(p).toBeGreaterThanOrEqual(tTwoSidedP(2.2, NORMAL));
    expect(p).toBeLessThan(tTwoSidedP(2.2, NORMAL) * 1.05);
  });

  test.each([
    ['no statistic', { lambdas: [], df: 3, twoSided: true }],
    ['a λ above 1', { lambdas: [0.5, 1.1], df: 3, twoSided: true }],
    ['no degrees of freedom', { lambdas: [0.5, 0.5], df: 0, twoSided: true }],
  ])('%s is a bug', (_, maximum) => {
    expect(() => dunnettSf(1, maximum)).toThrow(RangeError);
  });
});

describe('dunnettUpperQuantile', () => {
  // two decimals: Dunnett 1955, table 1 (one-sided), and Dunnett 1964, table II (two-sided), joint level 95 %
  test.each([
    [2, 20, true, 2.38],
    [3, 20, true, 2.54],
    [4, 20, true, 2.65],
    [9, 20, true, 2.95],
    [2, NORMAL, true, 2.21],
    [3, NORMAL, true, 2.35],
    [5, NORMAL, true, 2.51],
    [2, 20, false, 2.03],
    [4, 20, false, 2.3],
    [2, NORMAL, false, 1.92],
    [5, NORMAL, false, 2.23],
  ] as const)('%d treatments, df = %d, two-sided %s: %f', (arms, df, twoSided, tabled) => {
    expect(dunnettUpperQuantile(0.05, { lambdas: balanced(arms), df, twoSided }).toFixed(2)).toBe(tabled.toFixed(2));
  });

  test.each([0.5, 0.05, 1e-3, 1e-9])('inverts the tail at %f', (tail) => {
    for (const df of [3, 40, NORMAL]) {
      const maximum = { lambdas: UNEQUAL, df, twoSided: true };
      expect(relativeError(dunnettSf(dunnettUpperQuantile(tail, maximum), maximum), tail)).toBeLessThan(1e-11);
    }
  });
});

describe('dunnettTest', () => {
  // Dunnett 1955, blood counts; scipy 1.17.1 stats.dunnett, whose randomised integration is good to about 1e-4
  const control = { n: 6, mean: 8.25, variance: 0.88412 };
  const drugs = [
    { n: 4, mean: 8.9, variance: 0.8165333333333332 },
    { n: 5, mean: 10.878, variance: 2.42402 },
  ];

  test.each([
    ['two-sided', [0.62014, 0.0058], [-1.25705, 0.83902], [2.55705, 4.41698]],
    ['greater', [0.325, 0.00289], [-0.9593, 1.11834], [null, null]],
    ['less', [0.91677, 0.99985], [null, null], [2.25827, 4.13669]],
  ] as const)('agrees with scipy.stats.dunnett (%s)', (alternative, pValues, lower, upper) => {
    const results = dunnettTest(control, drugs, { level: 0.95, alternative, variances: 'POOLED' }).map(known);
    const near = (got: number | null, expected: number | null, digits: number) =>
      expected === null ? expect(got).toBeNull() : expect(got).toBeCloseTo(expected, digits);
    results.forEach((result, i) => {
      near(result.statistic, [0.85703213, 3.69375231][i]!, 7);
      near(result.pValue, pValues[i]!, 3);
      near(result.interval.lower, lower[i]!, 2);
      near(result.interval.upper, upper[i]!, 2);
      expect(result.degreesOfFreedom).toBe(12);
    });
  });

  test('with one treatment it is the test of Welch', () => {
    const [only] = dunnettTest(control, drugs.slice(0, 1), { level: 0.9 }).map(known);
    const welch = known(welchTest(control, drugs[0]!, { level: 0.9 }));
    expect(only!.pValue).toBeCloseTo(welch.pValue, 14);
    expect(only!.interval.lower).toBeCloseTo(welch.interval.lower!, 12);
  });

  const arm: fc.Arbitrary<Sample> = fc.record({
    n: fc.integer({ min: 5, max: 100_000 }),
    mean: fc.double({ min: -3, max: 3, noNaN: true }),
    variance: fc.double({ min: 0.5, max: 20, noNaN: true }),
  });

  test('the interval excludes 0 exactly when p is below alpha; scale, shift and order do not matter', () => {
    const options = { level: 0.95, reference: 'NORMAL' } as const;
    fc.assert(
      fc.property(arm, fc.array(arm, { minLength: 2, maxLength: 3 }), (base, arms) => {
        const results = dunnettTest(base, arms, options).map(known);
        for (const { pValue, interval } of results) {
          if (Math.abs(pValue / 0.05 - 1) < 1e-9) continue;
          expect(interval.lower! > 0 || interval.upper! < 0).toBe(pValue < 0.05);
        }
        const moved = ({ n, mean, variance }: Sample) => ({ n, mean: 8 * mean + 40, variance: 64 * variance });
        const others = dunnettTest(moved(base), arms.toReversed().map(moved), options).map(known).toReversed();
        others.forEach(({ pValue, difference }, i) => {
          expect(Math.abs(pValue - results[i]!.pValue)).toBeLessThan(1e-9);
          expect(difference).toBeCloseTo(8 * results[i]!.difference, 9);
        });
      }),
      { numRuns: 40 },
    );
  });

  test('arms that cannot be computed are refused and not counted', () => {
    const empty = { n: 0, mean: 0, variance: 0 };
    const results = dunnettTest(control, [empty, drugs[0]!, { n: 1, mean: 1, variance: 0 }], { level: 0.95 });
    expect(results[0]).toEqual({ ok: false, reason: 'NO_UNITS' });
    expect(results[2]).toEqual({ ok: false, reason: 'TOO_FEW_UNITS' });
    expect(results[1]).toEqual(dunnettTest(control, [drugs[0]!], { level: 0.95 })[0]);
    const constant = { n: 5, mean: 1, variance: 0 };
    for (const variances of ['POOLED', 'SEPARATE'] as const) {
      const refused = dunnettTest(constant, [constant, constant], { level: 0.95, variances });
      expect(refused[1]).toEqual({ ok: false, reason: 'ZERO_VARIANCE' });
    }
  });

  test('a constant arm beside a varying control is tested', () => {
    const results = dunnettTest(control, [{ n: 5, mean: 7, variance: 0 }, drugs[1]!], { level: 0.95 }).map(known);
    expect(results[0]!.pValue).toBeGreaterThan(
      known(welchTest(control, { n: 5, mean: 7, variance: 0 }, { level: 0.95 })).pValue,
    );
  });

  test('nothing that is not finite comes out', () => {
    fc.assert(
      fc.property(extremeSample, fc.array(extremeSample, { minLength: 2, maxLength: 2 }), (base, arms) => {
        for (const variances of ['POOLED', 'SEPARATE'] as const) {
          const results = dunnettTest(base, arms, { level: 0.95, variances, reference: 'NORMAL' });
          expect(numbersIn(results).every(Number.isFinite)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('one of four treatments without effect is significant in 5 % of experiments', () => {
    const { normal } = seeded(11);
    const critical = dunnettUpperQuantile(0.05, { lambdas: balanced(4), df: NORMAL, twoSided: true });
    const wrong = Array.from({ length: 20_000 }, () => {
      const shared = normal();
      return [0, 0, 0, 0].some(() => Math.abs(normal() - shared) / Math.SQRT2 > critical);
    }).filter(Boolean).length;
    expect(Math.abs(wrong / 20_000 - 0.05)).toBeLessThan(0.005);
  });
});
