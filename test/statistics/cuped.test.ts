import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeMoments, repivot } from '../../src/core/moments.ts';
import { type Cuped, cupedMean, cupedRatio } from '../../src/statistics/cuped/cuped.ts';
import { growthBookCupedLift } from '../../src/statistics/cuped/growth-book.ts';
import { jointRatios, jointSample } from '../../src/statistics/cuped/joint-sample.ts';
import type { Sample } from '../../src/statistics/inference.ts';
import { lift } from '../../src/statistics/lift.ts';
import { sampleOfMean, sampleOfRatio } from '../../src/statistics/samples.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { momentsOfRows, random } from './design-draws.ts';
import { known, numbersIn } from './samples.ts';

type Row = readonly number[];
const two = (rows: readonly Row[]) => momentsOfRows(rows, [0, 0]);
const adjusted = (result: Cuped) => {
  if (result.kind !== 'ADJUSTED') throw new Error(`Not adjusted: ${result.reason}`);
  return result;
};

/** Rows (y, x) with correlation rho, both of variance 1. */
function correlated(n: number, rho: number, draw: () => number, effect = 0): Row[] {
  return Array.from({ length: n }, () => {
    const x = draw();
    return [10 + effect + rho * x + Math.sqrt(1 - rho * rho) * draw(), 5 + x];
  });
}

const value = fc.integer({ min: -1000, max: 1000 }).map((x) => x / 8);
const rows = fc.array(fc.tuple(value, value), { minLength: 15, maxLength: 40 });

