import { expect, test } from 'vitest';
import { chiSquareUpperTail } from '../../src/models/statistics/gamma.ts';
import { normalUpperQuantile, normalUpperTail } from '../../src/models/statistics/normal.ts';
import { studentTails, studentUpperQuantile } from '../../src/models/statistics/student-t.ts';
import { ident } from '../../src/sql/sql.ts';
import {
  chi2Sf,
  normalUpperQuantile as normalQuantileOf,
  normalSf,
  tCdf,
  tLogTwoSidedP,
  tSf,
  tTwoSidedP,
  tUpperQuantile,
} from '../../src/statistics/distributions.ts';
import { describeOn } from '../support/engines.ts';
import { type Cell, evaluateOn, type Row, relativeError } from './support.ts';

const SHAPES = [0.5, 1, 1.5, 2, 3, 5.5, 10, 30, 99.5, 1e3, 1e4, 1e5, 1e6, 1e9, 1e12, Number.POSITIVE_INFINITY];
const TAILS = [
  0.9999, 0.975, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.025, 0.01, 0.005, 1e-3, 1e-4, 1e-6, 1e-8, 1e-12, 1e-20, 1e-50,
  1e-100, 1e-200, 1e-300,
];
// with half a degree of freedom, the t of a tail of 1e-200 is no double
const GRID = SHAPES.flatMap((df) => TAILS.filter((tail) => df >= 1 || tail > 1e-150).map((tail) => ({ df, tail })));
const T = GRID.map(({ df, tail }) => ({ df, t: tUpperQuantile(tail, df) }));
const FAR = [0, 1e-300, 1e-8, 1e5, 1e100, 1e300, -3, 40, 100].flatMap((t) => SHAPES.map((df) => ({ df, t })));

/** The greatest error of a column, relative to the expected value or to a scale. */
function greatest(got: readonly Cell[], expected: readonly Cell[], scale = 0): number {
  expect(got).toHaveLength(expected.length);
  return Math.max(...got.map((value, i) => relativeError(value, expected[i]!, scale)));
}

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    const [t, df] = [ident('t'), ident('df')];
    const tailsOf = (rows: readonly Row[]) =>
      evaluateOn(engine, rows, (dialect) => studentTails('x', { statistic: t, degreesOfFreedom: df }, dialect));

    test("tails of Student's t", async () => {
      const cases = [...T, ...FAR];
      const got = await tailsOf(cases);
      const error = (column: keyof (typeof got)[number], of: (t: number, df: number) => number, scale = 0) =>
        greatest(
          got.map((row) => row[column]),
          cases.map((one) => of(one.t, one.df)),
          scale,
        );
      expect(error('upper', tSf)).toBeLessThan(1e-12);
      expect(error('lower', tCdf)).toBeLessThan(1e-12);
      expect(error('twoSided', tTwoSidedP)).toBeLessThan(1e-12);
      expect(error('logTwoSided', tLogTwoSidedP, 1)).toBeLessThan(1e-13);
    });

    test('a tail of what is not a number, or of too few degrees of freedom, is null', async () => {
      const cases = [
        { t: 1, df: 3 },
        { t: null, df: 3 },
        { t: Number.NaN, df: 3 },
        { t: 2, df: null },
        { t: 2, df: 0.1 },
        { t: 2, df: -1 },
      ];
      const [known, ...unknown] = await tailsOf(cases);
      expect(known!.upper).not.toBeNull();
      const nothing = { upper: null, lower: null, twoSided: null, logTwoSided: null };
      expect(unknown).toEqual(unknown.map(() => nothing));
    });

    test("quantiles of Student's t", async () => {
      const input = { tail: ident('tail'), degreesOfFreedom: df };
      const cases = [...GRID, { df: 3, tail: 0 }, { df: 3, tail: 1 }, { df: 3, tail: null }, { df: null, tail: 0.1 }];
      const got = await evaluateOn(engine, cases, (dialect) => studentUpperQuantile('x', input, dialect));
      const quantiles = got.map(({ quantile }) => quantile);
      const expected = T.map((one) => one.t);
      expect(greatest(quantiles.slice(0, GRID.length), expected, 0.01)).toBeLessThan(1e-12);
      expect(quantiles.slice(GRID.length)).toEqual([null, null, null, null]);
    });

    test('the normal distribution', async () => {
      const z = [...Array.from({ length: 212 }, (_, i) => 0.37 * i - 39), 0, 1e200, -1e200].map((value) => ({
        t: value,
      }));
      const got = await evaluateOn(engine, z, (dialect) => normalUpperTail('x', t, dialect));
      expect(
        greatest(
          got.map(({ tail }) => tail),
          z.map((one) => normalSf(one.t)),
        ),
      ).toBeLessThan(1e-12);
      const p = [...TAILS, 0.5 + 1e-12, 0.499999, 1e-308, 1 - 1e-15].map((value) => ({ t: value }));
      const inverse = await evaluateOn(engine, [...p, { t: 0 }, { t: 1 }], (d) => normalUpperQuantile('x', t, d));
      const expected = [...p.map((one) => normalQuantileOf(one.t)), null, null];
      expect(
        greatest(
          inverse.map(({ quantile }) => quantile),
          expected,
          0.01,
        ),
      ).toBeLessThan(1e-14);
    });

    test('the upper tail of chi-square', async () => {
      const about = [0, 1e-6, 0.1, 0.3, 0.5, 0.9, 0.999, 1, 1.001, 1.1, 1.5, 2, 3, 5, 20, 100];
      const moderate = [0.5, 1, 2, 3, 4, 7, 10, 50, 200, 1e3, 1e4].flatMap((k) =>
        about.map((of) => ({ t: k * of, df: k })),
      );
      const far = [1e-310, 10, 100, 400, 700, 1000, 1300].flatMap((x) => [1, 2, 3, 9].map((k) => ({ t: x, df: k })));
      const cases = [...moderate, ...far].filter((one) => one.t < 1400);
      const got = await evaluateOn(engine, [...cases, { t: -1, df: 3 }, { t: Number.NaN, df: 3 }], (dialect) =>
        chiSquareUpperTail('x', { chiSquare: t, degreesOfFreedom: df }, dialect),
      );
      const expected = [...cases.map((one) => chi2Sf(one.t, one.df)), null, null];
      expect(
        greatest(
          got.map(({ tail }) => tail),
          expected,
        ),
      ).toBeLessThan(1e-12);
    });
  });
