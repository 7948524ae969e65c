import { expect, test } from 'vitest';
import { arm, kept, LAST_EXPOSURE, type MetricSketch, variant, type WorldOptions } from './sketch.ts';
import { judged, world } from './world.ts';

const two = (change: number, sd = 1) => ({ control: arm(10, sd), treatment: arm(10 + change, sd) });
const goal = (change: number, more: Partial<MetricSketch> = {}): MetricSketch => ({ arms: two(change), ...more });
const guardrail = (change: number, more: Partial<MetricSketch> = {}): MetricSketch => ({
  role: 'GUARDRAIL',
  arms: two(change),
  ...more,
});

const skewed = kept({ control: 2000, treatment: 2300 });
const stale = { events: { rows: 10, latest: '2026-03-01T00:00:00.000000Z' } };
const open = { window: { delay: 0, length: 7 * 86_400 } };

/** The metrics, the rest of the world, the verdict, and whether harm is suspected. */
type Case = readonly [string, Record<string, MetricSketch>, WorldOptions, string, boolean];

const CASES: readonly Case[] = [
  [
    'stale, mismatched and worse: BLOCKED comes first',
    { g: goal(-1, open) },
    { assignments: skewed, freshness: stale },
    'BLOCKED',
    true,
  ],
  [
    'a failed guardrail blocks a better goal',
    { g: goal(1), r: { role: 'GUARDRAIL', arms: 'failed' } },
    {},
    'BLOCKED',
    false,
  ],
  ['a failed diagnostic does not', { g: goal(1), d: { role: 'DIAGNOSTIC', arms: 'failed' } }, {}, 'SHIP', false],
  ['failed assignments block', { g: goal(1) }, { assignments: 'failed' }, 'BLOCKED', false],
  ['mismatched and worse: INVALID, and the harm is told', { g: goal(-1) }, { assignments: skewed }, 'INVALID', true],
  ['mismatched and better: INVALID', { g: goal(1) }, { assignments: skewed }, 'INVALID', false],
  [
    'mismatched, worse within the margin: no harm is suspected',
    { r: guardrail(-0.1, { margin: 0.02, arms: two(-0.1, 0.5) }) },
    { assignments: skewed },
    'INVALID',
    false,
  ],
  ['one goal better, one worse', { g: goal(1), h: goal(-1) }, {}, 'ROLL_BACK', true],
  [
    'a goal better, a guardrail worse than its margin',
    { g: goal(1), r: guardrail(-1, { margin: 0.02 }) },
    {},
    'ROLL_BACK',
    true,
  ],
  ['a goal better, a guardrail worse that has no margin', { g: goal(1), r: guardrail(-1) }, {}, 'ROLL_BACK', true],
  ['a goal better, a diagnostic worse', { g: goal(1), d: goal(-1, { role: 'DIAGNOSTIC' }) }, {}, 'SHIP', false],
  [
    'worse before the plan is met',
    { g: goal(-1) },
    { experiment: { end: null }, now: '2026-03-10T00:00:00.000000Z' },
    'ROLL_BACK',
    true,
  ],
  [
    'better before the plan is met',
    { g: goal(1) },
    { experiment: { end: null }, now: '2026-03-10T00:00:00.000000Z' },
    'KEEP_RUNNING',
    false,
  ],
  [
    'within its effect before the plan is met',
    { g: goal(0, { mde: 0.02 }) },
    { experiment: { end: null } },
    'KEEP_RUNNING',
    false,
  ],
  ['within its effect', { g: goal(0, { mde: 0.02 }) }, {}, 'NO_EFFECT', false],
  [
    'one of two goals within its effect',
    { g: goal(0, { mde: 0.02 }), h: goal(0, { mde: 0.001 }) },
    {},
    'INCONCLUSIVE',
    false,
  ],
  ['no effect was declared', { g: goal(0) }, {}, 'INCONCLUSIVE', false],
  [
    'better, but a guardrail is not cleared',
    { g: goal(1), r: guardrail(0, { margin: 0.001 }) },
    {},
    'INCONCLUSIVE',
    false,
  ],
  ['no metrics at all', {}, {}, 'INCONCLUSIVE', false],
  ['goodWhen down: a fall ships', { g: goal(-1, { goodWhen: 'DOWN' }) }, {}, 'SHIP', false],
  ['goodWhen down: a rise rolls back', { g: goal(1, { goodWhen: 'DOWN' }) }, {}, 'ROLL_BACK', true],
  [
    'do no harm: a flat goal and a safe guardrail',
    { g: goal(0), r: guardrail(0, { margin: 0.02 }) },
    { experiment: { intent: 'do_no_harm' } },
    'SHIP',
    false,
  ],
  [
    'do no harm: a worse goal',
    { g: goal(-1), r: guardrail(0, { margin: 0.02 }) },
    { experiment: { intent: 'do_no_harm' } },
    'ROLL_BACK',
    true,
  ],
];

