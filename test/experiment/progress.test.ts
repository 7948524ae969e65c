import { describe, expect, test } from 'vitest';
import type { Experiment } from '../../src/catalog/catalog.ts';
import { shipP } from '../../src/experiment/tests.ts';
import { arm, type MetricSketch, type WorldOptions } from './sketch.ts';
import { judged, world } from './world.ts';

const DAY = 86_400;
const week = { window: { delay: 0, length: 7 * DAY } };
const better: MetricSketch = { arms: { control: arm(10), treatment: arm(11) } };
const plan = (stated: Partial<Experiment['plan'] & object>) => ({
  end: null,
  unitsPerVariant: null,
  minRuntime: null,
  ...stated,
});
const _at = (now: string): WorldOptions => ({ now: `${now}T00:00:00.000000Z` });

describe('how far a plan by units is', () => {
  test('the fewest mature units over goals and guardrails, in all variants, and never more than 1', async () => {
    const short: MetricSketch = {
      role: 'GUARDRAIL',
      ...week,
      arms: {
        control: { ...arm(10), units: 1500, immature: 500 },
        treatment: { ...arm(10), units: 1000, immature: 1000 },
      },
    };
    const progressOf = async (units: number) =>
      (await judged(world({ g: better, r: short }, { experiment: { plan: plan({ unitsPerVariant: units }) } })))
        .evidence.progress;
    expect(await progressOf(5000)).toMatchObject({
      plannedUnits: 10_000,
      unitsSoFar: 2500,
      informationFraction: 0.25,
      met: false,
    });
    expect(await progressOf(1000)).toMatchObject({
      plannedUnits: 2000,
      unitsSoFar: 2500,
      informationFraction: 1,
      met: true,
    });
  });

  test('without a plan by units there is no information fraction', async () => {
    expect((await judged(world({ g: better }))).evidence.progress).toMatchObject({
      plannedUnits: null,
      informationFraction: null,
      remainingDays: 0,
    });
  });

  test('remaining days are rounded up', async () => {
    expect(
      (await judged(world({ g: better }, { now: '2026-03-13T12:00:00.000000Z' }))).evidence.progress.remainingDays,
    ).toBe(2);
  });
});

describe('monitoring', () => {
  const metrics = { g: { arms: { control: arm(10), treatment: arm(10.08) } } };
  const of = async (monitoring: 'FIXED' | 'CONTINUOUS') => judged(world(metrics, { experiment: { monitoring } }));

  test('a small gain ships under the fixed test, and not under the always-valid one', async () => {
    const [fixed, continuous] = [await of('FIXED'), await of('CONTINUOUS')];
    expect([fixed.verdict, continuous.verdict]).toEqual(['SHIP', 'INCONCLUSIVE']);
    expect(continuous.evidence.metrics[0]!.shipP).toBeGreaterThan(5 * fixed.evidence.metrics[0]!.shipP!);
    expect(continuous.evidence.metrics[0]!.shipP).toBe(shipP(continuous.evidence.metrics[0]!.comparison!));
  });

  test('a guardrail is cleared by the always-valid test under continuous monitoring', async () => {
    const cleared = async (monitoring: 'FIXED' | 'CONTINUOUS') => {
      const r: MetricSketch = {
        role: 'GUARDRAIL',
        margin: 0.02,
        arms: { control: arm(10, 2.8), treatment: arm(10, 2.8) },
      };
      const { nonInferiority } = (await judged(world({ r }, { experiment: { monitoring } }))).evidence.metrics[0]!;
      return nonInferiority.ok && nonInferiority.holds;
    };
    expect([await cleared('FIXED'), await cleared('CONTINUOUS')]).toEqual([true, false]);
  });

  test('harm is always-valid under fixed monitoring too: a small loss does not roll back', async () => {
    const summary = await judged(world({ g: { arms: { control: arm(10), treatment: arm(9.92) } } }));
    expect(summary.evidence.metrics[0]!.shipP).toBeLessThan(0.05);
    expect(summary.verdict).not.toBe('ROLL_BACK');
  });
});