describe('cupedMean', () => {
  test('of a hand-worked pair', () => {
    // pooled: x = 1…20, y = 2x + 1 in control and 2x + 2 in treatment; θ is 2 plus what the gap of the arms adds
    const control = Array.from({ length: 10 }, (_, i) => [2 * (2 * i + 1) + 1, 2 * i + 1]);
    const treatment = Array.from({ length: 10 }, (_, i) => [2 * (2 * i + 2) + 2, 2 * i + 2]);
    const all = [...control, ...treatment];
    const mean = (k: number) => all.reduce((sum, row) => sum + row[k]!, 0) / 20;
    const cross = (k: number, l: number) =>
      all.reduce((sum, row) => sum + (row[k]! - mean(k)) * (row[l]! - mean(l)), 0);
    const result = adjusted(known(cupedMean(two(control), two(treatment))));
    const theta = cross(0, 1) / cross(1, 1);
    expect(result.theta[0]).toBeCloseTo(theta, 12);
    expect(result.treatment.mean - result.control.mean).toBeCloseTo(3 - theta, 12);
    expect(result.control.mean).toBeCloseTo(21 - theta * (10 - 10.5), 12);
  });

  test('with rho 0.8 the variance falls to 0.36 and the estimate stays unbiased', () => {
    const { normal } = random(7);
    const [c, t] = [correlated(20_000, 0.8, normal), correlated(20_000, 0.8, normal, 0.1)];
    const result = adjusted(known(cupedMean(two(c), two(t))));
    expect(result.varianceReduction).toBeGreaterThan(0.63);
    expect(result.varianceReduction).toBeLessThan(0.65);
    expect(result.theta[0]).toBeCloseTo(0.8, 1);
    const test = known(welchTest(result.control, result.treatment, { level: 0.95 }));
    expect(Math.abs(test.difference - 0.1)).toBeLessThan(3 * test.standardError);
  });

  test('rejects 5 % of A/A tests', () => {
    const { normal } = random(20260701);
    const simulations = 4000;
    let rejected = 0;
    for (let i = 0; i < simulations; i++) {
      const result = known(cupedMean(two(correlated(60, 0.8, normal)), two(correlated(60, 0.8, normal))));
      if (known(welchTest(result.control, result.treatment, { level: 0.95 })).pValue < 0.05) rejected++;
    }
    expect(rejected / simulations).toBeGreaterThan(0.039); // 0.05 ± 3.2 standard errors
    expect(rejected / simulations).toBeLessThan(0.061);
  });

  test('shifting the outcome shifts the means; the covariate may be shifted and scaled', () => {
    fc.assert(
      fc.property(rows, rows, (c, t) => {
        const base = known(cupedMean(two(c), two(t)));
        fc.pre(base.kind === 'ADJUSTED');
        const moved = (list: readonly Row[], of: (row: Row) => Row) => two(list.map(of));
        const up = known(
          cupedMean(
            moved(c, ([y, x]) => [y! + 64, x!]),
            moved(t, ([y, x]) => [y! + 64, x!]),
          ),
        );
        expect(up.control.mean - 64).toBeCloseTo(base.control.mean, 8);
        expect(up.control.variance).toBeCloseTo(base.control.variance, 6);
        const other = (row: Row) => [row[0]!, 4 * row[1]! - 128];
        const covariate = known(cupedMean(moved(c, other), moved(t, other)));
        expect(covariate.control.mean).toBeCloseTo(base.control.mean, 8);
        expect(covariate.treatment.variance).toBeCloseTo(base.treatment.variance, 6);
      }),
      { numRuns: 50 },
    );
  });

  test('swapping the arms turns the difference around; merged days and other pivots give the same', () => {
    fc.assert(
      fc.property(rows, rows, (c, t) => {
        const [control, treatment] = [two(c), two(t)];
        const base = known(cupedMean(control, treatment));
        fc.pre(base.kind === 'ADJUSTED');
        const swapped = known(cupedMean(treatment, control));
        expect(swapped.control.mean).toBeCloseTo(base.treatment.mean, 9);
        expect(swapped.treatment.variance).toBeCloseTo(base.control.variance, 7);
        const merged = mergeMoments(two(c.slice(0, 7)), two(c.slice(7)));
        const elsewhere = known(cupedMean(repivot(merged, [3, -2]), repivot(treatment, [1, 9])));
        expect(elsewhere.control.mean).toBeCloseTo(base.control.mean, 9);
        expect(elsewhere.control.variance).toBeCloseTo(base.control.variance, 7);
      }),
      { numRuns: 50 },
    );
  });

  test('never widens the difference when it adjusts', () => {
    fc.assert(
      fc.property(rows, rows, (c, t) => {
        const result = known(cupedMean(two(c), two(t)));
        const error = ({ control, treatment }: { control: Sample; treatment: Sample }) =>
          control.variance / control.n + treatment.variance / treatment.n;
        const before = error({ control: known(sampleOfMean(two(c))), treatment: known(sampleOfMean(two(t))) });
        expect(error(result)).toBeLessThanOrEqual(before);
        if (result.kind === 'ADJUSTED') expect(1 - error(result) / before).toBeCloseTo(result.varianceReduction, 10);
      }),
      { numRuns: 100 },
    );
  });

  test('a mean of 1e8 with sd 1 is adjusted as one of 0 is', () => {
    const { normal } = random(3);
    const [c, t] = [correlated(500, 0.8, normal), correlated(500, 0.8, normal)];
    const far = (list: readonly Row[], pivot: number) =>
      momentsOfRows(
        list.map(([y, x]) => [y! + 1e8, x! + 1e8]),
        [1e8 + pivot, 1e8 + pivot],
      );
    const near = adjusted(known(cupedMean(two(c), two(t))));
    const result = adjusted(known(cupedMean(far(c, 8), far(t, 7))));
    expect(result.theta[0]).toBeCloseTo(near.theta[0]!, 6);
    expect(result.varianceReduction).toBeCloseTo(near.varianceReduction, 6);
    expect(result.treatment.variance).toBeCloseTo(near.treatment.variance, 6);
  });

  test('a proportion is adjusted as a mean', () => {
    const { uniform } = random(5);
    const draw = () => {
      const before = uniform() < 0.4 ? 1 : 0;
      return [uniform() < 0.2 + 0.5 * before ? 1 : 0, before];
    };
    const arm = () => two(Array.from({ length: 5000 }, draw));
    const result = adjusted(known(cupedMean(arm(), arm())));
    expect(result.varianceReduction).toBeGreaterThan(0.2);
  });

  test.each([
    ['a constant covariate', (i: number) => [i % 7, 3], {}, 'ZERO_VARIANCE'],
    ['a constant outcome', (i: number) => [3, i % 7], {}, 'ZERO_VARIANCE'],
    ['few units with a covariate', (i: number) => [i, i % 5], { unitsWithCovariate: 19 }, 'TOO_FEW_UNITS'],
    ['a demanded reduction that is missed', (i: number) => [i, i % 5], { leastReduction: 0.9 }, 'NO_REDUCTION'],
  ])('%s leaves the arms as they are, with the reason', (_, row, options, reason) => {
    const control = two(Array.from({ length: 50 }, (__, i) => row(i)));
    const treatment = two(Array.from({ length: 40 }, (__, i) => row(i + 1)));
    const result = known(cupedMean(control, treatment, options));
    expect(result).toMatchObject({ kind: 'UNADJUSTED', reason });
    expect({ ok: true, ...result.control }).toEqual(sampleOfMean(control));
    expect({ ok: true, ...result.treatment }).toEqual(sampleOfMean(treatment));
  });

  test('a covariate that tells nothing is not used', () => {
    const arm = two(Array.from({ length: 40 }, (_, i) => [Math.floor(i / 2) % 2, i % 2]));
    expect(known(cupedMean(arm, arm))).toMatchObject({ kind: 'UNADJUSTED', reason: 'NO_REDUCTION' });
  });

  test('few units at all are not adjusted', () => {
    const arm = two([
      [1, 2],
      [2, 5],
      [4, 6],
    ]);
    expect(known(cupedMean(arm, arm))).toMatchObject({ kind: 'UNADJUSTED', reason: 'TOO_FEW_UNITS' });
  });

  test('an outcome that cannot be computed is refused; a covariate that cannot is only left out', () => {
    const good = two(Array.from({ length: 30 }, (_, i) => [i % 5, i % 3]));
    expect(cupedMean(two([]), good)).toEqual({ ok: false, reason: 'NO_UNITS' });
    expect(cupedMean(good, two([[1, 2]]))).toEqual({ ok: false, reason: 'TOO_FEW_UNITS' });
    const huge = two(Array.from({ length: 30 }, (_, i) => [i % 5, i * 1e200]));
    expect(known(cupedMean(good, huge))).toMatchObject({ kind: 'UNADJUSTED', reason: 'OVERFLOW' });
  });

  test('several covariates are one regression, and a repeat of another changes nothing', () => {
    const { normal } = random(11);
    const row = () => {
      const [a, b] = [normal(), normal()];
      return [2 * a - b + 0.1 * normal(), a, b];
    };
    const [c, t] = [Array.from({ length: 300 }, row), Array.from({ length: 200 }, row)];
    const of = (list: readonly Row[]) =>
      momentsOfRows(
        list,
        list[0]!.map(() => 0),
      );
    const both = adjusted(known(cupedMean(of(c), of(t))));
    expect(both.theta[0]).toBeCloseTo(2, 1);
    expect(both.theta[1]).toBeCloseTo(-1, 1);
    expect(both.varianceReduction).toBeGreaterThan(0.99);
    const repeat = (list: readonly Row[]) => of(list.map(([y, a, b]) => [y!, a!, b!, a! + b!]));
    const repeated = adjusted(known(cupedMean(repeat(c), repeat(t))));
    expect(repeated.theta[2]).toBe(0);
    expect(repeated.control.mean).toBeCloseTo(both.control.mean, 10);
    expect(repeated.varianceReduction).toBeCloseTo(both.varianceReduction, 10);
  });

  test('units without history, given as 0 with an indicator, do not blunt the covariate of the others', () => {
    const { normal, uniform } = random(13);
    const row = () => {
      const [x, isNew] = [50 + normal(), uniform() < 0.3 ? 1 : 0];
      return [isNew ? 20 + normal() : x + 0.3 * normal(), isNew ? 0 : x, isNew];
    };
    const [c, t] = [Array.from({ length: 2000 }, row), Array.from({ length: 2000 }, row)];
    const of = (list: readonly Row[], k: number) =>
      momentsOfRows(
        list.map((r) => r.slice(0, k)),
        Array(k).fill(0),
      );
    const without = adjusted(known(cupedMean(of(c, 2), of(t, 2))));
    const with_ = adjusted(known(cupedMean(of(c, 3), of(t, 3))));
    expect(with_.varianceReduction).toBeGreaterThan(without.varianceReduction);
    expect(with_.theta[0]).toBeCloseTo(1, 1);
  });
});

