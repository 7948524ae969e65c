import { describe, expect, test } from 'vitest';
import { compare } from '../../src/experiment/comparison.ts';
import { decisionTestOf } from '../../src/experiment/decision-test.ts';
import { denominatorMoved } from '../../src/experiment/line-faults.ts';
import { notWorseThan } from '../../src/experiment/tests.ts';
import { constantMarginNonInferiority } from '../../src/statistics/non-inferiority.ts';
import { arm, type MetricSketch, THREE, type WorldOptions } from './sketch.ts';
import { judged, line, world } from './world.ts';

const two = (change: number, mean = 10) => ({ control: arm(mean), treatment: arm(mean + change) });
const CONFIDENCE = { experiment: { policy: 'confidence' } } as const satisfies WorldOptions;
const verdict = async (metrics: Record<string, MetricSketch>, options: WorldOptions = CONFIDENCE) =>
  (await judged(world(metrics, options))).verdict;
const guardrail = (change: number, margin = 0.02): MetricSketch => ({ role: 'GUARDRAIL', margin, arms: two(change) });

describe('the policy confidence', () => {
  test('is named by the summary', async () => {
    expect((await judged(world({ m: { arms: two(0) } }, CONFIDENCE))).policy).toBe('confidence');
    expect((await judged(world({ m: { arms: two(0) } }))).policy).toBe('default');
  });

  test.each<[string, Record<string, MetricSketch>, string]>([
    ['a goal is better, the guardrail is within its margin', { g: { arms: two(0.2) }, r: guardrail(0) }, 'SHIP'],
    ['no goal is better', { g: { arms: two(0) }, r: guardrail(0) }, 'INCONCLUSIVE'],
    [
      'a guardrail is not shown to be within its margin',
      { g: { arms: two(0.2) }, r: guardrail(0, 0.001) },
      'INCONCLUSIVE',
    ],
    ['a goal is worse', { g: { arms: two(0.2) }, h: { arms: two(-0.3) }, r: guardrail(0) }, 'ROLL_BACK'],
    [
      'a guardrail is worse, though within its margin',
      { g: { arms: two(0.2) }, r: guardrail(-0.2, 0.05) },
      'ROLL_BACK',
    ],
  ])('%s', async (_, metrics, expected) => {
    expect(await verdict(metrics)).toBe(expected);
  });

  test('the last of these ships by the default', async () => {
    expect(await verdict({ g: { arms: two(0.2) }, r: guardrail(-0.2, 0.05) }, {})).toBe('SHIP');
  });

  test('alpha is divided over the goals: Holm ships the second, Bonferroni does not', async () => {
    // p of about 0.001 and 0.04 in arm a: Holm leaves 0.04 as it is, Bonferroni makes it 0.08
    const metrics = { g: { arms: two(0.104) }, h: { arms: two(0.065) } };
    const decision = async (options: WorldOptions) => {
      const one = world(metrics, options);
      return decisionTestOf(one.session, await line(one, 'h'));
    };
    const [confidence, holm] = await Promise.all([decision(CONFIDENCE), decision({})]);
    expect(confidence!.family).toMatchObject({ size: 2, correction: 'BONFERRONI' });
    expect(confidence!.adjustedPValue).toBeCloseTo(2 * confidence!.pValue!, 12);
    expect(holm!.adjustedPValue).toBeCloseTo(holm!.pValue!, 12);
    expect(holm!.family.correction).toBe('HOLM');
  });

  test('a guardrail is tested at alpha over the treatments, its margin a constant', async () => {
    const arms = { control: arm(10), a: arm(9.9), b: arm(10) };
    const metrics: Record<string, MetricSketch> = { g: { arms }, r: { role: 'GUARDRAIL', margin: 0.02, arms } };
    const one = world(metrics, { experiment: { policy: 'confidence', variants: THREE } });
    const decision = await decisionTestOf(one.session, await line(one, 'r'));
    const oracle = constantMarginNonInferiority(
      { n: 2000, mean: 10, variance: 1 },
      { n: 2000, mean: 9.9, variance: 1 },
      { margin: 0.02, goodWhen: 'UP', alpha: 0.025 },
    );
    if (!oracle.ok) throw new Error('It can be computed.');
    expect(decision).toMatchObject({ alpha: 0.025, sided: 1 });
    expect(decision!.pValue).toBeCloseTo(oracle.pValue, 12);
    expect(decision!.method).toContain('taken as known');
  });
});

describe('a constant margin by name', () => {
  const tested = async (mean: number, change: number, goodWhen: 'UP' | 'DOWN', options: WorldOptions = {}) => {
    const one = world({ m: { role: 'GUARDRAIL', arms: two(change, mean), goodWhen } }, options);
    const result = notWorseThan(await compare(one.session, await line(one, 'm')), 0.02, 0.05, 'CONSTANT');
    if (!result.ok) throw new Error('It can be computed.');
    return result;
  };

  test.each([
    [10, 'UP'],
    [10, 'DOWN'],
    [-10, 'UP'],
    [-10, 'DOWN'],
  ] as const)(
    'of a mean of %d that is good when %s: the bound is the margin that just holds',
    async (mean, goodWhen) => {
      const worse = goodWhen === 'UP' ? -0.1 : 0.1;
      const result = await tested(mean, worse, goodWhen);
      // 1 % worse, and 1.645 standard errors of it
      expect(result.bound).toBeCloseTo(0.01 + (1.6448536 * Math.sqrt(2 / 2000)) / 10, 7);
      expect(result.holds).toBe(true);
      expect((await tested(mean, 3 * worse, goodWhen)).holds).toBe(false);
    },
  );

  test('under continuous monitoring the same distance is looked at always-valid', async () => {
    const fixed = await tested(10, -0.1, 'UP');
    const always = await tested(10, -0.1, 'UP', { experiment: { monitoring: 'CONTINUOUS' } });
    expect(always.pValue).toBeGreaterThan(fixed.pValue);
    expect((await tested(10, 0, 'UP', { experiment: { monitoring: 'CONTINUOUS' } })).holds).toBe(true);
  });
});

describe('a denominator that moved', () => {
  const moved = async (type: 'RATIO' | 'MEAN', change: number) => {
    const one = world({ m: { type, arms: two(0) } });
    const { row, arms } = await compare(one.session, await line(one, 'm'));
    const side = (mean: number) => ({
      ...arms.control,
      moments: { units: 2000, pivots: [10, mean], sums: [0, 0], products: [[2000], [0, 2000]] },
    });
    return denominatorMoved(row, { control: side(4), treatment: side(4 + change) });
  };
  test.each([
    ['RATIO', 0.11, true],
    ['RATIO', 0.1, false],
    ['MEAN', 1, false],
  ] as const)('%s by %d: %s', async (type, change, expected) => {
    // p = 0.0005 at 3.48 standard errors of 0.0316, 0.0016 at 3.16
    expect(await moved(type, change)).toBe(expected);
  });
});
