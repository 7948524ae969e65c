import { expect, test } from 'vitest';
import { blocked } from '../../src/experiment/rules/blocked.ts';
import { inconclusive } from '../../src/experiment/rules/inconclusive.ts';
import { invalid } from '../../src/experiment/rules/invalid.ts';
import { keepRunning } from '../../src/experiment/rules/keep-running.ts';
import { noEffect } from '../../src/experiment/rules/no-effect.ts';
import { rollBack } from '../../src/experiment/rules/roll-back.ts';
import { assigned, evidence, FRESH, guard, TREATMENT, tested } from './evidence.ts';
import { describeRule } from './rule-table.ts';
import { variant } from './sketch.ts';

const OTHER = variant('other');
const better = tested('g', { ship: 0.01, change: 1, harm: 1 });
const worse = tested('g', { ship: 0.01, change: -1, harm: 0.01 });
const safe = guard('r', { margin: 0.02, nonInferior: true, harm: 1 });

describeRule('BLOCKED', blocked, [
  ['every source is fresh', { metrics: [better, safe] }, false],
  [
    'a source has no rows',
    { freshness: [FRESH, { ...FRESH, source: 'e', rows: 0, latest: null }] },
    true,
    'SOURCE_EMPTY',
  ],
  ['a source is stale', { freshness: [{ ...FRESH, stale: true }] }, true, 'SOURCE_STALE'],
  ['a source cannot be read', { freshness: [{ ...FRESH, rows: null, stale: null }] }, true, 'SOURCE_FAILED'],
  ['the assignments cannot be read', { assignments: null }, true, 'SOURCE_FAILED'],
  ["a goal's statement failed", { metrics: [tested('g', { failed: true })] }, true, 'SOURCE_FAILED'],
  ["a guardrail's statement failed", { metrics: [better, guard('r', { failed: true })] }, true, 'SOURCE_FAILED'],
  [
    'several at once',
    { freshness: [{ ...FRESH, stale: true }], metrics: [tested('g', { failed: true })] },
    true,
    'SOURCE_STALE',
    'SOURCE_FAILED',
  ],
]);

describeRule('INVALID', invalid, [
  ['sizes as planned', {}, false],
  ['p just below the alarm', { assignments: assigned(2000, 2214) }, true, 'SAMPLE_RATIO_MISMATCH'],
  ['a warning is no alarm', { assignments: assigned(2000, 2213) }, false],
  ['10 units and 1 % in several variants', { assignments: assigned(495, 495, 10) }, true, 'MULTIPLE_EXPOSURE'],
  ['10 units, but less than 1 %', { assignments: assigned(496, 496, 10) }, false],
  ['9 units of 100', { assignments: assigned(46, 45, 9) }, false],
  ['both', { assignments: assigned(900, 600, 200) }, true, 'SAMPLE_RATIO_MISMATCH', 'MULTIPLE_EXPOSURE'],
  ['the assignments cannot be read: it cannot tell', { assignments: null }, null],
  ['there are no units: it cannot tell', { assignments: assigned(0, 0) }, null],
  [
    'all units are in several variants: that it can tell',
    { assignments: assigned(0, 0, 50) },
    true,
    'MULTIPLE_EXPOSURE',
  ],
]);

describeRule('ROLL_BACK', rollBack, [
  ['nothing is worse', { metrics: [better, safe] }, false],
  ['a goal is worse', { metrics: [worse, safe] }, true, 'GOAL_WORSE'],
  ['harmAlpha itself is enough', { metrics: [tested('g', { harm: 0.05 })] }, true, 'GOAL_WORSE'],
  ['just above harmAlpha is not', { metrics: [tested('g', { harm: 0.0500001 })] }, false],
  ['a guardrail is worse and has no margin', { metrics: [guard('r', { harm: 0.01 })] }, true, 'GUARDRAIL_HARMED'],
  [
    'a guardrail is worse by more than its margin',
    { metrics: [guard('r', { harm: 0.01, margin: 0.02, nonInferior: false })] },
    true,
    'GUARDRAIL_HARMED',
  ],
  [
    'a guardrail is worse within its margin',
    { metrics: [guard('r', { harm: 0.01, beyond: 0.9, margin: 0.02, nonInferior: true })] },
    false,
  ],
  [
    'a guardrail is worse, and neither shown to be within its margin nor beyond it',
    { metrics: [guard('r', { harm: 0.01, beyond: 0.2, margin: 0.02, nonInferior: false })] },
    false,
  ],
  [
    'a goal does not have a margin to hide in',
    { metrics: [tested('g', { harm: 0.01, nonInferior: true })] },
    true,
    'GOAL_WORSE',
  ],
  ['unknown is not worse', { metrics: [tested('g', { harm: null })] }, false],
  ['another treatment is worse', { metrics: [tested('g', { harm: 0.01, treatment: OTHER }), better] }, false],
]);

describeRule('KEEP_RUNNING', keepRunning, [
  ['the plan is reached', {}, false],
  [
    'it is not',
    { progress: { met: false, missing: ['a lacks units', 'b too'] } },
    true,
    'PLAN_NOT_REACHED',
    'PLAN_NOT_REACHED',
  ],
  ['minRuntime is not over', { progress: { minRuntimeMet: false, missing: ['too short'] } }, true, 'PLAN_NOT_REACHED'],
]);

describeRule('NO_EFFECT', noEffect, [
  [
    'every goal is within its effect',
    { metrics: [tested('a', { equivalent: true }), tested('b', { equivalent: true })] },
    true,
    'NO_EFFECT',
  ],
  ['one is not', { metrics: [tested('a', { equivalent: true }), tested('b', { equivalent: false })] }, false],
  ['one is unknown', { metrics: [tested('a', { equivalent: true }), tested('b', { equivalent: null })] }, false],
  ['there are no goals', { metrics: [safe] }, false],
]);

describeRule('INCONCLUSIVE', inconclusive, [
  ['always, naming the goal', { metrics: [tested('g', { ship: 0.5 })] }, true, 'GOAL_NOT_BETTER'],
  [
    'naming the guardrail',
    { metrics: [better, guard('r', { margin: 0.02, nonInferior: false })] },
    true,
    'GUARDRAIL_NOT_CLEARED',
  ],
  ['naming that there are no goals', { metrics: [] }, true, 'NO_GOALS'],
]);

test('reasons name their metric', () => {
  const said = inconclusive(
    evidence({ metrics: [tested('clicks', { ship: 0.5 }), guard('latency', { margin: 0.02, nonInferior: null })] }),
    TREATMENT,
  );
  expect(said.reasons.map(({ metric }) => metric)).toEqual(['clicks', 'latency']);
  expect(said.message).toMatch(/clicks .* latency/);
});
