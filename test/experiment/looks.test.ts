import { describe, expect, test } from 'vitest';
import type { Experiment } from '../../src/catalog/catalog.ts';
import { atLook } from '../../src/experiment/at-look.ts';
import { compare, differenceOf, fixedTest, headlineP, liftOf } from '../../src/experiment/comparison.ts';
import { decisionTestOf } from '../../src/experiment/decision-test.ts';
import { sequentialOf } from '../../src/experiment/sequential-result.ts';
import { notWorseThan, shipP } from '../../src/experiment/tests.ts';
import type { Answers } from '../../src/plan/answer.ts';
import { groupSequentialBoundaries } from '../../src/statistics/group-sequential/boundaries.ts';
import { groupSequentialLook } from '../../src/statistics/group-sequential/look.ts';
import { repeatedPValue } from '../../src/statistics/group-sequential/repeated-p-value.ts';
import { asymptoticSequence } from '../../src/statistics/sequential.ts';
import { mixturePrecision, mixtureSequence } from '../../src/statistics/sequential-mixture.ts';
import { arm, kept, type MetricSketch, type WorldOptions } from './sketch.ts';
import { judged, line, world } from './world.ts';

const LOOKS = [0.25, 0.5, 1];
const SPENDINGS = {
  OBRIEN_FLEMING: { kind: 'OBRIEN_FLEMING' },
  POCOCK: { kind: 'POCOCK' },
  POWER: { kind: 'POWER', rho: 3 },
} as const;
const planned = (
  units: number,
  spending: keyof typeof SPENDINGS = 'OBRIEN_FLEMING',
): { readonly experiment: Partial<Experiment> } => ({
  experiment: {
    monitoring: 'GROUP_SEQUENTIAL',
    groupSequential: { looks: LOOKS, spending, power: 3 },
    plan: { end: null, unitsPerVariant: units, minRuntime: null },
  },
});
const effect = (change: number, units = 2000) => ({
  control: arm(10, 1, units),
  treatment: arm(10 + change, 1, units),
});
const of = (arms: MetricSketch['arms'], options: WorldOptions = {}, sketch: Partial<MetricSketch> = {}) =>
  world({ m: { arms, ...sketch } }, options);
const comparisonOf = async (one: ReturnType<typeof of>, input: object = {}) =>
  compare(one.session, await line(one, 'm', input));

