import { describe, expect, test } from 'vitest';
import { samplesOf } from '../../src/experiment/arms.ts';
import { compare, differenceOf, headlineP, liftOf, uncappedOf } from '../../src/experiment/comparison.ts';
import { estimandOf } from '../../src/experiment/estimand.ts';
import { flagsOf } from '../../src/experiment/flags.ts';
import { immatureOf } from '../../src/experiment/immature.ts';
import { outcomeOf } from '../../src/experiment/outcome.ts';
import type { ResultFilter } from '../../src/experiment/result-row.ts';
import type { Cap } from '../../src/metric-types/metric-type.ts';
import { type ArmSketch, arm, kept, type MetricSketch, type WorldOptions } from './sketch.ts';
import { line, world } from './world.ts';

const two = (control: ArmSketch, treatment: ArmSketch) => ({ control, treatment });
const comparisonOf = async (arms: Record<string, ArmSketch>, input = {}, sketch: Partial<MetricSketch> = {}) => {
  const one = world({ m: { arms, ...sketch } });
  return compare(one.session, await line(one, 'm', input));
};

describe('a lift', () => {
  test.each<[string, ArmSketch, ArmSketch, number | null, string | null]>([
    ['of means of one sign', arm(10), arm(11), 0.1, null],
    ['of two negative means', arm(-10), arm(-11), 0.1, null],
    ['over a zero mean', arm(0), arm(1), null, 'ZERO_BASELINE'],
    ['to a zero mean', arm(10), arm(0), null, 'NOT_APPLICABLE'],
    ['of means of different sign', arm(10), arm(-1), null, 'NOT_APPLICABLE'],
    ['over a mean that may be zero', arm(0.02), arm(1), 49, 'UNBOUNDED'],
    ['without variance', arm(10, 0), arm(11, 0), 0.1, 'ZERO_VARIANCE'],
    ['of one unit each', arm(10, 1, 1), arm(11, 1, 1), null, 'TOO_FEW_UNITS'],
    ['without units', arm(10, 1, 0), arm(11), null, 'NO_UNITS'],
  ])('%s', async (_, control, treatment, value, unknown) => {
    const lift = liftOf(await comparisonOf(two(control, treatment)));
    expect(lift.unknown).toBe(unknown);
    if (value === null) expect(lift).toMatchObject({ value: null, interval: null, pValue: null, standardError: null });
    else expect(lift.value).toBeCloseTo(value, 12);
    if (unknown !== null) expect(lift.interval).toBeNull();
  });

  test('agrees with the test of the difference, whatever its size (Fieller)', async () => {
    for (const change of [0.05, 0.0619, 0.063, 0.1]) {
      const comparison = await comparisonOf(two(arm(10), arm(10 + change)));
      expect(liftOf(comparison).interval!.lower! > 0).toBe(headlineP(comparison)! < 0.05);
    }
  });

  test('under an always-valid analysis excludes 0 exactly when the difference does', async () => {
    for (const change of [0.05, 0.1, 0.11, 0.2]) {
      const comparison = await comparisonOf(two(arm(10), arm(10 + change)), { sequential: 'ASYMPTOTIC' });
      expect(liftOf(comparison).interval!.lower! > 0).toBe(differenceOf(comparison).interval!.lower! > 0);
    }
  });
});

describe('a cap', () => {
  const cap: Cap = { lower: null, upper: { kind: 'percentile', percentile: 0.99 }, zeros: 'exclude', sides: 'both' };
  const capped = (lower: number | null, upper: number | null, minimum: number | null, maximum: number | null) => ({
    ...arm(1, 0),
    capping: { lower, upper, minimum, maximum, cappedUnits: 2000 },
  });

  test.each<[string, ReturnType<typeof capped>, string]>([
    ['at the least value makes all alike', capped(null, 1, 1, 9), 'CAP_DEGENERATE'],
    ['below it too', capped(null, 0.5, 1, 9), 'CAP_DEGENERATE'],
    ['a lower one at the greatest value too', capped(9, null, 1, 9), 'CAP_DEGENERATE'],
    ['where all are alike anyway, that is no variance', capped(null, 1, 1, 1), 'ZERO_VARIANCE'],
    ['of no values', capped(null, null, null, null), 'ZERO_VARIANCE'],
  ])('%s', async (_, arms, unknown) => {
    const comparison = await comparisonOf(two(arms, arms), {}, { cap });
    expect(differenceOf(comparison).unknown).toBe(unknown);
    expect(differenceOf(comparison).interval).toBeNull();
    if (unknown === 'CAP_DEGENERATE')
      expect(samplesOf(comparison.row, comparison.arms).control).toEqual({ ok: false, reason: unknown });
  });

  test('within the values is an estimate, beside the uncapped one', async () => {
    const arms = { ...arm(10), capping: { lower: null, upper: 20, minimum: 0, maximum: 99, cappedUnits: 3 } };
    expect(uncappedOf(await comparisonOf(two(arms, arms), {}, { cap })).unknown).toBeNull();
    expect(uncappedOf(await comparisonOf(two(arm(1), arm(1)))).unknown).toBe('NOT_APPLICABLE');
  });
});

