import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalSf, normalUpperQuantile } from '../../src/statistics/distributions.ts';
import {
  type GroupSequentialDesign,
  groupSequentialBoundaries,
} from '../../src/statistics/group-sequential/boundaries.ts';
import { crossingProbabilities } from '../../src/statistics/group-sequential/crossing-probabilities.ts';
import { groupSequentialLook } from '../../src/statistics/group-sequential/look.ts';
import { repeatedPValue } from '../../src/statistics/group-sequential/repeated-p-value.ts';
import { errorSpent, type Spending } from '../../src/statistics/group-sequential/spending.ts';
import { known, numbersIn } from './samples.ts';

interface Crossing {
  readonly looks: readonly number[];
  readonly z: readonly number[];
}
const golden: {
  readonly crossings: readonly (Crossing & { readonly probabilities: readonly number[] })[];
  readonly two: readonly (Crossing & { readonly probability: number })[];
} = JSON.parse(readFileSync(new URL('./golden/group-sequential.json', import.meta.url), 'utf8'));

const SPENDINGS: readonly Spending[] = [
  { kind: 'OBRIEN_FLEMING' },
  { kind: 'POCOCK' },
  { kind: 'POWER', rho: 1 },
  { kind: 'POWER', rho: 3 },
];
const spendings = fc.constantFrom(...SPENDINGS);
/** Two to six looks, at least 0.02 apart, the last at most at the planned information. */
const looksOf = fc
  .uniqueArray(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 6 })
  .map((fiftieths) => fiftieths.sort((a, b) => a - b).map((t) => t / 50));
const alphas = fc.constantFrom(0.001, 0.01, 0.05, 0.2);
const equal = (k: number) => Array.from({ length: k }, (_, i) => (i + 1) / k);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const zOf = (design: GroupSequentialDesign) => known(groupSequentialBoundaries(design)).looks.map(({ z }) => z!);

describe('errorSpent', () => {
  test('grows with the information, from nothing to all of it', () => {
    fc.assert(
      fc.property(spendings, alphas, fc.double({ min: 1e-6, max: 1, noNaN: true }), (spending, error, t) => {
        const now = errorSpent(spending, error, t);
        expect(now).toBeLessThanOrEqual(error);
        expect(errorSpent(spending, error, t * 0.9)).toBeLessThanOrEqual(now);
        expect(errorSpent(spending, error, 1 + t)).toBe(error);
        expect(errorSpent(spending, error, 1 - 1e-12)).toBeCloseTo(error, 10);
      }),
    );
  });

  test.each([
    ['no information', SPENDINGS[0]!, 0.05, 0],
    ['rho 0', { kind: 'POWER', rho: 0 } as Spending, 0.05, 0.5],
    ['an error of 1', SPENDINGS[1]!, 1, 0.5],
  ])('%s is a bug', (_, spending, error, t) => {
    expect(() => errorSpent(spending, error, t)).toThrow(RangeError);
  });
});

describe('crossingProbabilities', () => {
  test.each(golden.crossings)(
    'agree with a dense integration by numpy to 1e-12 (z $z)',
    ({ looks, z, probabilities }) => {
      const got = known(crossingProbabilities(looks, z)).probabilities;
      got.forEach((p, k) => {
        expect(Math.abs(p - probabilities[k]!)).toBeLessThan(1e-12);
      });
    },
  );

  test.each(golden.two)('agree with mpmath at two looks (z $z)', ({ looks, z, probability }) => {
    const got = known(crossingProbabilities(looks, z)).probabilities[1]!;
    expect(Math.abs(got / probability - 1)).toBeLessThan(1e-11);
  });

  test.each([
    ['Pocock, Jennison & Turnbull 2000, table 2.1', equal(5).map(() => 2.413)],
    ["O'Brien & Fleming, table 2.3", equal(5).map((t) => 2.04 / Math.sqrt(t))],
  ])('the constants for five looks at 5 %% two-sided are those published (%s)', (_, z) => {
    expect(sum(known(crossingProbabilities(equal(5), z)).probabilities)).toBeCloseTo(0.025, 4);
  });

  test('the power of a fixed-horizon test is found at one look', () => {
    const drift = normalUpperQuantile(0.025) + normalUpperQuantile(0.2);
    expect(known(crossingProbabilities([1], [normalUpperQuantile(0.025) - drift])).probabilities[0]).toBeCloseTo(
      0.8,
      12,
    );
  });

  test('boundaries in the wrong number are a bug', () => {
    expect(() => crossingProbabilities([0.5, 1], [2])).toThrow(RangeError);
  });
});

