import { describe, expect, test } from 'vitest';
import type { GoodWhen } from '../../src/core/vocabulary.ts';
import { decisionTestOf } from '../../src/experiment/decision-test.ts';
import { guardrailOf } from '../../src/experiment/guardrail.ts';
import { outcomeOf } from '../../src/experiment/outcome.ts';
import { sequentialOf } from '../../src/experiment/sequential-result.ts';
import { adjustPValues } from '../../src/statistics/multiple-testing.ts';
import { arm, type MetricSketch, type WorldOptions } from './sketch.ts';
import { judged, line, world } from './world.ts';

const two = (change: number, sd = 1) => ({ control: arm(10, sd), treatment: arm(10 + change, sd) });

describe('the outcome of a line', () => {
  test.each<[string, GoodWhen, number, 'GOAL' | 'DIAGNOSTIC', string]>([
    ['a rise that is good', 'UP', 1, 'GOAL', 'BETTER'],
    ['a fall that is bad', 'UP', -1, 'GOAL', 'WORSE'],
    ['a fall that is good', 'DOWN', -1, 'GOAL', 'BETTER'],
    ['a rise that is bad', 'DOWN', 1, 'GOAL', 'WORSE'],
    ['a rise that is neither', 'NEITHER', 1, 'DIAGNOSTIC', 'CHANGED'],
    ['a fall that is neither', 'NEITHER', -1, 'DIAGNOSTIC', 'CHANGED'],
    ['too little to tell', 'UP', 0.01, 'GOAL', 'INCONCLUSIVE'],
    ['nothing at all', 'UP', 0, 'GOAL', 'INCONCLUSIVE'],
  ])('%s', async (_, goodWhen, change, role, outcome) => {
    const one = world({ m: { goodWhen, role, arms: two(change) } });
    expect(await outcomeOf(one.session, await line(one, 'm'))).toBe(outcome);
  });

  test('goals go by the corrected p, the others by their own', async () => {
    const p = { arms: two(0.07) }; // p of about 0.03
    const others = Object.fromEntries(['a', 'b', 'c'].map((name) => [name, { arms: two(0) }]));
    const one = world({ m: p, ...others, d: { ...p, role: 'DIAGNOSTIC' } });
    expect([
      await outcomeOf(one.session, await line(one, 'm')),
      await outcomeOf(one.session, await line(one, 'd')),
    ]).toEqual(['INCONCLUSIVE', 'BETTER']);
  });

  test.each([
    ['no variance', { control: arm(10, 0), treatment: arm(11, 0) }],
    ['one unit', { control: arm(10, 1, 1), treatment: arm(11, 1, 1) }],
    ['no units', { control: arm(10, 1, 0), treatment: arm(11) }],
  ])('%s: unknown', async (_, arms) => {
    const one = world({ m: { arms } });
    expect(await outcomeOf(one.session, await line(one, 'm'))).toBe('UNKNOWN');
  });
});

describe('the status of a guardrail', () => {
  test.each<[string, Partial<MetricSketch>, string | null]>([
    ['within its margin', { margin: 0.02 }, 'SAFE'],
    ['worse, but within its margin', { margin: 0.02, arms: two(-0.1, 0.5) }, 'SAFE'],
    ['not shown to be within its margin, nor worse', { margin: 0.005 }, 'INCONCLUSIVE'],
    ['worse than its margin', { margin: 0.02, arms: two(-1) }, 'HARMED'],
    ['goodWhen down: a rise beyond its margin', { margin: 0.02, goodWhen: 'DOWN', arms: two(1) }, 'HARMED'],
    ['goodWhen down: a fall', { margin: 0.02, goodWhen: 'DOWN', arms: two(-1) }, 'SAFE'],
    ['no margin, worse', { arms: two(-1) }, 'HARMED'],
    ['no margin, better', { arms: two(1) }, 'SAFE'],
    ['no margin, the same', {}, 'INCONCLUSIVE'],
    ['unknown', { margin: 0.02, arms: two(0, 0) }, 'INCONCLUSIVE'],
    ['its statement failed', { arms: 'failed' }, null],
    ['a goal has none', { role: 'GOAL' }, null],
    ['a diagnostic has none', { role: 'DIAGNOSTIC' }, null],
  ])('%s', async (_, sketch, status) => {
    const one = world({ m: { role: 'GUARDRAIL', arms: two(0), ...sketch } });
    expect(await guardrailOf(one.session, await line(one, 'm'))).toBe(status);
  });
});

