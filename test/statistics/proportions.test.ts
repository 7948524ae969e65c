import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  agrestiCaffoInterval,
  newcombeInterval,
  pooledZTest,
  scoreInterval,
  waldInterval,
  wilsonInterval,
} from '../../src/statistics/proportions.ts';
import { known, numbersIn } from './samples.ts';

const count = fc
  .tuple(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([units, share]) => ({ units, successes: Math.round(units * share) }));
const intervals = { waldInterval, newcombeInterval, agrestiCaffoInterval, scoreInterval };

describe('proportions', () => {
  // Likelihood maximised by golden section in 40 digits (mpmath 1.4.1). statsmodels 0.15.0 differs from the third digit on:
  // its cubic has a wrong coefficient (statsmodels issue 10269).
  test.each([
    [1075, 10050, 1000, 10000, -0.0014682897667168, 0.015403481347233],
    [5, 1000, 0, 1000, 0.0011636801953407, 0.011650955373375],
    [6, 18, 1, 20, 0.041731875684016, 0.52421965430843],
  ])('score interval of %d/%d against %d/%d', (successes, units, successesC, unitsC, lower, upper) => {
    const got = known(scoreInterval({ units: unitsC, successes: successesC }, { units, successes }, 0.95));
    expect(got.lower).toBeCloseTo(lower, 10);
    expect(got.upper).toBeCloseTo(upper, 10);
  });

  test('the score interval excludes 0 exactly when the pooled z test rejects', () => {
    fc.assert(
      fc.property(count, count, (c, t) => {
        const test = pooledZTest(c, t);
        if (!test.ok || Math.abs(test.pValue - 0.05) < 1e-9) return;
        const { lower, upper } = known(scoreInterval(c, t, 0.95));
        expect(lower > 0 || upper < 0).toBe(test.pValue < 0.05);
      }),
    );
  });

  test.each(Object.entries(intervals))('%s turns over when the arms are swapped', (_, interval) => {
    fc.assert(
      fc.property(count, count, (c, t) => {
        const [forth, back] = [known(interval(c, t, 0.9)), known(interval(t, c, 0.9))];
        expect(back.lower).toBeCloseTo(-forth.upper, 10);
        expect(back.upper).toBeCloseTo(-forth.lower, 10);
        expect(numbersIn(forth).every(Number.isFinite)).toBe(true);
      }),
    );
  });

  test('the limits of Wilson, Newcombe and score stay within the range and around the estimate', () => {
    fc.assert(
      fc.property(count, count, (c, t) => {
        const wilson = known(wilsonInterval(c, 0.95));
        const share = c.successes / c.units;
        expect(wilson.lower >= 0 && wilson.lower <= share + 1e-12).toBe(true);
        expect(wilson.upper <= 1 && wilson.upper >= share - 1e-12).toBe(true);
        for (const { lower, upper } of [known(newcombeInterval(c, t, 0.95)), known(scoreInterval(c, t, 0.95))]) {
          expect(lower >= -1 - 1e-12 && upper <= 1 + 1e-12 && lower <= upper).toBe(true);
        }
      }),
    );
  });

  test('no units, no variance and impossible counts', () => {
    const [none, some, all] = [
      { units: 0, successes: 0 },
      { units: 9, successes: 0 },
      { units: 9, successes: 10 },
    ];
    expect(pooledZTest(none, some)).toEqual({ ok: false, reason: 'NO_UNITS' });
    expect(wilsonInterval(none, 0.95)).toEqual({ ok: false, reason: 'NO_UNITS' });
    expect(pooledZTest(some, some)).toEqual({ ok: false, reason: 'ZERO_VARIANCE' });
    expect(() => waldInterval(some, all, 0.95)).toThrow(RangeError);
  });
});