const ACTIONS: Record<string, string> = {
  SHIP: 'SHIP',
  ROLL_BACK: 'STOP_EXPOSURE',
  KEEP_RUNNING: 'WAIT',
  NO_EFFECT: 'DECIDE_BY_HAND',
  INCONCLUSIVE: 'DECIDE_BY_HAND',
  BLOCKED: 'INVESTIGATE',
  INVALID: 'INVESTIGATE',
};

test.each(CASES)('%s', async (_, metrics, options, verdict, harmSuspected) => {
  const summary = await judged(world(metrics, options));
  const [treatment] = summary.treatments;
  expect(treatment).toMatchObject({ verdict, harmSuspected, recommendedAction: ACTIONS[verdict] });
  expect(summary.verdict).toBe(verdict);
  expect(summary.winner?.key ?? null).toBe(verdict === 'SHIP' ? 'treatment' : null);
  // The proof: every rule, in order, and the first that holds is the verdict and gives its reasons.
  expect(treatment!.rules.map(({ rule }) => rule)).toEqual([
    'BLOCKED',
    'INVALID',
    'ROLL_BACK',
    'SHIP',
    'KEEP_RUNNING',
    'NO_EFFECT',
    'INCONCLUSIVE',
  ]);
  const first = treatment!.rules.find(({ holds }) => holds === true)!;
  expect(first).toMatchObject({ rule: verdict, reasons: treatment!.reasons });
});

test('worse within its margin ships with a warning', async () => {
  const summary = await judged(world({ g: goal(1), r: guardrail(-0.1, { margin: 0.02, arms: two(-0.1, 0.5) }) }));
  expect(summary.treatments[0]!.reasons.map(({ code, metric }) => [code, metric])).toEqual([
    ['GOAL_BETTER', 'g'],
    ['WORSE_WITHIN_MARGIN', 'r'],
  ]);
});

test('INCONCLUSIVE names every goal and guardrail that is missing', async () => {
  const metrics = {
    g: goal(1),
    h: goal(0),
    r: guardrail(0, { margin: 0.001 }),
    s: guardrail(0, { margin: 0.02 }),
    t: guardrail(0),
  };
  const { reasons } = (await judged(world(metrics))).treatments[0]!;
  expect(reasons.map(({ code, metric }) => [code, metric])).toEqual([
    ['GOAL_NOT_BETTER', 'h'],
    ['GUARDRAIL_NOT_CLEARED', 'r'],
  ]);
});

test('verdicts are of mature units and the fixed tests, however the request looks at its results', async () => {
  const immature = { control: { ...arm(10), immature: 900 }, treatment: { ...arm(11), immature: 900 } };
  const asked = world({ g: { arms: immature, ...open } });
  const summary = await judged(asked, { maturity: 'ALL', sequential: 'ASYMPTOTIC', correction: 'NONE' });
  expect(summary.evidence.metrics[0]!.comparison!.arms.control.moments.units).toBe(2000);
  expect(summary.evidence.analysis).toMatchObject({ maturity: 'REQUIRED', sequential: 'NONE' });
});

test('units that no variant claims leave the family of a ghost variant alone', async () => {
  // A variant that is configured and has no units: its comparisons are unknown, the others go on, and the sizes are invalid.
  const ghost = [variant('control', 0.5, true), variant('treatment', 0.25), variant('ghost', 0.25)];
  const summary = await judged(
    world(
      { g: goal(1) },
      { experiment: { variants: ghost }, assignments: kept({ control: 2000, treatment: 2000 }, LAST_EXPOSURE) },
    ),
  );
  expect(summary.verdict).toBe('INVALID');
  expect(summary.evidence.metrics.map(({ shipAdjustedP }) => shipAdjustedP === null)).toEqual([false, true]);
});
