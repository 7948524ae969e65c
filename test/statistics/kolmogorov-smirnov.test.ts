import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kolmogorovSf } from '../../src/statistics/distributions/kolmogorov.ts';
import { uniformityTest } from '../../src/statistics/kolmogorov-smirnov.ts';
import { known } from './samples.ts';
import { relativeError, seeded } from './series-draws.ts';

describe('kolmogorovSf', () => {
  // scipy 1.17.1: kstwo.sf(d, n); for n = 500 and for n from 1000 to 2000 with d < 0.0632 _ksstats._kolmogn_DMTW, as kstwo
  // itself is an approximation of 1e-7 there
  test.each([
    [1, 0.7, 0.6000000000000001, 1e-12],
    [1, 0.999, 0.002, 1e-12],
    [2, 0.3, 0.98, 1e-12],
    [5, 0.2, 0.9616, 1e-12],
    [10, 0.1, 0.99963712, 1e-12],
    [10, 0.274, 0.3715203845434957, 1e-12],
    [10, 0.6, 0.0005681672000000003, 1e-12],
    [20, 0.35, 0.01075496344438931, 1e-12],
    [100, 0.05, 0.9532159710635725, 1e-12],
    [100, 0.1999, 0.0005597614175323142, 1e-11],
    [100, 0.2001, 0.0005506590144671673, 1e-11],
    [100, 0.45, 5.324995419657099e-19, 1e-11],
    [140, 0.5, 6.869300438276986e-33, 1e-11],
    [500, 0.03, 0.7473166221808448, 1e-12],
    [1000, 0.02, 0.8108971310702142, 1e-12],
    [1000, 0.0633, 0.0006309728155729982, 1e-11],
    [1000, 0.3, 2.590715705736845e-80, 1e-11],
    [1001, 0.015, 0.9754632162191003, 5e-6],
    [1001, 0.0237, 0.6187046047680684, 6e-5],
    [1001, 0.03, 0.3221171972183958, 2e-5],
    [1001, 0.045, 0.033646424512579605, 2e-7],
    [2000, 0.02, 0.3953133720031086, 2e-5],
    [10000, 0.01, 0.2682191277029192, 2e-6],
    [10000, 0.0195, 0.000982580810123865, 1e-9],
    [10000, 0.03, 2.9761211950626197e-8, 1e-9],
  ])('n = %d, d = %f: %f', (n, d, p, tolerance) => {
    expect(relativeError(kolmogorovSf(d, n), p)).toBeLessThan(tolerance);
  });

  test('is a probability that falls as the distance grows', () => {
    const distance = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), distance, distance, (n, a, b) => {
        const [near, far] = [Math.min(a, b), Math.max(a, b)].map((d) => kolmogorovSf(d, n));
        expect(near).toBeLessThanOrEqual(1);
        expect(far).toBeGreaterThanOrEqual(0);
        // 1e-4: where exact and large-sample forms meet
        expect(far).toBeLessThanOrEqual(near! * (n > 1000 ? 1 + 1e-4 : 1 + 1e-9));
      }),
      { numRuns: 60 },
    );
  });

  test('a call without values or with NaN is a bug', () => {
    expect(() => kolmogorovSf(0.1, 0)).toThrow(RangeError);
    expect(() => kolmogorovSf(Number.NaN, 3)).toThrow(RangeError);
  });
});

describe('uniformityTest', () => {
  test('agrees with scipy kstest', () => {
    // scipy 1.17.1: kstest([.1, .2, .35, .4, .9], 'uniform')
    const result = known(uniformityTest([0.9, 0.1, 0.4, 0.2, 0.35]));
    expect(result.distance).toBeCloseTo(0.4, 15);
    expect(relativeError(result.pValue, 0.3087999999999995)).toBeLessThan(1e-12);
  });

  test('order and reflection do not matter', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 }), (values) => {
        const result = known(uniformityTest(values));
        const reflected = known(uniformityTest(values.map((value) => 1 - value).toReversed()));
        expect(reflected.distance).toBeCloseTo(result.distance, 12);
        expect(reflected.pValue).toBeCloseTo(result.pValue, 9);
      }),
    );
  });

  test('rejects 5 % of uniform samples', () => {
    const { uniform } = seeded(4);
    const rejected = Array.from({ length: 4000 }, () => {
      return known(uniformityTest(Array.from({ length: 30 }, uniform))).pValue < 0.05;
    }).filter(Boolean).length;
    expect(rejected / 4000).toBeGreaterThan(0.039);
    expect(rejected / 4000).toBeLessThan(0.061);
  });

  test('no values are not uniform values', () => {
    expect(uniformityTest([])).toEqual({ ok: false, reason: 'NO_UNITS' });
    expect(() => uniformityTest([0.5, 1.1])).toThrow(RangeError);
  });
});
