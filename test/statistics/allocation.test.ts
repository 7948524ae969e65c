import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleOfClusters } from '../../src/statistics/clusters.ts';
import { chi2Sf } from '../../src/statistics/distributions.ts';
import { sampleOfMean, sampleOfRatio } from '../../src/statistics/samples.ts';
import { sampleRatioTest } from '../../src/statistics/srm.ts';
import { sequentialSampleRatioTest } from '../../src/statistics/srm-sequential.ts';
import { allocationHomogeneity, stratifiedSampleRatioTest } from '../../src/statistics/srm-strata.ts';
import { welchTest } from '../../src/statistics/welch.ts';

/** Mulberry32: uniform in [0, 1). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const two = (control: number, treatment: number, weight = 0.5) => [
  { observed: control, weight: 1 - weight },
  { observed: treatment, weight },
];

/** n units fall into two arms. */
function draw(next: () => number, n: number, weight: number) {
  let treatment = 0;
  for (let i = 0; i < n; i++) if (next() < weight) treatment += 1;
  return two(n - treatment, treatment, weight);
}

describe('the allocation of several phases', () => {
  test('one phase is the plain test, and two with the same weights are one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(5000), { minLength: 3, maxLength: 3 }),
        fc.array(fc.nat(5000), { minLength: 3, maxLength: 3 }),
        (a, b) => {
          const weights = [0.5, 0.3, 0.2];
          const arms = (counts: readonly number[]) =>
            counts.map((observed, i) => ({ observed: observed + 1, weight: weights[i]! }));
          const sum = arms(a).map((arm, i) => ({ ...arm, observed: arm.observed + arms(b)[i]!.observed }));
          const plain = sampleRatioTest(sum);
          const split = stratifiedSampleRatioTest([arms(a), arms(b)]);
          if (!plain.ok || !split.ok) throw new Error('not computable');
          expect(split.degreesOfFreedom).toBe(2);
          expect(Math.abs(split.chiSquare - plain.chiSquare)).toBeLessThanOrEqual(1e-8 * Math.max(1, plain.chiSquare));
        },
      ),
    );
  });

  test('two arms by hand: (Σ(O − E))² over the sum of the variances', () => {
    const test = stratifiedSampleRatioTest([two(900, 80, 0.1), two(480, 530)]);
    if (!test.ok) throw new Error(test.reason);
    const gap = 80 - 98 + (530 - 505);
    expect(test.chiSquare).toBeCloseTo(gap ** 2 / (980 * 0.09 + 1010 * 0.25), 10);
    expect(test.pValue).toBeCloseTo(chi2Sf(test.chiSquare, 1), 12);
    expect(test.expected).toEqual([882 + 505, 98 + 505]);
  });

  test('an arm that joins later counts from then on', () => {
    const later = [
      { observed: 300, weight: 0.5 },
      { observed: 310, weight: 0.5 },
      { observed: 0, weight: 0 },
    ];
    const all = [200, 190, 205].map((observed) => ({ observed, weight: 1 / 3 }));
    const test = stratifiedSampleRatioTest([later, all]);
    expect(test.ok && test.degreesOfFreedom).toBe(2);
    expect(stratifiedSampleRatioTest([later, later])).toMatchObject({ ok: true, degreesOfFreedom: 1 });
    expect(stratifiedSampleRatioTest([later, later.map((arm) => ({ ...arm, observed: 3 }))])).toMatchObject({
      ok: false,
    });
  });

  test('rejects as often as it says, ramp or not', () => {
    const next = random(7);
    const runs = 2000;
    let rejected = 0;
    for (let i = 0; i < runs; i++) {
      const test = stratifiedSampleRatioTest([draw(next, 300, 0.1), draw(next, 400, 0.5)]);
      if (test.ok && test.pValue < 0.05) rejected += 1;
    }
    // Four standard errors about 5 %.
    expect(Math.abs(rejected / runs - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / runs));
  });
});