describe('the test that the policy used', () => {
  const METRICS: Record<string, MetricSketch> = {
    g: { arms: two(0.1) },
    h: { arms: two(0.05) },
    r: { role: 'GUARDRAIL', margin: 0.02, arms: two(0) },
    u: { role: 'GUARDRAIL', arms: two(-0.02) },
    d: { role: 'DIAGNOSTIC', arms: two(0) },
  };
  const testOf = async (metric: string, options: WorldOptions = {}, input = {}) => {
    const one = world(METRICS, options);
    const summary = await judged(one, input);
    return {
      test: await decisionTestOf(one.session, await line(one, metric, input)),
      own: summary.evidence.metrics.find(({ member }) => member.metric === metric),
    };
  };

  test('a goal: two-sided, Holm over the goals, with an interval that holds for all of them', async () => {
    const { test: found, own } = await testOf('g');
    expect(found).toMatchObject({
      pValue: own!.shipP,
      adjustedPValue: own!.shipAdjustedP,
      alpha: 0.05,
      sided: 2,
      null: 0,
      sequential: 'NONE',
      validity: 'ASYMPTOTIC',
      family: { size: 2, members: ['g / treatment', 'h / treatment'], correction: 'HOLM' },
    });
    expect(found!.simultaneousInterval).toMatchObject({ level: 0.975 });
    expect(found!.simultaneousInterval!.lower!).toBeLessThan(found!.estimate.interval!.lower!);
  });

  test('continuous: the same goal by the confidence sequence', async () => {
    const [fixed, { test: always, own }] = [
      await testOf('g'),
      await testOf('g', { experiment: { monitoring: 'CONTINUOUS' } }),
    ];
    expect(always).toMatchObject({
      pValue: own!.shipP,
      sequential: 'ASYMPTOTIC',
      method: expect.stringContaining('confidence sequence'),
    });
    expect(always!.pValue!).toBeGreaterThan(fixed.test!.pValue!);
    expect([fixed.test!.estimate.pValue, always!.estimate.pValue]).toEqual([fixed.test!.pValue, always!.pValue]);
    expect(always!.estimate.interval!.lower!).toBeLessThan(fixed.test!.estimate.interval!.lower!);
    expect(always!.simultaneousInterval!.lower!).toBeLessThan(fixed.test!.simultaneousInterval!.lower!);
  });

  test('a guardrail with a margin: one-sided non-inferiority, not corrected over guardrails', async () => {
    const { test: found, own } = await testOf('r');
    expect(found).toMatchObject({
      pValue: own!.nonInferiority.ok && own!.nonInferiority.pValue,
      alpha: 0.05,
      sided: 1,
      null: -0.02,
      family: { size: 1, members: ['r / treatment'], correction: 'NONE' },
      simultaneousInterval: null,
    });
    expect(found!.adjustedPValue).toBe(found!.pValue);
  });

  test('a guardrail without a margin: always-valid, for harm, Holm over goals and guardrails', async () => {
    const { test: found, own } = await testOf('u');
    expect(found).toMatchObject({
      pValue: own!.harmP,
      adjustedPValue: own!.harmAdjustedP,
      alpha: 0.05,
      sided: 1,
      null: 0,
      sequential: 'ASYMPTOTIC',
      family: { size: 4, correction: 'HOLM' },
    });
  });

  test('is the same however the request looks at the line', async () => {
    const input = { maturity: 'ALL', sequential: 'ASYMPTOTIC', correction: 'NONE', lift: 'LOG' } as const;
    expect((await testOf('g', {}, input)).test).toEqual((await testOf('g')).test);
  });

  test('harm is corrected by Holm over (goals + guardrails) × treatments', async () => {
    const { evidence } = await judged(world(METRICS));
    expect(evidence.metrics.map(({ harmAdjustedP }) => harmAdjustedP)).toEqual(
      adjustPValues(
        evidence.metrics.map(({ harmP }) => harmP),
        'HOLM',
      ),
    );
    expect(evidence.metrics.map(({ shipP }) => shipP === null)).toEqual([false, false, true, true]);
  });

  test('a diagnostic has none, nor has what failed', async () => {
    expect((await testOf('d')).test).toBeNull();
    const failed = world({ g: { arms: 'failed' } });
    expect(await decisionTestOf(failed.session, await line(failed, 'g'))).toBeNull();
  });
});

test.each([
  ['REQUIRED', 'ASYMPTOTIC', 'ASYMPTOTIC'],
  ['ALL', 'ASYMPTOTIC', 'HEURISTIC'],
  ['REQUIRED', 'NONE', 'NOT_APPLICABLE'],
] as const)('the sequential side view of %s units by %s is %s', async (maturity, method, validity) => {
  const one = world({ g: { arms: two(0.5) } });
  expect(await sequentialOf(one.session, await line(one, 'g', { maturity }), method)).toMatchObject({
    method,
    validity,
    significant: true,
  });
});
