import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as distributions from '../../src/statistics/distributions.ts';

type Row = readonly [name: string, args: readonly number[], value: number];
const golden: { readonly rows: readonly Row[] } = JSON.parse(
  readFileSync(new URL('./golden/distributions.json', import.meta.url), 'utf8'),
);
const named = distributions as unknown as Readonly<Record<string, (...args: readonly number[]) => number>>; // by name, as the file gives it
const { betaCdf, chi2Sf, normalQuantile, normalSf, tLogSf, tLogTwoSidedP, tQuantile, tSf, tTwoSidedP, tUpperQuantile } =
  distributions;

describe('distributions', () => {
  test.each([...new Set(golden.rows.map(([name]) => name))])('%s agrees with mpmath and scipy to 1e-11', (name) => {
    const rows = golden.rows.filter(([fn]) => fn === name);
    expect(rows.length).toBeGreaterThan(3);
    for (const [, args, value] of rows) {
      const got = named[name]!(...args);
      expect(Math.abs(got - value), `${name}(${args}) = ${got}, not ${value}`).toBeLessThanOrEqual(
        1e-11 * Math.abs(value),
      );
    }
  });

  test.each([
    ['normalSf', 37.0470962993612, undefined, 1e-300],
    ['tSf', 37.04709629, 1e15, 1.0000003444e-300],
    ['chi2Sf', 37.0470962993612 ** 2, 1, 2e-300],
  ])('%s reaches 1e-300', (name, x, df, about) => {
    const p = df === undefined ? named[name]!(x) : named[name]!(x, df);
    expect(Math.abs(Math.log(p / about))).toBeLessThan(0.2);
  });

  test('the logarithm of the t tail goes on where the tail itself underflows', () => {
    expect(tSf(100, 1e9)).toBe(0);
    expect(tLogSf(100, Number.POSITIVE_INFINITY)).toBeCloseTo(-5005.5242086, 5);
    expect(tLogTwoSidedP(0, 5)).toBeCloseTo(0, 13);
    expect(tLogSf(-3, 7)).toBeCloseTo(Math.log(tSf(-3, 7)), 14);
  });

  test('t with infinite degrees of freedom is the normal distribution', () => {
    for (const z of [0, 0.1, 1, 2, 5, 10, 30]) {
      const normal = normalSf(z);
      expect(Math.abs(tSf(z, Number.POSITIVE_INFINITY) - normal)).toBeLessThanOrEqual(1e-12 * normal);
    }
  });

  test('quantiles invert the tails', () => {
    const tail = fc.double({ min: -600, max: -0.7, noNaN: true }).map(Math.exp);
    const df = fc.double({ min: 0, max: 21, noNaN: true }).map(Math.exp);
    fc.assert(
      fc.property(tail, df, (p, v) => {
        expect(Math.abs(tSf(tUpperQuantile(p, v), v) / p - 1)).toBeLessThan(1e-10);
        expect(Math.abs(normalSf(-normalQuantile(p)) / p - 1)).toBeLessThan(1e-10);
      }),
    );
    expect(tQuantile(0.5, 3)).toBe(0);
    expect(tQuantile(0.025, 8)).toBeCloseTo(-tQuantile(0.975, 8), 12);
  });

  test('p-values are between 0 and 1 for any statistic and any df', () => {
    const any = fc.double({ noNaN: true });
    fc.assert(
      fc.property(any, fc.double({ min: 0.5, max: 1e300, noNaN: true }), (t, v) => {
        for (const p of [tTwoSidedP(t, v), tSf(t, v), normalSf(t)]) {
          expect(p).toBeGreaterThanOrEqual(0);
          expect(p).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('both tails of the beta and the chi-square distribution make 1', () => {
    expect(betaCdf(0.5, 1e10, 1e10)).toBeCloseTo(0.5, 10);
    expect(betaCdf(0.3, 2, 7) + betaCdf(0.7, 7, 2)).toBeCloseTo(1, 14);
    expect(betaCdf(0, 2, 2)).toBe(0);
    expect(betaCdf(1, 2, 2)).toBe(1);
    expect(chi2Sf(0, 3)).toBe(1);
    expect(chi2Sf(1e4, 1e4)).toBeCloseTo(0.49811938, 5);
  });

  test.each([
    () => normalSf(Number.NaN),
    () => tSf(Number.NaN, 3),
    () => tSf(1, 0),
    () => tUpperQuantile(0, 3),
    () => normalQuantile(1),
    () => chi2Sf(Number.NaN, 2),
    () => chi2Sf(1, -2),
    () => betaCdf(0.5, Number.NaN, 1),
  ])('an argument outside the domain throws (%#)', (call) => {
    expect(call).toThrow(RangeError);
  });
});
