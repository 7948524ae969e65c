import { describe, expect, test } from 'vitest';
import type { Experiment } from '../../src/catalog/catalog.ts';
import type { Verdict } from '../../src/experiment/rules/rule.ts';
import { type ArmSketch, kept, type MetricSketch } from './sketch.ts';
import { judged, world } from './world.ts';

/** Seeded: mulberry32, and normals by Box and Muller. */
function normals(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

const GOALS = ['a', 'b', 'c'];
const GUARDRAILS = ['r', 's', 't'];
const VARIANTS = ['control', 'treatment'] as const;
const LOOKS = 5;
const PER_LOOK = 1000;
const METRICS = [...GOALS, ...GUARDRAILS];

/** A/A: running totals of every metric and arm, of which a look sees the mean; the variance is as good as known. */
async function run(next: () => number, looks: number, experiment: Partial<Experiment>): Promise<readonly Verdict[]> {
  const totals = new Map(METRICS.flatMap((metric) => VARIANTS.map((variant) => [`${metric} ${variant}`, 0])));
  const verdicts: Verdict[] = [];
  for (let look = 1; look <= looks; look++) {
    const units = (look * PER_LOOK * LOOKS) / looks;
    const grown = units - ((look - 1) * PER_LOOK * LOOKS) / looks;
    for (const key of totals.keys()) totals.set(key, totals.get(key)! + grown * 10 + Math.sqrt(grown) * next());
    const arms = (metric: string) =>
      Object.fromEntries(
        VARIANTS.map((variant): [string, ArmSketch] => [
          variant,
          { units, mean: totals.get(`${metric} ${variant}`)! / units, sd: 1 },
        ]),
      );
    const sketches = METRICS.map((metric): [string, MetricSketch] => [
      metric,
      {
        role: GOALS.includes(metric) ? 'GOAL' : 'GUARDRAIL',
        ...(metric === 't' ? {} : { margin: 0.01 }),
        arms: arms(metric),
      },
    ]);
    const assignments = kept(Object.fromEntries(VARIANTS.map((variant) => [variant, units])));
    verdicts.push((await judged(world(Object.fromEntries(sketches), { experiment, assignments }))).verdict);
  }
  return verdicts;
}

/** Share of so many A/A tests in which a verdict is given at any look. */
async function shares(
  tests: number,
  looks: number,
  experiment: Partial<Experiment>,
): Promise<Record<'SHIP' | 'ROLL_BACK', number>> {
  const next = normals(20_260_601);
  const found = { SHIP: 0, ROLL_BACK: 0 };
  for (let i = 0; i < tests; i++) {
    const verdicts = await run(next, looks, experiment);
    if (verdicts.includes('SHIP')) found.SHIP += 1 / tests;
    if (verdicts.includes('ROLL_BACK')) found.ROLL_BACK += 1 / tests;
  }
  return found;
}

/** Three standard errors above the promised rate. */
const most = (rate: number, tests: number) => rate + 3 * Math.sqrt((rate * (1 - rate)) / tests);

describe('A/A tests with 3 goals and 3 guardrails', () => {
  const planned = { plan: { end: null, unitsPerVariant: LOOKS * PER_LOOK, minRuntime: null } };

  test('looked at once: SHIP at most alpha / 2, ROLL_BACK at most harmAlpha', async () => {
    const { SHIP, ROLL_BACK } = await shares(3000, 1, planned);
    expect(SHIP).toBeLessThan(most(0.025, 3000));
    expect(SHIP).toBeGreaterThan(0.005);
    expect(ROLL_BACK).toBeLessThan(most(0.05, 3000));
  });

  test.each(['FIXED', 'CONTINUOUS'] as const)('looked at again and again, monitoring %s', async (monitoring) => {
    const { SHIP, ROLL_BACK } = await shares(400, LOOKS, { ...planned, monitoring });
    expect(SHIP).toBeLessThan(most(0.025, 400));
    expect(ROLL_BACK).toBeLessThan(most(0.05, 400));
  });
});
