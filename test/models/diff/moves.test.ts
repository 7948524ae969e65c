import { describe, expect, test } from 'vitest';
import type { EvaluatedExperiment, EvaluatedResult } from '../../../src/models/diff/evaluated.ts';
import { movesOf } from '../../../src/models/diff/moves.ts';

const RESULT: EvaluatedResult = {
  ...{ metric: 'revenue', version: 1, role: 'GOAL', control: 'a', treatment: 'b', outcome: 'BETTER', unknown: null },
  numbers: {
    ...{ control_units: 1000, treatment_units: 1010, control_mean: 1000, treatment_mean: 1000.0001 },
    ...{ difference: 1e-4, difference_lower: -1e-3, difference_upper: 1e-3 },
    ...{ lift: 1e-7, lift_lower: -1e-6, lift_upper: 1e-6, p_value: 1e-12, adjusted_p_value: 0.5 },
  },
};

const under = (result: EvaluatedResult, verdict = 'SHIP'): EvaluatedExperiment => ({
  ok: true,
  results: [result],
  verdicts: [{ treatment: 'b', verdict, reasons: [] }],
});

const moves = (changed: Partial<EvaluatedResult['numbers']>, rest: Partial<EvaluatedResult> = {}) =>
  movesOf([
    {
      experiment: 'x',
      base: under(RESULT),
      head: under({ ...RESULT, ...rest, numbers: { ...RESULT.numbers, ...changed } }),
    },
  ]).results.length;

describe('a result', () => {
  // 1e-9 of what a number is made from: the means for their difference, 1 for lifts and p-values.
  test.each<[string, number, Parameters<typeof moves>]>([
    ['is the same', 0, [{}]],
    ['is rounded otherwise: means', 0, [{ control_mean: 1000 * (1 + 9e-10) }]],
    ['moves: means', 1, [{ control_mean: 1000 * (1 + 1.1e-9) }]],
    ['is rounded otherwise: a difference of means that nearly cancel', 0, [{ difference: 1e-4 + 9e-7 }]],
    ['moves: a difference', 1, [{ difference: 1e-4 + 1.1e-6 }]],
    ['is rounded otherwise: p', 0, [{ p_value: 9e-10 }]],
    ['moves: p', 1, [{ p_value: 2e-9 }]],
    ['moves: a unit more', 1, [{ control_units: 1001 }]],
    ['is not known any more', 1, [{ p_value: null }]],
    ['has another outcome', 1, [{}, { outcome: 'INCONCLUSIVE' }]],
    ['has another control', 1, [{}, { control: 'c' }]],
  ])('%s', (_, expected, change) => {
    expect(moves(...change)).toBe(expected);
  });
});

describe('an experiment', () => {
  test('that cannot be told on one side has a fault, and neither flips nor moves', () => {
    const pair = { experiment: 'x', base: under(RESULT), head: { ok: false, fault: 'No version.' } as const };
    expect(movesOf([pair])).toEqual({
      decisions: [],
      results: [],
      faults: [{ experiment: 'x', side: 'HEAD', message: 'No version.' }],
    });
  });

  test('that is not in one of the catalogs has no old or no new verdict', () => {
    const found = movesOf([
      { experiment: 'new', base: null, head: under(RESULT) },
      { experiment: 'gone', base: under(RESULT), head: null },
    ]);
    expect(found.decisions).toMatchObject([
      { experiment: 'new', before: null, after: 'SHIP' },
      { experiment: 'gone', before: 'SHIP', after: null },
    ]);
    expect(found.results).toMatchObject([{ before: null }, { after: null }]);
  });
});
