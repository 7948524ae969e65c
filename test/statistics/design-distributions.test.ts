import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  binomialCdf,
  binomialLogPmf,
  binomialTwoSidedP,
  binomialUpperTail,
} from '../../src/statistics/distributions/binomial.ts';
import { noncentralTSf } from '../../src/statistics/distributions/noncentral-t.ts';
import { normalSf, tSf } from '../../src/statistics/distributions.ts';

const relative = (got: number, expected: number) => Math.abs(got / expected - 1);

describe('noncentralTSf', () => {
  // mpmath 1.3.0: E[Φ̄(tS − δ)] over the chi density by Gauss–Legendre at 40 digits
  test.each([
    [1.96, 10, 2, 0.533282730107353],
    [2.3, 30, 0, 0.014290693643570874],
    [2, 1, 0.5, 0.2515144157607098],
    [5, 3, 12, 0.9986651710849059],
    [1.98, 100, 2.8, 0.7930373920676983],
    [1.96, 1998, 2.236, 0.6087692194404116],
    [1.98, 98, -2.8, 1.1296729404892437e-6],
    [3, 2.5, -4, 1.6795354853334086e-7],
    [1.645, 1e6, 2.4865, 0.79996601323782],
    [1.96, 1e9, 2.8, 0.7995458066507554],
    [8, 20, 1, 2.378380553851711e-6],
    [30, 15, 2, 4.007250971826211e-12],
    [0.5, 4, 0.25, 0.4142781370776049],
  ])('P(T > %d) with %d degrees of freedom and shift %d', (t, df, shift, expected) => {
    expect(relative(noncentralTSf(t, df, shift), expected)).toBeLessThan(1e-12);
  });

  test('is Student without a shift and normal for endless degrees of freedom', () => {
    for (const [t, df] of [
      [1, 1],
      [10, 5],
      [8, 200],
      [37, 1e6],
    ] as const) {
      expect(relative(noncentralTSf(t, df, 0), tSf(t, df))).toBeLessThan(1e-12);
    }
    expect(noncentralTSf(1.96, Number.POSITIVE_INFINITY, 2.8)).toBe(normalSf(1.96 - 2.8));
    expect(noncentralTSf(-1.5, 7, 0.4)).toBeCloseTo(1 - noncentralTSf(1.5, 7, -0.4), 14);
  });

  test('is a probability that rises with the shift and falls with t, for any numbers', () => {
    const real = fc.double({ min: -60, max: 60, noNaN: true });
    fc.assert(
      fc.property(real, real, fc.double({ min: 1, max: 1e6, noNaN: true }), (t, shift, df) => {
        const p = noncentralTSf(t, df, shift);
        expect(p >= 0 && p <= 1).toBe(true);
        expect(noncentralTSf(t, df, shift + 0.5)).toBeGreaterThanOrEqual(p * (1 - 1e-11) - 1e-15);
        expect(noncentralTSf(t + 0.5, df, shift)).toBeLessThanOrEqual(p * (1 + 1e-11) + 1e-15);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    [Number.POSITIVE_INFINITY, 5, 1, 0],
    [Number.NEGATIVE_INFINITY, 5, 1, 1],
    [2, 5, Number.POSITIVE_INFINITY, 1],
    [2, 5, Number.NEGATIVE_INFINITY, 0],
    [1e300, 5, 2, 0],
  ])('ends: %d, %d, %d', (t, df, shift, expected) => {
    expect(noncentralTSf(t, df, shift)).toBe(expected);
  });

  test('no degrees of freedom and NaN are bugs', () => {
    expect(() => noncentralTSf(1, 0.5, 1)).toThrow(RangeError);
    expect(() => noncentralTSf(Number.NaN, 5, 1)).toThrow(RangeError);
  });
});

describe('the binomial distribution', () => {
  // mpmath 1.3.0, log gamma at 30 digits
  test.each([
    [3, 10, 0.25, -1.3851658477400923],
    [101000, 201000, 0.5, -8.818882765025593],
    [1, 7, 0.9, -11.974960924566789],
    [499999990, 1e9, 0.5, -10.587424471367934],
    [0, 5, 0.1, -0.5268025782891316],
    [20, 20, 0.3, -24.07945608651872],
    [13, 1e6, 1e-5, -2.618555644209162],
  ])('ln P(X = %d) of %d at %d', (k, n, p, expected) => {
    expect(Math.abs(binomialLogPmf(k, n, p) - expected)).toBeLessThan(1e-13 * Math.max(1, Math.abs(expected)));
  });

  test('tails and the two-sided p are sums of the probabilities', () => {
    const successes = fc
      .integer({ min: 1, max: 60 })
      .chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n })));
    fc.assert(
      fc.property(successes, fc.double({ min: 0.02, max: 0.98, noNaN: true }), ([n, k], p) => {
        const pmf = Array.from({ length: n + 1 }, (_, x) => Math.exp(binomialLogPmf(x, n, p)));
        const sum = (of: (x: number) => boolean) => pmf.reduce((total, value, x) => total + (of(x) ? value : 0), 0);
        expect(
          relative(
            binomialCdf(k, n, p),
            sum((x) => x <= k),
          ),
        ).toBeLessThan(1e-10);
        expect(
          relative(
            binomialUpperTail(k, n, p),
            sum((x) => x >= k),
          ),
        ).toBeLessThan(1e-10);
        const two = sum((x) => pmf[x]! <= pmf[k]! * (1 + 1e-7));
        expect(relative(binomialTwoSidedP(k, n, p), k === n * p ? 1 : Math.min(1, two))).toBeLessThan(1e-10);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    [-1, 5, 0.5],
    [6, 5, 0.5],
    [1.5, 5, 0.5],
    [1, 5, 0],
  ])('%d of %d at %d is a bug', (k, n, p) => {
    expect(() => binomialTwoSidedP(k, n, p)).toThrow(RangeError);
  });
});