describe('cupedRatio', () => {
  const { uniform } = random(17);
  const arm = (n: number) =>
    momentsOfRows(
      Array.from({ length: n }, () => {
        const [rate, before, now] = [uniform(), 1 + Math.floor(5 * uniform()), 1 + Math.floor(5 * uniform())];
        const successes = (trials: number) => Array.from({ length: trials }, uniform).filter((u) => u < rate).length;
        return [successes(now), now, successes(before), before];
      }),
      [0, 0, 0, 0],
    );

  test('narrows, keeps the scale of the ratio, and agrees with the delta method where it does not adjust', () => {
    const [c, t] = [arm(1500), arm(1000)];
    const result = adjusted(known(cupedRatio(c, t)));
    expect(result.varianceReduction).toBeGreaterThan(0.2);
    expect(Math.abs(result.control.mean - known(sampleOfRatio(c)).mean)).toBeLessThan(0.03);
    const joint = known(jointRatios(known(jointSample(c))));
    expect(joint.covariance[0]![0]).toBeCloseTo(known(sampleOfRatio(c)).variance, 12);
    expect(joint.covariance[0]![1]).toBeCloseTo(joint.covariance[1]![0]!, 14);
  });

  test('with denominators of 1 it is the CUPED of the mean', () => {
    const { normal } = random(19);
    const [c, t] = [correlated(80, 0.6, normal), correlated(90, 0.6, normal)];
    const ratio = (list: readonly Row[]) =>
      momentsOfRows(
        list.map(([y, x]) => [y!, 1, x!, 1]),
        [0, 0, 0, 0],
      );
    const [mean, asRatio] = [known(cupedMean(two(c), two(t))), known(cupedRatio(ratio(c), ratio(t)))];
    const [m, r] = [numbersIn(mean), numbersIn(asRatio)];
    expect(r).toHaveLength(m.length);
    for (const [i, number] of m.entries()) expect(r[i]).toBeCloseTo(number, 9);
  });

  test('a covariate without a denominator leaves the ratio unadjusted; a metric without one is refused', () => {
    const of = (denominator: number, before: number) =>
      momentsOfRows(
        Array.from({ length: 30 }, (_, i) => [i % 4, denominator, i % 3, before]),
        [0, 0, 0, 0],
      );
    expect(known(cupedRatio(of(2, 0), of(2, 0)))).toMatchObject({ kind: 'UNADJUSTED', reason: 'ZERO_BASELINE' });
    expect(cupedRatio(of(0, 2), of(2, 2))).toEqual({ ok: false, reason: 'ZERO_BASELINE' });
  });
});

test("GrowthBook's lift without an adjustment is the DELTA lift", () => {
  const arms = { control: { n: 50, mean: 3, variance: 2 }, treatment: { n: 70, mean: 4, variance: 3 } };
  const options = { level: 0.95 };
  expect(growthBookCupedLift(arms, arms, options)).toEqual(
    lift(arms.control, arms.treatment, { method: 'DELTA', ...options }),
  );
  const zero = { ...arms, control: { ...arms.control, mean: 0 } };
  expect(growthBookCupedLift(zero, arms, options)).toEqual({ ok: false, reason: 'ZERO_BASELINE' });
});