describe('flags', () => {
  const flags = async (sketch: Partial<MetricSketch>, options: WorldOptions = {}, input = {}) => {
    const one = world({ m: { arms: two(arm(10), arm(10)), ...sketch } }, options);
    return flagsOf(one.session, await line(one, 'm', input));
  };
  const window = { delay: 0, length: 3600 };
  const open = two({ ...arm(10), immature: 5 }, arm(10));
  const capping = { lower: null, upper: 20, minimum: 0, maximum: 99, cappedUnits: 3 };
  const cap: Cap = { lower: null, upper: { kind: 'value', value: 20 }, zeros: 'exclude', sides: 'both' };

  test.each<[string, Partial<MetricSketch>, WorldOptions, object, readonly string[]]>([
    ['none', {}, {}, {}, []],
    ['99 units in one arm', { arms: two(arm(10, 1, 99), arm(10)) }, {}, {}, ['SMALL_SAMPLE']],
    ['100 are enough', { arms: two(arm(10, 1, 100), arm(10)) }, {}, {}, []],
    ['capped units', { cap, arms: two({ ...arm(10), capping }, arm(10)) }, {}, {}, ['OUTLIERS_CAPPED']],
    [
      'a degenerate cap',
      { cap, arms: two({ ...arm(10), capping: { ...capping, upper: 0 } }, arm(10)) },
      {},
      {},
      ['OUTLIERS_CAPPED', 'CAP_DEGENERATE'],
    ],
    ['a large and significant lift', { arms: two(arm(10), arm(16)) }, {}, {}, ['SUSPICIOUS_LIFT']],
    ['a large fall too', { arms: two(arm(10), arm(4)) }, {}, {}, ['SUSPICIOUS_LIFT']],
    ['a large lift that is not significant', { arms: two(arm(1, 100), arm(1.6, 100)) }, {}, {}, []],
    ['negative means', { arms: two(arm(-10), arm(-10.2)) }, {}, {}, ['NEGATIVE_MEANS']],
    [
      'a guardrail worse within its margin',
      { role: 'GUARDRAIL', margin: 0.02, arms: two(arm(10, 0.5), arm(9.9, 0.5)) },
      {},
      {},
      ['WORSE_WITHIN_MARGIN'],
    ],
    ['immature units that count by request', { window, arms: open }, {}, { maturity: 'ALL' }, ['IMMATURE_UNITS']],
    ['immature units that do not count', { window, arms: open }, {}, {}, []],
    ['a sample-ratio mismatch', {}, { assignments: kept({ control: 2000, treatment: 2300 }) }, {}, ['SRM']],
  ])('%s', async (_, sketch, options, input, expected) => {
    expect(await flags(sketch, options, input)).toEqual(expected);
  });
});

test('immature units are counted by variant, where they do not count', async () => {
  const arms = { control: { ...arm(10), immature: 5 }, treatment: { ...arm(10), immature: 0 } };
  const one = world({ m: { arms, window: { delay: 0, length: 3600 } }, open: { arms } });
  const excluded = await immatureOf(one.session, await line(one, 'm'));
  expect(excluded).toMatchObject([{ reason: 'IMMATURE', rows: 0, units: 5, byVariant: [{ units: 5 }, { units: 0 }] }]);
  expect(await immatureOf(one.session, await line(one, 'm', { maturity: 'ALL' }))).toEqual([]);
  expect(await immatureOf(one.session, await line(one, 'open'))).toEqual([]);
});

describe('what is estimated, in words', () => {
  const week = { delay: 0, length: 604_800 };
  const p99: Cap = {
    lower: { kind: 'value', value: -5 },
    upper: { kind: 'percentile', percentile: 0.99 },
    zeros: 'exclude',
    sides: 'both',
  };
  test.each<[Partial<MetricSketch>, object, ResultFilter, string]>([
    [{}, {}, {}, 'mean of m per unit, over exposed units'],
    [{ window: week }, {}, {}, 'mean of m per unit, over mature exposed units, in the 168 h from exposure'],
    [{ window: week }, { maturity: 'ALL' }, {}, 'mean of m per unit, over exposed units, in the 168 h from exposure'],
    [
      { window: { delay: 5400, length: 3600 } },
      {},
      {},
      'mean of m per unit, over mature exposed units, in the 1 h from 1.5 h after exposure',
    ],
    [
      { window: { delay: 3600, length: null } },
      {},
      {},
      'mean of m per unit, over exposed units, from 1 h after exposure',
    ],
    [{ type: 'PROPORTION' }, {}, {}, 'share of units with m, over exposed units'],
    [{ type: 'RATIO' }, {}, {}, 'm, a ratio of totals, over exposed units'],
    [{ whenMissing: 'exclude' }, {}, {}, 'mean of m per unit, over exposed units that have a value'],
    [
      { cap: p99 },
      {},
      {},
      'mean of m per unit, over exposed units, raised to -5 and capped at its 99th percentile of the values other than zero',
    ],
    [
      { cap: { ...p99, lower: null, zeros: 'include' } },
      {},
      {},
      'mean of m per unit, over exposed units, capped at its 99th percentile, zeros included',
    ],
    [{}, {}, { sliceBy: ['country'] }, 'mean of m per unit, over exposed units, in one slice by country'],
    [
      {},
      {},
      { where: { kind: 'test', dimension: 'country', operator: 'EQ', values: ['DE'] } },
      'mean of m per unit, over exposed units, of the units asked for',
    ],
  ])('%j %j', async (sketch, input, filter, words) => {
    const slices = [{ values: ['DE'], variant: 'control', units: 5 }];
    const one = world({ m: { arms: two(arm(10), arm(10)), ...sketch } }, { slices });
    expect(estimandOf(await line(one, 'm', input, filter))).toBe(words);
  });
});

test('a difference of two means is known where its uncertainty is not', async () => {
  const comparison = await comparisonOf(two(arm(10, 0), arm(12, 0)));
  expect(differenceOf(comparison)).toEqual({
    value: 2,
    standardError: null,
    interval: null,
    pValue: null,
    unknown: 'ZERO_VARIANCE',
  });
  expect(await outcomeOf(world({ m: { arms: two(arm(10, 0), arm(12, 0)) } }).session, comparison.row)).toBe('UNKNOWN');
});