describe('changes of the allocation', () => {
  test('fires as often as it says where nothing changed, or only as declared', () => {
    const next = random(11);
    const runs = 1500;
    const rejected = { same: 0, ramped: 0 };
    for (let i = 0; i < runs; i++) {
      const days = (weights: readonly number[]) =>
        allocationHomogeneity(weights.map((weight) => [draw(next, 40 + Math.floor(next() * 80), weight)]));
      const same = days(Array.from({ length: 14 }, () => 0.5));
      const ramped = days(Array.from({ length: 14 }, (_, day) => (day < 5 ? 0.2 : 0.5)));
      if (same.ok && same.pValue < 0.05) rejected.same += 1;
      if (ramped.ok && ramped.pValue < 0.05) rejected.ramped += 1;
    }
    const error = Math.sqrt((0.05 * 0.95) / runs);
    expect(Math.abs(rejected.same / runs - 0.05)).toBeLessThan(4 * error);
    expect(Math.abs(rejected.ramped / runs - 0.05)).toBeLessThan(4 * error);
  });

  test('an undeclared change fires, and its day is told; a mismatch that is always there does not', () => {
    const next = random(13);
    const changed = allocationHomogeneity(
      Array.from({ length: 10 }, (_, day) => [two(...counts(next, 500, day === 6 ? 0.25 : 0.5))]),
    );
    expect(changed).toMatchObject({ ok: true, worst: 6 });
    expect(changed.ok && changed.pValue).toBeLessThan(1e-6);
    const constant = allocationHomogeneity(Array.from({ length: 10 }, () => [two(...counts(next, 2000, 0.42))]));
    expect(constant.ok && constant.pValue).toBeGreaterThan(0.01);
  });

  test('days with few units are put together; without two of them it is not known', () => {
    expect(allocationHomogeneity([[two(2, 3)], [two(4, 1)]])).toEqual({ ok: false, reason: 'TOO_FEW_POINTS' });
    expect(allocationHomogeneity([])).toEqual({ ok: false, reason: 'TOO_FEW_POINTS' });
    expect(allocationHomogeneity([[two(20, 20)], [two(1, 0)], [two(10, 9)], [two(0, 1)]])).toMatchObject({
      ok: true,
      degreesOfFreedom: 1,
    });
  });
});

const counts = (next: () => number, n: number, weight: number): [number, number] => {
  const [control, treatment] = draw(next, n, weight);
  return [control!.observed, treatment!.observed];
};

describe('looking at the allocation repeatedly', () => {
  test('alarms at any of many looks no more often than it says', () => {
    const next = random(17);
    const runs = 1000;
    let [sequential, fixed] = [0, 0];
    for (let i = 0; i < runs; i++) {
      let [control, treatment] = [0, 0];
      let [seen, naive] = [false, false];
      for (let look = 0; look < 100; look++) {
        const [c, t] = counts(next, 40, 0.5);
        control += c;
        treatment += t;
        const test = sequentialSampleRatioTest([two(control, treatment)], { concentration: 100 });
        const once = sampleRatioTest(two(control, treatment));
        seen ||= test.ok && test.pValue < 0.05;
        naive ||= once.ok && once.pValue < 0.05;
      }
      if (seen) sequential += 1;
      if (naive) fixed += 1;
    }
    expect(sequential / runs).toBeLessThanOrEqual(0.05);
    expect(sequential / runs).toBeGreaterThan(0.005);
    expect(fixed / runs).toBeGreaterThan(0.25);
  });

  test('by hand: the Beta function of two arms', () => {
    // B(1 + 7, 1 + 3)/B(1, 1) = 7!·3!/11! = 1/1320; over 2^−10.
    const test = sequentialSampleRatioTest([two(7, 3)], { concentration: 2 });
    expect(test.ok && test.logBayesFactor).toBeCloseTo(Math.log(1024 / 1320), 10);
    expect(test.ok && test.pValue).toBe(1);
  });

  test('a mismatch is found, and phases multiply', () => {
    const one = sequentialSampleRatioTest([two(10_800, 10_000)]);
    expect(one.ok && one.pValue).toBeLessThan(0.001);
    const both = sequentialSampleRatioTest([two(10_800, 10_000), two(9000, 1000, 0.1)]);
    const other = sequentialSampleRatioTest([two(9000, 1000, 0.1)]);
    if (!one.ok || !both.ok || !other.ok) throw new Error('not computable');
    expect(both.logBayesFactor).toBeCloseTo(one.logBayesFactor + other.logBayesFactor, 8);
    expect(sequentialSampleRatioTest([two(0, 0)])).toEqual({ ok: false, reason: 'NO_UNITS' });
  });
});

