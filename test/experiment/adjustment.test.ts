import { describe, expect, test } from 'vitest';
import { compare, differenceOf, headlineP, isCuped, liftOf, rawSamples } from '../../src/experiment/comparison.ts';
import { cupedResultOf } from '../../src/experiment/cuped-result.ts';
import { gatesOf } from '../../src/experiment/data-quality.ts';
import { decisionTestOf } from '../../src/experiment/decision-test.ts';
import { flagsOf } from '../../src/experiment/flags.ts';
import { cupedMean } from '../../src/statistics/cuped/cuped.ts';
import { growthBookCupedLift } from '../../src/statistics/cuped/growth-book.ts';
import { lift } from '../../src/statistics/lift.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { type ArmSketch, arm, type MetricSketch } from './sketch.ts';
import { judged, line, world } from './world.ts';

const COVARIATE = { lookback: 1_209_600, missing: 'zero' } as const;
const withBefore = (sketch: ArmSketch, mean = 5, correlation = 0.8): ArmSketch => ({
  ...sketch,
  before: { mean, sd: 1, correlation },
});
const ARMS = { control: withBefore(arm(10)), treatment: withBefore(arm(10.06), 5.01) };
const ON = { cuped: true } as const;
const worldOf = (sketch: Partial<MetricSketch> = {}) => world({ m: { arms: ARMS, covariate: COVARIATE, ...sketch } });
const compared = async (input: object, sketch: Partial<MetricSketch> = {}) => {
  const one = worldOf(sketch);
  return compare(one.session, await line(one, 'm', input));
};
/** By the function alone, on the moments that the arms came with. */
const expected = async (sketch: Partial<MetricSketch> = {}) => {
  const { arms } = await compared(ON, sketch);
  const result = cupedMean(arms.control.joint!.moments, arms.treatment.joint!.moments);
  if (!result.ok || result.kind !== 'ADJUSTED') throw new Error('The covariate helps.');
  return result;
};

