import { heterogeneityTest, type SliceEffect } from '../../src/statistics/heterogeneity.ts';
import { effectTrend } from '../../src/statistics/novelty.ts';
import { sampleOfMean } from '../../src/statistics/samples.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { rate } from '../measure.ts';
import { normalMetric } from '../moments.ts';
import type { Random } from '../random.ts';
import type { Family, Simulation } from '../simulation.ts';
import { FIVE_PERCENT } from '../targets.ts';

const EFFECT = 1;

/** Slices of unequal size, mean and spread with the same effect of 1 in all. */
function slices(units: readonly number[]): Simulation {
  const what = `interaction over ${units.length} slices of ${units.at(0)} to ${units.at(-1)} units an arm`;
  const metrics = units.map((_, i) => normalMetric(10 + 5 * i, 2 + (i % 3)));
  return {
    name: what,
    runs: 10_000,
    chunk: 250,
    prepare: () => (random) => {
      const effects = metrics.flatMap((metric, i): SliceEffect[] => {
        const [control, drawn] = [
          sampleOfMean(metric.moments(random, units[i]!)),
          sampleOfMean(metric.moments(random, units[i]!)),
        ];
        if (!control.ok || !drawn.ok) return [];
        const test = welchTest(control, { ...drawn, mean: drawn.mean + EFFECT }, { level: 0.95 });
        return test.ok ? [{ ...test, estimate: test.difference }] : [];
      });
      const test = heterogeneityTest(effects);
      return { rejected: test.ok ? test.pValue <= 0.05 : null };
    },
    claims: [
      { what, promise: 'found in 5 % where the effect is one', measure: rate('rejected'), target: FIVE_PERCENT },
    ],
  };
}

/** Daily effects without a trend: each day's own error, and an error that the same units give to all days. */
function days(count: number, shared: number, errorOn: (day: number, random: Random) => number): Simulation {
  const what = `trend over ${count} days, error shared by all days ${shared}`;
  return {
    name: what,
    runs: 10_000,
    chunk: 500,
    prepare: () => (random) => {
      const common = EFFECT + shared * random.normal();
      const effects = Array.from({ length: count }, (_, day) => {
        const standardError = errorOn(day, random);
        const total = Math.hypot(standardError, shared);
        return {
          day,
          estimate: common + standardError * random.normal(),
          standardError: shared === 0 ? standardError : total,
        };
      });
      const trend = effectTrend(effects, 0.95);
      return { found: trend.ok ? trend.pattern !== 'NONE' : null };
    },
    claims: [{ what, promise: 'found in 5 % where there is none', measure: rate('found'), target: FIVE_PERCENT }],
  };
}

export const trendFamily: Family = {
  title: 'Slices and days',
  note: `The test of interaction sees Welch's differences and errors of slices; the novelty test daily effects with their errors.`,
  simulations: [
    slices([30, 40, 50, 60, 80, 100, 150, 300]),
    slices([2000, 1000]),
    days(14, 0, (day) => 0.3 + 0.03 * day),
    days(10, 1, () => 0.3),
  ],
};
