import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { P_VALUE_CORRECTIONS } from '../../src/core/vocabulary.ts';
import { adjustPValues } from '../../src/statistics/multiple-testing.ts';

const pValue = fc.double({ min: 0, max: 1, noNaN: true });
const family = fc.array(pValue, { maxLength: 30 });

describe('adjustPValues', () => {
  test.each(P_VALUE_CORRECTIONS)(
    '%s never lowers a p-value, stays at most 1 and keeps the order of the evidence',
    (correction) => {
      fc.assert(
        fc.property(family, (ps) => {
          const adjusted = adjustPValues(ps, correction) as number[]; // no nulls in, none out
          for (const [i, p] of ps.entries()) {
            expect(adjusted[i]).toBeGreaterThanOrEqual(p * (1 - 1e-12));
            expect(adjusted[i]).toBeLessThanOrEqual(1);
            for (const [j, q] of ps.entries())
              if (p < q) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j]! * (1 + 1e-12));
          }
        }),
      );
    },
  );

  test.each(P_VALUE_CORRECTIONS)('%s leaves nulls out of the family', (correction) => {
    fc.assert(
      fc.property(fc.array(fc.option(pValue), { maxLength: 20 }), (ps) => {
        const adjusted = adjustPValues(ps, correction);
        expect(adjusted.map((p) => p === null)).toEqual(ps.map((p) => p === null));
        const known = ps.filter((p) => p !== null);
        expect(adjusted.filter((p) => p !== null)).toEqual(adjustPValues(known, correction));
      }),
    );
  });

  test.each(P_VALUE_CORRECTIONS)('%s gives each p-value its own, whatever the order', (correction) => {
    fc.assert(
      fc.property(fc.uniqueArray(pValue, { maxLength: 12 }), (ps) => {
        const forth = adjustPValues(ps, correction);
        expect(adjustPValues(ps.toReversed(), correction).toReversed()).toEqual(forth);
      }),
    );
  });

  test('Holm is between none and Bonferroni, Hochberg at most Holm, Benjamini–Hochberg at most Hochberg', () => {
    fc.assert(
      fc.property(family, (ps) => {
        const by = (correction: (typeof P_VALUE_CORRECTIONS)[number]) => adjustPValues(ps, correction) as number[]; // no nulls in
        const chain = [ps, by('BENJAMINI_HOCHBERG'), by('HOCHBERG'), by('HOLM'), by('BONFERRONI')];
        for (const i of ps.keys()) {
          for (let k = 1; k < chain.length; k++)
            expect(chain[k - 1]![i]).toBeLessThanOrEqual(chain[k]![i]! * (1 + 1e-12));
        }
      }),
    );
  });

  test('Šidák keeps the digits of a tiny p-value', () => {
    expect(adjustPValues([1e-300, 0.5], 'SIDAK')).toEqual([2e-300, 0.75]);
  });

  test('an empty family, and one of unknowns only', () => {
    expect(adjustPValues([], 'HOLM')).toEqual([]);
    expect(adjustPValues([null, null], 'BENJAMINI_YEKUTIELI')).toEqual([null, null]);
  });

  test.each([-0.1, 1.1, Number.NaN])('a p-value of %d is a bug', (p) => {
    expect(() => adjustPValues([p], 'HOLM')).toThrow(RangeError);
  });
});