/** Moments of rows about pivots. */
function momentsOf(rows: readonly (readonly number[])[], pivots: readonly number[]) {
  const shifted = rows.map((row) => row.map((value, i) => value - pivots[i]!));
  const sum = (of: (row: readonly number[]) => number) => shifted.reduce((total, row) => total + of(row), 0);
  return {
    units: rows.length,
    pivots,
    sums: pivots.map((_, i) => sum((row) => row[i]!)),
    products: pivots.map((_, i) => pivots.slice(0, i + 1).map((__, j) => sum((row) => row[i]! * row[j]!))),
  };
}

describe('clusters', () => {
  const values = fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 9 })), {
    minLength: 3,
    maxLength: 40,
  });

  test('one unit a cluster is the analysis of units', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: -3, max: 3 }), (rows, pivot) => {
        const pivots = [pivot, 2 * pivot];
        const clusters = momentsOf(
          rows.map(([a, b]) => [a - pivots[0]!, b - pivots[1]!, 1]),
          [0, 0, 0],
        );
        const mean = sampleOfClusters(
          {
            ...clusters,
            sums: [clusters.sums[0]!, clusters.sums[2]!],
            pivots: [0, 0],
            products: [[clusters.products[0]![0]!], [clusters.products[2]![0]!, clusters.products[2]![2]!]],
          },
          { type: 'MEAN', pivots },
        );
        const ratio = sampleOfClusters(clusters, { type: 'RATIO', pivots });
        for (const [got, expected] of [
          [mean, sampleOfMean(momentsOf(rows, [0, 0]))],
          [ratio, sampleOfRatio(momentsOf(rows, [0, 0]))],
        ] as const) {
          if (!got.ok || !expected.ok) throw new Error('not computable');
          expect(got.n).toBe(expected.n);
          expect(got.mean).toBeCloseTo(expected.mean, 9);
          expect(Math.abs(got.variance - expected.variance)).toBeLessThanOrEqual(1e-8 * Math.max(1, expected.variance));
        }
      }),
    );
  });

  test('A/A of clusters: the variance of units rejects far too often, that of clusters as it says', () => {
    const next = random(23);
    const runs = 600;
    const rejected = { units: 0, clusters: 0 };
    for (let i = 0; i < runs; i++) {
      const arm = () => {
        const sizes = Array.from({ length: 60 }, () => 1 + Math.floor(next() * 12));
        const clusters = sizes.map((size) => {
          const level = next() + next() + next();
          return Array.from({ length: size }, () => level + next());
        });
        const sum = (own: readonly number[]) => own.reduce((total, value) => total + value, 0);
        return {
          units: sampleOfMean(
            momentsOf(
              clusters.flat().map((value) => [value]),
              [0],
            ),
          ),
          clusters: sampleOfClusters(
            momentsOf(
              clusters.map((own) => [sum(own), own.length]),
              [0, 0],
            ),
            { type: 'MEAN', pivots: [0] },
          ),
        };
      };
      const [a, b] = [arm(), arm()];
      for (const kind of ['units', 'clusters'] as const) {
        const [x, y] = [a[kind], b[kind]];
        if (!x.ok || !y.ok) throw new Error('not computable');
        const test = welchTest(x, y, { level: 0.95 });
        if (test.ok && test.pValue < 0.05) rejected[kind] += 1;
      }
    }
    expect(rejected.units / runs).toBeGreaterThan(0.2);
    expect(Math.abs(rejected.clusters / runs - 0.05)).toBeLessThan(4 * Math.sqrt((0.05 * 0.95) / runs));
  });
});
