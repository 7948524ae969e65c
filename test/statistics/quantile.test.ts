import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lift } from '../../src/statistics/lift.ts';
import { designEffect, type QuantileSummary, sampleOfQuantile } from '../../src/statistics/quantile.ts';
import { interpolationRanks, quantileLevels } from '../../src/statistics/quantile-ranks.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { known, numbersIn } from './samples.ts';
import { seeded } from './series-draws.ts';

function sampleQuantile(sorted: ArrayLike<number>, probability: number): number {
  const { below, above, fraction } = interpolationRanks(sorted.length, probability);
  return sorted[below - 1]! + fraction * (sorted[above - 1]! - sorted[below - 1]!);
}

/** The summary of values given unit by unit; `clustered` false treats every value as a unit. */
function summaryOf(units: readonly (readonly number[])[], probability: number, clustered: boolean): QuantileSummary {
  const sorted = Float64Array.from(units.flat()).sort();
  const n = sorted.length;
  const levels = known(quantileLevels(n, probability));
  const estimate = sampleQuantile(sorted, probability);
  let [s, e, ss, se, ee] = [0, 0, 0, 0, 0];
  for (const values of units) {
    const below = values.filter((value) => value <= estimate).length;
    [s, e] = [s + below, e + values.length];
    [ss, se, ee] = [ss + below ** 2, se + below * values.length, ee + values.length ** 2];
  }
  return {
    probability,
    n,
    estimate,
    lower: sampleQuantile(sorted, levels.lower),
    upper: sampleQuantile(sorted, levels.upper),
    clusters: clustered ? { units: units.length, pivots: [0, 0], sums: [s, e], products: [[ss], [se, ee]] } : null,
  };
}

const p90: QuantileSummary = { probability: 0.9, n: 1000, estimate: 20, lower: 18, upper: 23, clusters: null };

describe('quantileLevels and interpolationRanks', () => {
  test('are 95 % levels about the probability', () => {
    const levels = known(quantileLevels(10_000, 0.5));
    expect(levels.upper - 0.5).toBeCloseTo(1.959963984540054 * 0.005, 15);
    expect(levels.lower + levels.upper).toBeCloseTo(1, 15);
  });

  test.each([
    [0, 0.5, 'NO_UNITS'],
    [3, 0.5, 'TOO_FEW_UNITS'],
    [380, 0.99, 'TOO_FEW_UNITS'],
    [380, 0.01, 'TOO_FEW_UNITS'],
  ] as const)('%d values do not give the quantile at %f', (n, probability, reason) => {
    expect(quantileLevels(n, probability)).toEqual({ ok: false, reason });
    expect(sampleOfQuantile({ ...p90, n, probability })).toEqual({ ok: false, reason });
  });

  test('every level of enough values is between 0 and 1, and its ranks exist', () => {
    const probability = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), probability, (n, p) => {
        const levels = quantileLevels(n, p);
        if (!levels.ok) return;
        for (const level of [levels.lower, levels.upper]) {
          const { below, above, fraction } = interpolationRanks(n, level);
          expect(below).toBeGreaterThanOrEqual(1);
          expect(above).toBeLessThanOrEqual(n);
          expect(above - below).toBeLessThanOrEqual(1);
          expect(fraction).toBeLessThan(1);
        }
      }),
    );
  });

  test('interpolates as numpy.quantile', () => {
    // numpy 2.4.6: numpy.quantile([3, 1, 4, 1, 5, 9, 2, 6], .95)
    expect(sampleQuantile([1, 1, 2, 3, 4, 5, 6, 9], 0.95)).toBeCloseTo(7.95, 12);
  });

  test('zeros that are only counted keep their ranks', () => {
    expect(interpolationRanks(10, 0.9, 4)).toEqual({ below: 5, above: 6, fraction: expect.closeTo(0.1, 12) });
    expect(interpolationRanks(10, 0.2, 4).above).toBeLessThanOrEqual(0);
  });

  test('a probability outside is a bug', () => {
    expect(() => quantileLevels(10, 1)).toThrow(RangeError);
    expect(() => interpolationRanks(10, -0.1)).toThrow(RangeError);
    expect(() => interpolationRanks(0, 0.5)).toThrow(RangeError);
  });
});

