import { describe, expect, test } from 'vitest';
import { arm, type MetricSketch, THREE, type WorldOptions } from './sketch.ts';
import { judged, world } from './world.ts';

const goal = (change: number): MetricSketch => ({ arms: { control: arm(10), treatment: arm(10 + change) } });

describe('several treatments', () => {
  const arms = (a: number, b: number, sdB = 1) => ({ control: arm(10), a: arm(10 + a), b: arm(10 + b, sdB) });
  const three: WorldOptions = { experiment: { variants: THREE } };
  test.each<readonly [string, Record<string, MetricSketch>, string, string | null, readonly string[]]>([
    ['the higher lower bound wins', { g: { arms: arms(1, 2) } }, 'SHIP', 'b', ['SHIP', 'SHIP']],
    ['the bound decides, not the estimate', { g: { arms: arms(1, 1.2, 6) } }, 'SHIP', 'a', ['SHIP', 'SHIP']],
    [
      'goodWhen down: the lower upper bound',
      { g: { arms: arms(-1, -2), goodWhen: 'DOWN' } },
      'SHIP',
      'b',
      ['SHIP', 'SHIP'],
    ],
    [
      'goodWhen down: the bound decides',
      { g: { arms: arms(-1, -1.2, 6), goodWhen: 'DOWN' } },
      'SHIP',
      'a',
      ['SHIP', 'SHIP'],
    ],
    ['the first goal decides', { g: { arms: arms(1, 2) }, h: { arms: arms(3, 0) } }, 'SHIP', 'b', ['SHIP', 'SHIP']],
    [
      'only a treatment that ships can win',
      { g: { arms: arms(1, 2) }, r: { role: 'GUARDRAIL', arms: arms(0, -1) } },
      'SHIP',
      'a',
      ['SHIP', 'ROLL_BACK'],
    ],
    [
      'ROLL_BACK is more severe than INCONCLUSIVE',
      { g: { arms: arms(-1, 0) } },
      'ROLL_BACK',
      null,
      ['ROLL_BACK', 'INCONCLUSIVE'],
    ],
    [
      'INCONCLUSIVE is more severe than NO_EFFECT',
      { g: { arms: arms(0, 0.2), mde: 0.02 } },
      'INCONCLUSIVE',
      null,
      ['NO_EFFECT', 'INCONCLUSIVE'],
    ],
    ['equal bounds: the first declared', { g: { arms: arms(1, 1) } }, 'SHIP', 'a', ['SHIP', 'SHIP']],
  ])('%s', async (title, metrics, verdict, winner, own) => {
    const weak = title.startsWith('INCONCLUSIVE')
      ? { g: { arms: { control: arm(10), a: arm(10), b: arm(10.2, 8) }, mde: 0.02 } }
      : metrics;
    const summary = await judged(world(weak, three));
    expect([summary.verdict, summary.winner?.key ?? null]).toEqual([verdict, winner]);
    expect(summary.treatments.map((treatment) => treatment.verdict)).toEqual(own);
  });

  test('margins share alpha over the treatments', async () => {
    // One-sided p of about 0.035: within the margin at 5 %, not at 5 % / 2.
    const r = (treatments: readonly string[]): MetricSketch => ({
      role: 'GUARDRAIL',
      margin: 0.02,
      arms: Object.fromEntries([['control', arm(10, 3.48)], ...treatments.map((key) => [key, arm(10, 3.48)])]),
    });
    const one = await judged(world({ g: goal(1), r: r(['treatment']) }));
    const both = await judged(world({ g: { arms: arms(1, 1) }, r: r(['a', 'b']) }, three));
    expect([one.verdict, both.verdict]).toEqual(['SHIP', 'INCONCLUSIVE']);
  });

  test('another variant can be the control', async () => {
    const summary = await judged(world({ g: { arms: arms(1, 2) } }, three), { control: 'b' });
    expect(summary.treatments.map(({ variant: { key }, verdict }) => [key, verdict])).toEqual([
      ['control', 'ROLL_BACK'],
      ['a', 'ROLL_BACK'],
    ]);
  });
});
