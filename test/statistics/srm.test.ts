import { describe, expect, test } from 'vitest';
import { sampleRatioTest } from '../../src/statistics/srm.ts';
import { known } from './samples.ts';

const arms = (counts: readonly number[], weights: readonly number[]) =>
  counts.map((observed, i) => ({ observed, weight: weights[i]! }));

describe('sampleRatioTest', () => {
  test.each([
    ['zero', 0],
    ['negative', -1],
    ['infinite', Number.POSITIVE_INFINITY],
    ['absent', Number.NaN],
  ])('a weight that is %s is refused', (_, weight) => {
    expect(sampleRatioTest(arms([10, 10], [1, weight]))).toEqual({ ok: false, reason: 'NOT_APPLICABLE' });
  });

  test('no units are not a perfect fit', () => {
    expect(sampleRatioTest(arms([0, 0], [1, 1]))).toEqual({ ok: false, reason: 'NO_UNITS' });
    expect(sampleRatioTest(arms([5], [1]))).toEqual({ ok: false, reason: 'NOT_APPLICABLE' });
  });

  test('only the proportions of the weights count', () => {
    const [a, b] = [
      [50, 30, 20],
      [0.5, 0.3, 0.2],
    ].map((weights) => known(sampleRatioTest(arms([510, 290, 205], weights))));
    expect(a!.pValue).toBeCloseTo(b!.pValue, 12);
    expect(a).toMatchObject({ degreesOfFreedom: 2 });
    expect(a!.expected[0]).toBeCloseTo(502.5, 9);
  });

  test('a p-value below 1e-16 is not 0', () => {
    const { pValue } = known(sampleRatioTest(arms([1_000_000_000, 1_001_000_000], [0.5, 0.5])));
    expect(Math.abs(pValue / 1.0773035528371795e-110 - 1)).toBeLessThan(1e-8);
  });
});
