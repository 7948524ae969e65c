import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { covariateBalance, strataBalance } from '../../src/statistics/cuped/balance.ts';
import { postStratified, type Stratum } from '../../src/statistics/cuped/post-stratification.ts';
import { sampleOfMean, sampleOfRatio } from '../../src/statistics/samples.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { momentsOfRows, random } from './design-draws.ts';
import { known } from './samples.ts';

const one = (values: readonly number[], pivot = 0) =>
  momentsOfRows(
    values.map((value) => [value]),
    [pivot],
  );
const stratum = (name: string, control: readonly number[], treatment: readonly number[], pivot = 0): Stratum => ({
  name,
  control: one(control, pivot),
  treatment: one(treatment, pivot),
});
const MEAN = { type: 'MEAN', leastUnits: 2 } as const;

describe('postStratified', () => {
  test('weighs the strata alike in both arms (worked by hand)', () => {
    const result = known(
      postStratified([stratum('a', [1, 3, 2], [2, 4]), stratum('b', [10, 12], [13, 11, 12, 12, 12])], MEAN),
    );
    // w = 5/12, 7/12; means 2, 11 and 3, 12; variances 1, 2 and 2, 1/2
    const [a, b] = [5 / 12, 7 / 12];
    expect(result).toMatchObject({ kind: 'ADJUSTED', strata: 2, collapsed: [] });
    expect(result.control.mean).toBeCloseTo(2 * a + 11 * b, 12);
    expect(result.treatment.mean).toBeCloseTo(3 * a + 12 * b, 12);
    expect(result.control).toMatchObject({ n: 5 });
    expect(result.control.variance / 5).toBeCloseTo((a * a * 1) / 3 + (b * b * 2) / 2, 12);
    expect(result.treatment.variance / 7).toBeCloseTo((a * a * 2) / 2 + (b * b * 0.5) / 5, 12);
  });

  test('rejects 5 % of A/A tests and narrows where strata differ', () => {
    const { normal, uniform } = random(23);
    const simulations = 3000;
    let [rejected, gained] = [0, 0];
    for (let i = 0; i < simulations; i++) {
      const arms = [0, 1].map(() => {
        const values: number[][] = [[], [], []];
        for (let unit = 0; unit < 90; unit++) {
          const k = Math.floor(3 * uniform());
          values[k]!.push(2 * k + normal());
        }
        return values;
      });
      const strata = [0, 1, 2].map((k) => stratum(String(k), arms[0]![k]!, arms[1]![k]!));
      const result = known(postStratified(strata, { type: 'MEAN' }));
      if (result.kind === 'ADJUSTED') gained += result.varianceReduction / simulations;
      if (known(welchTest(result.control, result.treatment, { level: 0.95 })).pValue < 0.05) rejected++;
    }
    expect(rejected / simulations).toBeGreaterThan(0.037); // 0.05 ± 3.2 standard errors
    expect(rejected / simulations).toBeLessThan(0.063);
    expect(gained).toBeCloseTo(8 / 3 / (8 / 3 + 1), 1);
  });

  test('small strata are put together and named; their order does not matter', () => {
    const { normal } = random(29);
    const values = (n: number, mean: number) => Array.from({ length: n }, () => mean + normal());
    const strata = [
      stratum('big', values(60, 0), values(50, 0)),
      stratum('tiny', values(1, 9), values(3, 9)),
      stratum('small', values(12, 9), values(7, 9)),
      stratum('large', values(40, 5), values(70, 5), 5),
    ];
    const result = known(postStratified(strata, { type: 'MEAN' }));
    expect(result).toMatchObject({ kind: 'ADJUSTED', strata: 3, collapsed: ['tiny', 'small'] });
    const reversed = known(postStratified(strata.toReversed(), { type: 'MEAN' }));
    expect(reversed.control.mean).toBeCloseTo(result.control.mean, 12);
    expect(reversed.treatment.variance).toBeCloseTo(result.treatment.variance, 10);
    const joined = known(postStratified(strata, { type: 'MEAN', leastUnits: 15 }));
    expect(joined).toMatchObject({ kind: 'ADJUSTED', strata: 2, collapsed: ['tiny', 'small'] });
  });

  test.each([
    ['one stratum', [stratum('a', [1, 2, 3], [2, 3, 5])], 'TOO_FEW_UNITS'],
    ['strata that are all too small', [stratum('a', [1], [2]), stratum('b', [4], [7])], 'TOO_FEW_UNITS'],
    ['a constant outcome', [stratum('a', [4, 4], [4, 4]), stratum('b', [4, 4], [4, 4])], 'ZERO_VARIANCE'],
    ['strata that do not differ', [stratum('a', [0, 9], [9, 0]), stratum('b', [9, 0], [0, 9])], 'NO_REDUCTION'],
  ])('%s leaves the arms as they are, with the reason', (_, strata, reason) => {
    const result = known(postStratified(strata, MEAN));
    expect(result).toMatchObject({ kind: 'UNADJUSTED', reason });
    expect(result.control.n).toBe(strata.reduce((sum, { control }) => sum + control.units, 0));
  });

  test('an arm that is empty is refused', () => {
    expect(postStratified([stratum('a', [], [1, 2]), stratum('b', [], [3, 4])], MEAN)).toEqual({
      ok: false,
      reason: 'NO_UNITS',
    });
    expect(() => postStratified([], MEAN)).toThrow(RangeError);
  });

  test('with the same mix in both arms the difference is the plain one', () => {
    const value = fc.integer({ min: -50, max: 50 });
    const values = fc.array(value, { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(values, values, values, values, (a, b, c, d) => {
        const result = known(postStratified([stratum('a', a, b), stratum('b', c, d)], MEAN));
        const [control, treatment] = [sampleOfMean(one([...a, ...c])), sampleOfMean(one([...b, ...d]))];
        expect(result.control.mean).toBeCloseTo(known(control).mean, 10);
        expect(result.treatment.mean).toBeCloseTo(known(treatment).mean, 10);
      }),
      { numRuns: 50 },
    );
  });

  test('a ratio with denominators of 1 is the mean, and a ratio within its strata keeps its scale', () => {
    const { normal, uniform } = random(31);
    const rows = (n: number, rate: number, size: number) =>
      Array.from({ length: n }, () => {
        const d = size + uniform();
        return [rate * d + 0.1 * normal(), d];
      });
    const ratio = (c: readonly (readonly number[])[], t: readonly (readonly number[])[], name: string): Stratum => ({
      name,
      control: momentsOfRows(c, [0, 0]),
      treatment: momentsOfRows(t, [0, 0]),
    });
    const strata = [ratio(rows(50, 0.2, 1), rows(60, 0.2, 1), 'a'), ratio(rows(70, 0.6, 1.3), rows(40, 0.6, 1.3), 'b')];
    const result = known(postStratified(strata, { type: 'RATIO' }));
    expect(result).toMatchObject({ kind: 'ADJUSTED' });
    expect(Math.abs(result.control.mean - result.treatment.mean)).toBeLessThan(0.05);
    const all = known(sampleOfRatio(momentsOfRows([...rows(50, 0.2, 1), ...rows(70, 0.6, 1.3)], [0, 0])));
    expect(Math.abs(result.control.mean - all.mean)).toBeLessThan(0.1);
    const units = [0, 1].map((k) =>
      stratum(
        String(k),
        rows(20, k, 1).map(([y]) => y!),
        rows(30, k, 1).map(([y]) => y!),
      ),
    );
    const asRatio = units.map(({ name, control, treatment }) => {
      const widen = (m: typeof control) => ({
        ...m,
        pivots: [0, 0],
        sums: [m.sums[0]!, m.units],
        products: [[m.products![0]![0]!], [m.sums[0]!, m.units]],
      });
      return { name, control: widen(control), treatment: widen(treatment) };
    });
    const [mean, same] = [known(postStratified(units, MEAN)), known(postStratified(asRatio, { type: 'RATIO' }))];
    expect(same.control.mean).toBeCloseTo(mean.control.mean, 12);
    expect(same.treatment.variance).toBeCloseTo(mean.treatment.variance, 12);
  });
});

describe('balance', () => {
  test('of a covariate is the Welch test with a standardized difference', () => {
    const [control, treatment] = [
      { n: 100, mean: 5, variance: 4 },
      { n: 120, mean: 5.5, variance: 6 },
    ];
    const result = known(covariateBalance(control, treatment));
    expect(result.pValue).toBe(known(welchTest(control, treatment, { level: 0.9 })).pValue);
    expect(result.standardizedDifference).toBeCloseTo(0.5 / Math.sqrt(5), 14);
    const constant = { n: 10, mean: 1, variance: 0 };
    expect(covariateBalance(constant, constant)).toEqual({ ok: false, reason: 'ZERO_VARIANCE' });
  });

  test('of two strata is the chi-square test of a two by two table', () => {
    // 2×2: N(ad − bc)²/(row and column totals)
    const result = known(
      strataBalance([
        { control: 30, treatment: 20 },
        { control: 0, treatment: 0 },
        { control: 20, treatment: 40 },
      ]),
    );
    expect(result.degreesOfFreedom).toBe(1);
    expect(result.chiSquare).toBeCloseTo((110 * (30 * 40 - 20 * 20) ** 2) / (50 * 60 * 50 * 60), 12);
    const even = known(strataBalance([1, 2, 3].map((k) => ({ control: 10 * k, treatment: 20 * k }))));
    expect(even).toMatchObject({ chiSquare: 0, pValue: 1 });
  });

  test.each([
    [[{ control: 5, treatment: 5 }], 'NOT_APPLICABLE'],
    [
      [
        { control: 5, treatment: 0 },
        { control: 5, treatment: 0 },
      ],
      'NO_UNITS',
    ],
    [[], 'NO_UNITS'],
  ])('%o is refused', (strata, reason) => {
    expect(strataBalance(strata)).toEqual({ ok: false, reason });
  });
});
