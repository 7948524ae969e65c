import { ship } from '../../src/experiment/rules/ship.ts';
import { guard, tested } from './evidence.ts';
import { describeRule } from './rule-table.ts';

const better = tested('g', { ship: 0.01, change: 1, harm: 1 });
const safe = guard('r', { margin: 0.02, nonInferior: true, harm: 1 });

describeRule('SHIP', ship, [
  ['a goal is better, no guardrail', { metrics: [better] }, true, 'GOAL_BETTER'],
  ['one of two goals is better', { metrics: [tested('a', { ship: 0.5, change: 1 }), better] }, true, 'GOAL_BETTER'],
  ['alpha itself is enough', { metrics: [tested('g', { ship: 0.05, change: 1 })] }, true, 'GOAL_BETTER'],
  ['just above alpha is not', { metrics: [tested('g', { ship: 0.0500001, change: 1 })] }, false],
  ['significant, but the other way', { metrics: [tested('g', { ship: 0.01, change: -1 })] }, false],
  [
    'down is better where the metric says so',
    { metrics: [tested('g', { ship: 0.01, change: -1, goodWhen: 'DOWN' })] },
    true,
    'GOAL_BETTER',
  ],
  ['unknown is not better', { metrics: [tested('g', { ship: null, change: 1 })] }, false],
  ["a goal's failure is not better", { metrics: [tested('g', { failed: true, ship: 0.01 })] }, false],
  [
    'a guardrail is not shown to be within its margin',
    { metrics: [better, guard('r', { margin: 0.02, nonInferior: false })] },
    false,
  ],
  [
    'a guardrail with a margin is unknown',
    { metrics: [better, guard('r', { margin: 0.02, nonInferior: null })] },
    false,
  ],
  [
    'a guardrail without a margin does not stand in the way',
    { metrics: [better, guard('r', { nonInferior: null })] },
    true,
    'GOAL_BETTER',
  ],
  [
    'worse within its margin ships with a warning',
    { metrics: [better, guard('r', { margin: 0.02, nonInferior: true, harm: 0.01, change: -1 })] },
    true,
    'GOAL_BETTER',
    'WORSE_WITHIN_MARGIN',
  ],
  ['the plan is not met', { metrics: [better], progress: { met: false } }, false],
  ['minRuntime is not over', { metrics: [better], progress: { minRuntimeMet: false } }, false],
  [
    'continuous: the plan is not met',
    { metrics: [better], progress: { met: false }, experiment: { monitoring: 'CONTINUOUS' } },
    true,
    'GOAL_BETTER',
  ],
  [
    'continuous: minRuntime is not over',
    { metrics: [better], progress: { minRuntimeMet: false }, experiment: { monitoring: 'CONTINUOUS' } },
    false,
  ],
  ['only guardrails, all within their margins', { metrics: [safe] }, false],
  ['do no harm: all within their margins', { metrics: [safe], experiment: { intent: 'do_no_harm' } }, true, 'NO_HARM'],
  [
    'do no harm: a goal need not be better',
    { metrics: [tested('g', { ship: 0.5 }), safe], experiment: { intent: 'do_no_harm' } },
    true,
    'NO_HARM',
  ],
  [
    'do no harm: one is not',
    { metrics: [safe, guard('s', { margin: 0.02, nonInferior: false })], experiment: { intent: 'do_no_harm' } },
    false,
  ],
  ['do no harm: nothing to decide on', { metrics: [guard('s')], experiment: { intent: 'do_no_harm' } }, false],
]);