describe('sampleOfQuantile', () => {
  test('scales with the values and does not move with them', () => {
    const factor = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(factor, fc.double({ min: -100, max: 100, noNaN: true }), (scale, shift) => {
        const base = known(sampleOfQuantile(p90));
        const move = (x: number) => scale * (x + shift);
        const moved = known(sampleOfQuantile({ ...p90, estimate: move(20), lower: move(18), upper: move(23) }));
        expect(moved.variance / base.variance / scale ** 2).toBeCloseTo(1, 9);
        expect(moved.mean).toBeCloseTo(move(20), 9);
      }),
    );
  });

  test('clusters of one event each are units', () => {
    const { normal } = seeded(3);
    const units = Array.from({ length: 400 }, () => [Math.exp(normal())]);
    const [alone, clustered] = [false, true].map((flag) => known(sampleOfQuantile(summaryOf(units, 0.8, flag))));
    expect(clustered!.n).toBe(400);
    expect(clustered!.variance / alone!.variance).toBeCloseTo(1, 2);
  });

  test('units that repeat their event k times have a design effect of k', () => {
    const { normal } = seeded(8);
    const units = Array.from({ length: 500 }, () => {
      const value = normal();
      return [value, value, value, value];
    });
    expect(known(designEffect(summaryOf(units, 0.5, true))).designEffect).toBeCloseTo(4, 1);
  });

  test('degrees of freedom come from units, in the form of GrowthBook from events', () => {
    const { normal } = seeded(2);
    const units = Array.from({ length: 200 }, () => [normal(), normal(), normal()]);
    const summary = summaryOf(units, 0.5, true);
    const [own, theirs] = [known(sampleOfQuantile(summary)), known(sampleOfQuantile(summary, 'GROWTHBOOK'))];
    expect([own.n, theirs.n]).toEqual([200, 600]);
    expect(own.variance / own.n).toBeCloseTo(theirs.variance / theirs.n, 12);
  });

  test('ties leave no width: refused, where GrowthBook puts in 1e-5', () => {
    const tied = { ...p90, n: 5000, lower: 20, upper: 20 };
    expect(sampleOfQuantile(tied)).toEqual({ ok: false, reason: 'ZERO_VARIANCE' });
    expect(known(sampleOfQuantile(tied, 'GROWTHBOOK')).variance).toBe(1e-5);
    expect(sampleOfQuantile({ ...tied, n: 999 }, 'GROWTHBOOK')).toEqual({ ok: false, reason: 'ZERO_VARIANCE' });
  });

  test('many events of few units are too few values', () => {
    const { normal } = seeded(6);
    const units = Array.from({ length: 30 }, () => {
      const value = normal();
      return Array.from({ length: 50 }, () => value + 1e-3 * normal());
    });
    const summary = summaryOf(units, 0.9, true);
    expect(summary.n).toBe(1500);
    expect(sampleOfQuantile(summary)).toEqual({ ok: false, reason: 'TOO_FEW_UNITS' });
  });

  const noClusters = { units: 0, pivots: [0, 0], sums: [0, 0], products: [[0], [0, 0]] };
  test.each([
    ['no unit', { ...p90, clusters: noClusters }, 'NO_UNITS'],
    ['one unit', { ...p90, clusters: { ...noClusters, units: 1 } }, 'TOO_FEW_UNITS'],
    ['values beyond a double', { ...p90, lower: -1e200, upper: 1e200 }, 'OVERFLOW'],
  ] as const)('%s: refused', (_, summary, reason) => {
    expect(sampleOfQuantile(summary)).toEqual({ ok: false, reason });
  });

  test('bounds in the wrong order are a bug', () => {
    expect(() => sampleOfQuantile({ ...p90, lower: 24 })).toThrow(RangeError);
  });

  test('a median about 1e8 keeps its spread', () => {
    const far = known(sampleOfQuantile({ ...p90, estimate: 1e8, lower: 1e8 - 0.1, upper: 1e8 + 0.1 }));
    expect(far.variance).toBeCloseTo(999 * (0.1 / 1.959963984540054) ** 2, 5);
    expect(numbersIn(known(lift(far, far, { method: 'FIELLER', level: 0.95 }))).every(Number.isFinite)).toBe(true);
  });
});

describe('error rates of quantile tests on simulated data', () => {
  const { normal, uniform } = seeded(20260601);
  const iid = (n: number) => Array.from({ length: n }, () => [Math.exp(normal())]);
  const clustered = (n: number) =>
    Array.from({ length: n }, () => {
      const own = normal();
      return Array.from({ length: 1 + Math.floor(9 * uniform()) }, () => Math.exp(own + normal()));
    });
  const rejections = (units: () => number[][], probability: number, robust: boolean, runs: number) => {
    const arm = () => known(sampleOfQuantile(summaryOf(units(), probability, robust)));
    const wrong = Array.from({ length: runs }, () => known(welchTest(arm(), arm(), { level: 0.95 })).pValue < 0.05);
    return wrong.filter(Boolean).length / runs;
  };

  // CALIBRATION.md asks for [.035, .060] at 10,000 runs; wider here by the Monte Carlo error of 1,500
  test.each([
    ['p50 of 1,000 units', () => iid(1000), 0.5, false],
    ['p90 of 1,000 units', () => iid(1000), 0.9, false],
    ['p90 of the events of 400 units', () => clustered(400), 0.9, true],
  ] as const)('%s', (_, units, probability, robust) => {
    const rate = rejections(units, probability, robust, 1500);
    expect(rate).toBeGreaterThan(0.03);
    expect(rate).toBeLessThan(0.068);
  });

  test('p99 of 1,000 units does not reject too often', () => {
    expect(rejections(() => iid(1000), 0.99, false, 1500)).toBeLessThan(0.063);
  });

  test('events taken for units must fail', () => {
    expect(rejections(() => clustered(400), 0.9, false, 300)).toBeGreaterThan(0.15);
  });
});