describe('at a declared look', () => {
  // 2,000 of 4,000 planned: the second of three looks
  test.each(Object.entries(SPENDINGS))('%s spends what it has by then', async (name, spending) => {
    const one = of(effect(0.09), planned(4000, name as keyof typeof SPENDINGS));
    const comparison = await comparisonOf(one, { sequential: `GROUP_${name}` });
    const test = fixedTest(comparison, 0.95);
    if (!test.ok) throw new Error('It can be computed.');
    const oracle = groupSequentialLook(
      { alpha: 0.05, spending, looks: LOOKS },
      { look: 2, estimate: test.difference, standardError: test.standardError },
    );
    if (!oracle.ok) throw new Error('The look is declared.');
    expect(headlineP(comparison)).toBeCloseTo(oracle.pValue, 12);
    expect(differenceOf(comparison)).toMatchObject({
      value: test.difference,
      unknown: null,
      pValue: headlineP(comparison),
    });
    expect(differenceOf(comparison).interval!.lower).toBeCloseTo(oracle.interval.lower!, 12);
    expect(liftOf(comparison).interval!.lower! > 0).toBe(oracle.crossed);
    expect(shipP(comparison)).toBe(headlineP(comparison));
    expect(await sequentialOf(one.session, comparison.row, `GROUP_${name}` as never)).toMatchObject({
      pValue: headlineP(comparison),
      informationFraction: 0.5,
      significant: oracle.pValue <= 0.05,
      validity: 'ASYMPTOTIC',
    });
  });

  test('the boundary is that of the declared share, however many units came with it', async () => {
    const at = async (units: number) => {
      const { interval, standardError, value } = differenceOf(
        await comparisonOf(of(effect(0.1, units), planned(4000)), { sequential: 'GROUP_OBRIEN_FLEMING' }),
      );
      return (interval!.upper! - value!) / standardError!;
    };
    const boundaries = groupSequentialBoundaries({ alpha: 0.05, spending: SPENDINGS.OBRIEN_FLEMING, looks: LOOKS });
    if (!boundaries.ok) throw new Error('The looks are in order.');
    expect(await at(2000)).toBeCloseTo(boundaries.looks[1]!.z!, 10);
    expect(await at(2080)).toBeCloseTo(boundaries.looks[1]!.z!, 10);
    expect(await at(4000)).toBeCloseTo(boundaries.looks[2]!.z!, 10);
    // never extrapolated past the plan
    expect(await at(9000)).toBeCloseTo(boundaries.looks[2]!.z!, 10);
  });

  test('the smaller arm is the information', async () => {
    const one = of({ control: arm(10, 1, 4000), treatment: arm(10, 1, 1000) }, planned(4000));
    const result = await sequentialOf(one.session, await line(one, 'm'), 'GROUP_POCOCK');
    expect(result.informationFraction).toBe(0.25);
    expect(result.pValue).not.toBeNull();
  });

  test.each<[string, WorldOptions, number, object]>([
    ['before the first look', planned(4000), 900, {}],
    ['between two looks', planned(4000), 2400, {}],
    [
      'of an experiment that declares none',
      { experiment: { plan: { end: null, unitsPerVariant: 2000, minRuntime: null } } },
      2000,
      {},
    ],
    [
      'of a part of the population, which has no plan',
      planned(4000),
      4000,
      { where: { kind: 'test', dimension: 'country', operator: 'EQ', values: ['DE'] } },
    ],
  ])('%s there is none: UNPLANNED_LOOK', async (_, options, units, filter) => {
    const one = of(effect(0.5, units), options);
    const comparison = await compare(one.session, await line(one, 'm', { sequential: 'GROUP_OBRIEN_FLEMING' }, filter));
    expect(headlineP(comparison)).toBeNull();
    expect(differenceOf(comparison)).toMatchObject({ value: 0.5, interval: null, unknown: 'UNPLANNED_LOOK' });
    expect(liftOf(comparison)).toMatchObject({ interval: null, unknown: 'UNPLANNED_LOOK' });
    expect(liftOf(comparison).value).toBeCloseTo(0.05, 12);
  });

  test('a margin is tested one-sided, with alpha spent over the looks', async () => {
    const one = of(effect(-0.05), planned(4000), { role: 'GUARDRAIL', margin: 0.02 });
    const comparison = await comparisonOf(one);
    const result = notWorseThan(comparison, 0.02, 0.05);
    const statistic = (9.95 - 0.98 * 10) / Math.sqrt((1 + 0.98 ** 2) / 2000);
    const oracle = repeatedPValue(
      { looks: [0.25, 0.5], spending: SPENDINGS.OBRIEN_FLEMING, alternative: 'greater' },
      statistic,
    );
    if (!result.ok || !oracle.ok) throw new Error('Both can be computed.');
    expect(result.pValue).toBeCloseTo(oracle.pValue, 9);
    expect(result.holds).toBe(oracle.pValue < 0.05);
  });
});