describe('groupSequentialBoundaries', () => {
  test('spend, look by look, what the spending function allows', () => {
    fc.assert(
      fc.property(spendings, looksOf, alphas, (spending, looks, alpha) => {
        const design = { alpha, spending, looks };
        const { probabilities } = known(crossingProbabilities(looks, zOf(design)));
        probabilities.forEach((_, k) => {
          const spent = sum(probabilities.slice(0, k + 1));
          expect(Math.abs(spent - errorSpent(spending, alpha / 2, looks[k]!))).toBeLessThan(1e-12);
        });
        expect(known(groupSequentialBoundaries(design)).looks.at(-1)!.spent).toBeCloseTo(2 * sum(probabilities), 12);
      }),
      { numRuns: 40 },
    );
  });

  test('look no further than now, and scale with all the information alike', () => {
    const spending: Spending = { kind: 'OBRIEN_FLEMING' };
    const planned = zOf({ alpha: 0.05, spending, looks: [0.2, 0.5, 0.8, 1] });
    expect(zOf({ alpha: 0.05, spending, looks: [0.2, 0.5, 0.6] }).slice(0, 2)).toEqual(planned.slice(0, 2));
  });

  test('one look is the fixed-horizon test, whatever the spending', () => {
    for (const spending of SPENDINGS) {
      expect(zOf({ alpha: 0.05, spending, looks: [1] })[0]).toBeCloseTo(1.959963984540054, 13);
      expect(zOf({ alpha: 0.05, spending, looks: [1], alternative: 'less' })[0]).toBeCloseTo(1.6448536269514722, 13);
    }
  });

  test('one side at alpha has the boundary of two sides at twice alpha', () => {
    fc.assert(
      fc.property(spendings, looksOf, (spending, looks) => {
        const one = zOf({ alpha: 0.025, spending, looks, alternative: 'greater' });
        expect(zOf({ alpha: 0.05, spending, looks })).toEqual(one);
      }),
      { numRuns: 20 },
    );
  });

  test('are lower for a greater alpha and never below the fixed-horizon z at the end', () => {
    fc.assert(
      fc.property(spendings, looksOf, (spending, looks) => {
        const [strict, lax] = [zOf({ alpha: 0.01, spending, looks }), zOf({ alpha: 0.05, spending, looks })];
        strict.forEach((z, k) => {
          expect(z).toBeGreaterThan(lax[k]!);
        });
        expect(lax.at(-1)).toBeGreaterThan(1.95996398);
      }),
      { numRuns: 20 },
    );
  });

  test('a look that may spend nothing stops nothing, and changes no later boundary', () => {
    const spending: Spending = { kind: 'OBRIEN_FLEMING' };
    const { looks } = known(groupSequentialBoundaries({ alpha: 0.05, spending, looks: [0.001, 0.5, 1] }));
    expect(looks[0]).toEqual({ information: 0.001, z: null, spent: 0, adjustedAlpha: 0 });
    expect(looks.slice(1).map(({ z }) => z)).toEqual(zOf({ alpha: 0.05, spending, looks: [0.5, 1] }));
  });

  test('more information than planned at the last look lowers its correlation, and all the error is spent', () => {
    const spending: Spending = { kind: 'POCOCK' };
    const [planned, over] = [0.5, 0.5].map((t, i) => zOf({ alpha: 0.05, spending, looks: [t, 1 + i / 2] })[1]!);
    expect(over).toBeGreaterThan(planned!);
    const { looks } = known(groupSequentialBoundaries({ alpha: 0.05, spending, looks: [0.5, 1.5] }));
    expect(looks[1]!.spent).toBe(0.05);
  });

  test.each([
    ['none', []],
    ['at no information', [0, 1]],
    ['negative', [-0.1, 1]],
    ['descending', [0.5, 0.4, 1]],
    ['twice the same', [0.5, 0.5, 1]],
    ['too close to tell apart', [0.5, 0.5 + 1e-8, 1]],
    ['after the end', [0.5, 1, 1.2]],
    ['not a number', [0.5, Number.NaN]],
    ['infinite', [0.5, Number.POSITIVE_INFINITY]],
  ])('looks %s are refused', (_, looks) => {
    const refused = { ok: false, reason: 'NOT_APPLICABLE' };
    const spending: Spending = { kind: 'POCOCK' };
    expect(groupSequentialBoundaries({ alpha: 0.05, spending, looks })).toEqual(refused);
    expect(repeatedPValue({ spending, looks }, 2)).toEqual(refused);
    expect(
      crossingProbabilities(
        looks,
        looks.map(() => 2),
      ),
    ).toEqual(refused);
    const effect = { look: 1, estimate: 1, standardError: 1 };
    expect(groupSequentialLook({ alpha: 0.05, spending, looks }, effect)).toEqual(refused);
  });

  test.each([
    [equal(5), SPENDINGS[0]!],
    [[0.05, 0.1, 0.25, 0.3, 0.31, 0.5, 0.7, 0.75, 0.9, 1], SPENDINGS[3]!],
  ])('200,000 simulated tests with looks at %j reject 5 %% (the target of CALIBRATION.md)', (looks, spending) => {
    const boundary = zOf({ alpha: 0.05, spending, looks });
    let seed = 20260601;
    const uniform = () => {
      seed = (Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
      let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
    };
    const roots = looks.map((t, k) => [Math.sqrt(t - (looks[k - 1] ?? 0)), Math.sqrt(t)] as const);
    let rejected = 0;
    for (let path = 0; path < 200_000; path++) {
      let score = 0;
      for (const [k, [step, root]] of roots.entries()) {
        score += step * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
        if (Math.abs(score) < boundary[k]! * root) continue;
        rejected++;
        break;
      }
    }
    expect(rejected / 200_000).toBeGreaterThan(0.0487);
    expect(rejected / 200_000).toBeLessThan(0.0513);
  });
});

describe('repeatedPValue', () => {
  const statistics = fc.double({ min: -8, max: 8, noNaN: true });
  const alternatives = fc.constantFrom('two-sided', 'greater', 'less');

  test('of a statistic on the boundary is alpha', () => {
    fc.assert(
      fc.property(spendings, looksOf, alphas, (spending, looks, alpha) => {
        const z = zOf({ alpha, spending, looks }).at(-1)!;
        expect(known(repeatedPValue({ spending, looks }, -z)).pValue / alpha).toBeCloseTo(1, 9);
      }),
      { numRuns: 30 },
    );
  });

  test('at one look is the fixed-horizon p-value, and never below it later', () => {
    fc.assert(
      fc.property(spendings, looksOf, statistics, alternatives, (spending, looks, z, alternative) => {
        const fixed = known(repeatedPValue({ spending, looks: [1], alternative }, z)).pValue;
        const repeated = known(repeatedPValue({ spending, looks, alternative }, z)).pValue;
        expect(repeated).toBeGreaterThanOrEqual(fixed * (1 - 1e-9));
        expect(repeated).toBeLessThanOrEqual(1);
      }),
      { numRuns: 40 },
    );
    expect(known(repeatedPValue({ spending: SPENDINGS[0]!, looks: [1] }, 1.959963984540054)).pValue).toBeCloseTo(
      0.05,
      12,
    );
  });

  test.each([
    [0.001, 5],
    [0.001, 30],
    [0.02, 4],
    [0.5, 2.5],
    [0.9, 6],
  ])('at the first look inverts the spending function (t %d, z %d)', (t, z) => {
    // 2·P(Z > z_(e/2)/√t) = P(Z > z) for the error e of a side
    const error = 2 * normalSf(Math.sqrt(t) * normalUpperQuantile(normalSf(z) / 2));
    const { pValue } = known(repeatedPValue({ spending: { kind: 'OBRIEN_FLEMING' }, looks: [t] }, z));
    expect(pValue / Math.min(1, 2 * error)).toBeCloseTo(1, 9);
  });

  test('falls as the statistic grows', () => {
    const at = (z: number) => known(repeatedPValue({ spending: SPENDINGS[1]!, looks: [0.3, 0.6, 1] }, z)).pValue;
    const p = [0, 0.5, 1, 2, 3, 5, 8, 20, 36].map(at);
    expect(p[0]).toBe(1);
    p.slice(1).forEach((value, i) => {
      expect(value).toBeLessThan(p[i]!);
      expect(value).toBeGreaterThan(0);
    });
    expect(at(1000)).toBeGreaterThan(0); // an upper bound
  });
});

describe('groupSequentialLook', () => {
  const design: GroupSequentialDesign = { alpha: 0.05, spending: SPENDINGS[0]!, looks: equal(5) };
  const effect = { look: 3, estimate: 2.7, standardError: 1 };

  test('gives the boundary, the interval and the p-value of its look', () => {
    const look = known(groupSequentialLook(design, effect));
    expect(look.boundary.z).toBeCloseTo(2.68028006, 7);
    expect(look.interval.lower).toBeCloseTo(2.7 - 2.68028006, 7);
    expect(look.interval.upper).toBeCloseTo(2.7 + 2.68028006, 7);
    expect(look.interval.level).toBe(0.95);
    expect(look.crossed).toBe(true);
    expect(look.pValue).toBeLessThan(0.05);
    expect(look.boundary.adjustedAlpha).toBeCloseTo(0.007356, 6);
  });

  test('crosses exactly when p is at most alpha and the interval leaves out 0', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -4, max: 4, noNaN: true }),
        fc.integer({ min: 1, max: 5 }),
        fc.constantFrom('two-sided', 'greater', 'less'),
        (estimate, look, alternative) => {
          const result = known(groupSequentialLook({ ...design, alternative }, { look, estimate, standardError: 1 }));
          if (Math.abs(result.pValue / 0.05 - 1) < 1e-8) return;
          const { lower, upper } = result.interval;
          expect(result.crossed).toBe(result.pValue < 0.05);
          expect(result.crossed).toBe((lower !== null && lower > 0) || (upper !== null && upper < 0));
        },
      ),
      { numRuns: 40 },
    );
  });

  test('swapping the arms turns the interval, a change of unit scales it', () => {
    const look = known(groupSequentialLook(design, effect));
    const swapped = known(groupSequentialLook(design, { ...effect, estimate: -effect.estimate }));
    expect([swapped.interval.lower, swapped.interval.upper]).toEqual([-look.interval.upper!, -look.interval.lower!]);
    expect(swapped.pValue).toBe(look.pValue);
    const cents = known(groupSequentialLook(design, { look: 3, estimate: 270, standardError: 100 }));
    expect(cents.interval.upper! / 100).toBeCloseTo(look.interval.upper!, 12);
    expect(cents.pValue).toBeCloseTo(look.pValue, 12);
  });

  test('where nothing is spent yet, nothing crosses and the interval is open', () => {
    const early = { ...design, looks: [0.001, 1] };
    const look = known(groupSequentialLook(early, { look: 1, estimate: 30, standardError: 1 }));
    expect(look).toMatchObject({ crossed: false, interval: { lower: null, upper: null, level: 0.95 } });
    expect(look.pValue).toBeGreaterThan(0.05);
  });

  test.each([
    [{ look: 0 }, 'NOT_APPLICABLE'],
    [{ look: 6 }, 'NOT_APPLICABLE'],
    [{ look: 2.5 }, 'NOT_APPLICABLE'],
    [{ standardError: 0 }, 'ZERO_VARIANCE'],
    [{ estimate: 1e300, standardError: 1e-300 }, 'OVERFLOW'],
    [{ estimate: 1e308, standardError: 1e308 }, 'OVERFLOW'],
  ])('%o is refused', (change, reason) => {
    expect(groupSequentialLook(design, { ...effect, ...change })).toEqual({ ok: false, reason });
  });

  test('no number that is not finite comes out', () => {
    const look = known(groupSequentialLook(design, { look: 1, estimate: 1e-300, standardError: 1e-290 }));
    expect(numbersIn(look).every(Number.isFinite)).toBe(true);
  });
});