describe('under CUPED', () => {
  test('every headline number is of the adjusted arms', async () => {
    const comparison = await compared(ON);
    const cuped = await expected();
    const welch = welchTest(cuped.control, cuped.treatment, { level: 0.95 });
    const fieller = lift(cuped.control, cuped.treatment, { method: 'FIELLER', level: 0.95 });
    if (!welch.ok || !fieller.ok) throw new Error('Both can be computed.');
    expect(isCuped(comparison)).toBe(true);
    expect(differenceOf(comparison)).toMatchObject({
      value: welch.difference,
      standardError: welch.standardError,
      interval: welch.interval,
    });
    expect(headlineP(comparison)).toBe(welch.pValue);
    expect(liftOf(comparison).value).toBeCloseTo(fieller.value, 14);
    expect(liftOf(comparison).interval!.lower).toBeCloseTo(fieller.interval!.lower!, 14);
    // A correlation of 0.8 takes 64 % of the variance: the effect of 0.06 is found with it and not without.
    expect(cuped.varianceReduction).toBeCloseTo(0.64, 3);
    expect(headlineP(comparison)!).toBeLessThan(0.02);
    expect(headlineP(await compared({}))!).toBeGreaterThan(0.05);
  });

  test('the lift by DELTA is over the control mean as it is, as GrowthBook has it', async () => {
    const comparison = await compared(ON);
    const cuped = await expected();
    const raw = rawSamples(comparison);
    if (!raw.ok) throw new Error('The arms have samples.');
    const expectedLift = growthBookCupedLift(raw, cuped, { level: 0.95 });
    if (!expectedLift.ok) throw new Error('It can be computed.');
    expect(liftOf(comparison, 'DELTA')).toMatchObject({ value: expectedLift.value, pValue: expectedLift.pValue });
    expect(liftOf(comparison, 'DELTA').value).not.toBe(liftOf(comparison, 'LOG').value);
  });

  test('an always-valid analysis takes the adjusted difference', async () => {
    const input = { sequential: 'ASYMPTOTIC' } as const;
    const plain = differenceOf(await compared(input));
    const adjusted = differenceOf(await compared({ ...input, ...ON }));
    const width = ({ interval }: typeof plain) => interval!.upper! - interval!.lower!;
    expect(width(adjusted) / width(plain)).toBeCloseTo(0.6, 2);
  });

  test.each<[string, Partial<MetricSketch>, string]>([
    ['a metric without a covariate', { covariate: undefined as never }, 'NO_COVARIATE'],
    [
      'a covariate that says nothing',
      { arms: { control: withBefore(arm(10), 5, 0), treatment: withBefore(arm(10), 5, 0) } },
      'NO_REDUCTION',
    ],
    [
      'too few units with one',
      {
        arms: {
          control: { ...arm(10), before: { mean: 0, sd: 1, correlation: 0.5, units: 9 } },
          treatment: { ...arm(10), before: { mean: 0, sd: 1, correlation: 0.5, units: 10 } },
        },
      },
      'TOO_FEW_UNITS',
    ],
    [
      'a constant covariate',
      {
        arms: {
          control: { ...arm(10), before: { mean: 3, sd: 0, correlation: 0 } },
          treatment: { ...arm(11), before: { mean: 3, sd: 0, correlation: 0 } },
        },
      },
      'ZERO_VARIANCE',
    ],
  ])('%s is compared as it is, and says why', async (_, sketch, unknown) => {
    const one = worldOf(sketch);
    const row = await line(one, 'm', ON);
    const plain = await compare(one.session, await line(one, 'm'));
    const comparison = await compare(one.session, row);
    expect(isCuped(comparison)).toBe(false);
    expect(differenceOf(comparison)).toEqual(differenceOf(plain));
    const side = await cupedResultOf(one.session, row);
    expect(side).toMatchObject({ theta: null, varianceReduction: null, unknown });
    expect(side.difference(0.95)).toMatchObject({ value: null, unknown });
    expect(side.lift('FIELLER', 0.95)).toMatchObject({ value: null, unknown });
  });

  test('the side view is the same whatever the analysis', async () => {
    const one = worldOf();
    const [off, on] = await Promise.all([line(one, 'm'), line(one, 'm', ON)]);
    const [a, b] = [await cupedResultOf(one.session, off), await cupedResultOf(one.session, on)];
    expect(a).toMatchObject({ theta: b.theta, varianceReduction: b.varianceReduction, unknown: null });
    expect(a.theta).toBeCloseTo(0.8, 2);
    expect(a.difference(0.9)).toEqual(b.difference(0.9));
    expect(a.difference(0.95)).toEqual(differenceOf(await compare(one.session, on)));
  });

  test('nothing is read of covariates that nobody asks for', async () => {
    const one = worldOf();
    await compare(one.session, await line(one, 'm'));
    const bare = worldOf({ covariate: undefined as never });
    await cupedResultOf(bare.session, await line(bare, 'm', ON));
    const needs = [...one.asked, ...bare.asked].flatMap((asked) => (asked.kind === 'moments' ? asked.needs : []));
    expect(needs).not.toContain('covariates');
  });

  test('the decision is taken with it, and says so', async () => {
    const one = worldOf();
    expect((await judged(one)).verdict).toBe('INCONCLUSIVE');
    expect((await judged(one, ON)).verdict).toBe('SHIP');
    expect((await decisionTestOf(one.session, await line(one, 'm', ON)))?.cuped).toBe(true);
    expect((await decisionTestOf(one.session, await line(one, 'm')))?.cuped).toBe(false);
  });
});

describe('the balance of a covariate', () => {
  const moved = { control: withBefore(arm(10)), treatment: withBefore(arm(10), 5.2) };

  test.each<[string, Record<string, ArmSketch>, boolean]>([
    ['alike', ARMS, false],
    ['far apart before the exposure', moved, true],
  ])('arms that are %s', async (_, arms, imbalanced) => {
    const one = worldOf({ arms });
    expect((await flagsOf(one.session, await line(one, 'm', ON))).includes('COVARIATE_IMBALANCE')).toBe(imbalanced);
    expect(await flagsOf(one.session, await line(one, 'm'))).not.toContain('COVARIATE_IMBALANCE');
    const row = await line(one, 'm');
    const gates = await gatesOf(one.session, one.experiment, row.analysis);
    expect(gates.find(({ name }) => name === 'covariate_balance:m/treatment')).toMatchObject({
      status: imbalanced ? 'WARNING' : 'PASSED',
      threshold: 0.001,
    });
  });

  test('there is no gate without covariates', async () => {
    const one = worldOf({ covariate: undefined as never });
    const gates = await gatesOf(one.session, one.experiment, (await line(one, 'm')).analysis);
    expect(gates.filter(({ name }) => name.startsWith('covariate'))).toEqual([]);
  });
});