describe('the decision between two looks', () => {
  // 60 units an hour and arm from the start; the second look, 2,000 units, is full within the 34th hour
  const hours: Answers['exposures'] = Array.from({ length: 40 }, (_, hour) =>
    ['control', 'treatment'].map((variant) => ({
      period: `2026-03-0${1 + Math.floor(hour / 24)}T${String(hour % 24).padStart(2, '0')}:00:00Z`,
      variant,
      units: 60,
    })),
  ).flat();
  const FULL = '2026-03-02T10:00:00.000000Z';
  const arms: MetricSketch['arms'] = ({ population }) =>
    population.asOf === FULL ? effect(0.2, 2040) : effect(0.01, 2400);
  const options = (): WorldOptions => ({
    ...planned(4000),
    now: '2026-03-02T16:00:00.000000Z',
    exposures: ({ grain }) => (grain === 'HOUR' ? hours : []),
    assignments: kept({ control: 2400, treatment: 2400 }, '2026-03-02T15:59:00.000000Z'),
  });

  test('is that of the look, on the data as of the hour in which it was reached', async () => {
    const one = of(arms, options());
    const comparison = await atLook(one.session, await line(one, 'm'));
    expect([comparison.row.analysis.asOf, comparison.look]).toEqual([FULL, 2]);
    expect(await judged(one)).toMatchObject({ verdict: 'SHIP' });
    const decision = await decisionTestOf(one.session, await line(one, 'm'));
    expect(decision).toMatchObject({ sequential: 'GROUP_OBRIEN_FLEMING', validity: 'ASYMPTOTIC' });
    expect(decision?.estimate.value).toBeCloseTo(0.2, 12);
    const side = await sequentialOf(one.session, await line(one, 'm'), 'GROUP_OBRIEN_FLEMING');
    expect(side).toMatchObject({ significant: true, informationFraction: 2040 / 4000 });
    // the headline is of now
    expect(differenceOf(await comparisonOf(one)).value).toBeCloseTo(0.01, 12);
  });

  test('a window is over first: the units of the look are mature', async () => {
    const one = of(
      effect(0.2, 2400),
      { ...options(), now: '2026-03-03T16:00:00.000000Z' },
      { window: { delay: 0, length: 7200 } },
    );
    expect((await atLook(one.session, await line(one, 'm'))).row.analysis.asOf).toBe('2026-03-02T12:00:00.000000Z');
  });

  test.each<[string, number, Partial<WorldOptions>]>([
    ['before the first look', 900, {}],
    ['at the last look', 4000, {}],
    ['without times', 2400, { untimed: true }],
    ['under fixed monitoring', 2400, { experiment: {} }],
  ])('%s the data at hand are taken', async (_, units, other) => {
    const one = of(effect(0.2, units), { ...options(), ...other });
    const row = await line(one, 'm');
    expect((await atLook(one.session, row)).row.analysis.asOf).toBe(row.analysis.asOf);
  });

  test('before the first look nothing ships, and it keeps running', async () => {
    const one = of(effect(0.9, 900), options());
    expect((await judged(one)).verdict).toBe('KEEP_RUNNING');
  });

  test('harm is always-valid, on the data at hand', async () => {
    const one = of(({ population }) => (population.asOf === FULL ? effect(0, 2040) : effect(-0.4, 2400)), options());
    expect((await judged(one)).verdict).toBe('ROLL_BACK');
  });
});

describe('a sequence', () => {
  test.each([0, 0.05, 0.2])('MIXTURE is the mixture tuned to the planned information (%d)', async (change) => {
    const one = of(effect(change), { experiment: { plan: { end: null, unitsPerVariant: 8000, minRuntime: null } } });
    const comparison = await comparisonOf(one, { sequential: 'MIXTURE' });
    const standardError = Math.sqrt(2 / 2000);
    const precision = mixturePrecision({ alpha: 0.05, information: 16_000 / 4000 / standardError ** 2 });
    const oracle = mixtureSequence({ estimate: change, standardError, alpha: 0.05, precision });
    if (!oracle.ok) throw new Error('It can be computed.');
    expect(headlineP(comparison)).toBeCloseTo(oracle.pValue, 10);
    expect(differenceOf(comparison).interval!.lower).toBeCloseTo(oracle.interval.lower!, 10);
    expect(liftOf(comparison).interval!.lower! > 0).toBe(oracle.interval.lower! > 0);
  });

  test('each lift is by the method that is named', async () => {
    const comparison = await comparisonOf(of(effect(0.3)), { sequential: 'ASYMPTOTIC' });
    const { value, standardError, interval, pValue } = liftOf(comparison, 'DELTA');
    const oracle = asymptoticSequence({
      estimate: value!,
      standardError: standardError!,
      units: 4000,
      alpha: 0.05,
      tuningUnits: 4000,
    });
    if (!oracle.ok) throw new Error('It can be computed.');
    expect([interval, pValue]).toEqual([oracle.interval, oracle.pValue]);
    const log = liftOf(comparison, 'LOG');
    expect(Math.log1p(log.interval!.upper!) - Math.log1p(log.value!)).toBeCloseTo(
      Math.log1p(log.value!) - Math.log1p(log.interval!.lower!),
      12,
    );
    expect(liftOf(comparison, 'FIELLER').interval).not.toEqual(log.interval);
  });

  test('NONE is the fixed test, of which nothing is claimed when it is repeated', async () => {
    const one = of(effect(0.1));
    const row = await line(one, 'm', { sequential: 'ASYMPTOTIC' });
    const side = await sequentialOf(one.session, row, 'NONE');
    expect(side).toMatchObject({ validity: 'NOT_APPLICABLE', pValue: headlineP(await comparisonOf(one)) });
  });
});
