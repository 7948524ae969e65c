import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { covarianceOf, type Moments, meanOf, mergeMoments, repivot, sumOf } from '../../src/core/moments.ts';

const value = fc.double({ min: -1000, max: 1000, noNaN: true });
const rows = fc.array(fc.tuple(value, value), { minLength: 2, maxLength: 40 });
const pivots = fc.tuple(value, value);

function momentsOfRows(pairs: readonly (readonly [number, number])[], [k0, k1]: readonly [number, number]): Moments {
  const total = (of: (x: number, y: number) => number) => pairs.reduce((sum, [x, y]) => sum + of(x - k0, y - k1), 0);
  return {
    units: pairs.length,
    pivots: [k0, k1],
    sums: [total((x) => x), total((_, y) => y)],
    products: [[total((x) => x * x)], [total((x, y) => x * y), total((_, y) => y * y)]],
  };
}

function expectSame(a: Moments, b: Moments, scale = 1e6) {
  expect(a.units).toBe(b.units);
  for (const i of [0, 1]) {
    expect(Math.abs(meanOf(a, i) - meanOf(b, i))).toBeLessThan(1e-14 * scale);
    expect(Math.abs(sumOf(a, i) - sumOf(b, i))).toBeLessThan(1e-12 * scale);
    for (const j of [0, 1]) expect(Math.abs(covarianceOf(a, i, j) - covarianceOf(b, i, j))).toBeLessThan(1e-12 * scale);
  }
}

describe('moments', () => {
  test('the merge of two groups is the whole, in either order', () => {
    fc.assert(
      fc.property(rows, rows, pivots, (a, b, k) => {
        const whole = momentsOfRows([...a, ...b], k);
        expectSame(mergeMoments(momentsOfRows(a, k), momentsOfRows(b, k)), whole);
        expectSame(mergeMoments(momentsOfRows(b, k), momentsOfRows(a, k)), whole);
      }),
    );
  });

  test('merging is associative', () => {
    fc.assert(
      fc.property(rows, rows, rows, pivots, (a, b, c, k) => {
        const [x, y, z] = [momentsOfRows(a, k), momentsOfRows(b, k), momentsOfRows(c, k)];
        expectSame(mergeMoments(mergeMoments(x, y), z), mergeMoments(x, mergeMoments(y, z)));
      }),
    );
  });

  test('another pivot changes neither mean, nor total, nor covariance, and comes back', () => {
    fc.assert(
      fc.property(rows, pivots, pivots, (a, k, other) => {
        const moments = momentsOfRows(a, k);
        expectSame(repivot(moments, other), moments, 1e8);
        expectSame(repivot(moments, other), momentsOfRows(a, other), 1e8);
        expectSame(repivot(repivot(moments, other), k), moments, 1e8);
      }),
    );
  });

  test('moments about different pivots do not merge', () => {
    expect(() => mergeMoments(momentsOfRows([[1, 2]], [0, 0]), momentsOfRows([[1, 2]], [1, 0]))).toThrow(/same pivots/);
  });

  test('a variance below two units or without products is not a number, never 0', () => {
    expect(covarianceOf({ units: 1, pivots: [0], sums: [3], products: [[9]] })).toBeNaN();
    expect(covarianceOf({ units: 5, pivots: [0], sums: [3], products: null })).toBeNaN();
  });
});
