import { pValueOf } from '../../src/statistics/alternative.ts';
import { dunnettTest } from '../../src/statistics/dunnett.ts';
import { adjustPValues } from '../../src/statistics/multiple-testing.ts';
import { sampleOfMean } from '../../src/statistics/samples.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import type { Claim } from '../claim.ts';
import { mean, rate } from '../measure.ts';
import { normalMetric } from '../moments.ts';
import type { Family, Simulation } from '../simulation.ts';
import { AT_MOST_FIVE_PERCENT, FIVE_PERCENT } from '../targets.ts';

const [HYPOTHESES, NULLS, SHIFT] = [10, 7, 3];
const FAMILY_WISE = ['BONFERRONI', 'SIDAK', 'HOLM', 'HOCHBERG'] as const;
const FALSE_DISCOVERY = ['BENJAMINI_HOCHBERG', 'BENJAMINI_YEKUTIELI'] as const;

const corrections: Simulation = {
  name: 'corrections of 10 hypotheses',
  runs: 10_000,
  chunk: 500,
  prepare: () => (random) => {
    const pValues = Array.from({ length: HYPOTHESES }, (_, i) => {
      return pValueOf(random.normal() + (i < NULLS ? 0 : SHIFT), Number.POSITIVE_INFINITY);
    });
    const discoveries = (correction: (typeof FAMILY_WISE | typeof FALSE_DISCOVERY)[number] | 'NONE') => {
      const found = adjustPValues(pValues, correction).map((p) => p! <= 0.05);
      return { all: found.filter(Boolean).length, wrong: found.slice(0, NULLS).filter(Boolean).length };
    };
    const outcome: Record<string, boolean | number> = {};
    for (const correction of [...FAMILY_WISE, 'NONE'] as const) outcome[correction] = discoveries(correction).wrong > 0;
    for (const correction of FALSE_DISCOVERY) {
      const { all, wrong } = discoveries(correction);
      outcome[correction] = all === 0 ? 0 : wrong / all;
    }
    return outcome;
  },
  claims: [
    ...FAMILY_WISE.map((correction): Claim => {
      return {
        what: `${correction}: 10 independent hypotheses, 7 of them null`,
        promise: 'a wrong finding in ≤ 5 %',
        measure: rate(correction),
        target: AT_MOST_FIVE_PERCENT,
      };
    }),
    ...FALSE_DISCOVERY.map((correction): Claim => {
      return {
        what: `${correction}: 10 independent hypotheses, 7 of them null`,
        promise: 'wrong share of the findings ≤ 7/10 of 5 %',
        measure: mean(correction),
        target: { kind: 'MEAN', low: null, high: 0.039, runs: 10_000 },
      };
    }),
    {
      what: 'no correction: 10 independent hypotheses, 7 of them null',
      promise: 'must fail: a wrong finding in 30 %',
      measure: rate('NONE'),
      target: AT_MOST_FIVE_PERCENT,
      negativeControl: { atLeast: 0.2 },
    },
  ],
};

/**
 * Four treatments against one control, none with an effect. An adjusted p-value is never below the single comparison's, so the
 * test, which takes its time, is asked only where a single one is at most .05: the answers are the same.
 */
function dunnett(control: number, treatment: number, reference: 'T' | 'NORMAL'): Simulation {
  const metric = normalMetric(10, 3);
  const name = `Dunnett, 4 treatments, ${reference === 'T' ? 't' : 'normal'} reference, n ${control} and 4 × ${treatment}`;
  return {
    name,
    runs: 10_000,
    ...(reference === 'T' ? { short: 0.005 } : {}),
    chunk: 100,
    prepare: () => (random) => {
      const base = sampleOfMean(metric.moments(random, control));
      if (!base.ok) return { wrong: null, single: null };
      const treatments = Array.from({ length: 4 }, () => sampleOfMean(metric.moments(random, treatment))).flatMap(
        (arm) => (arm.ok ? [arm] : []),
      );
      const single = treatments.some((arm) => {
        const test = welchTest(base, arm, { level: 0.95 });
        return test.ok && test.pValue <= 0.05;
      });
      if (!single) return { wrong: false, single };
      const tests = dunnettTest(base, treatments, { level: 0.95, reference });
      return { wrong: tests.some((test) => test.ok && test.pValue <= 0.05), single };
    },
    claims: [
      { what: name, promise: 'a wrong finding in 5 %', measure: rate('wrong'), target: FIVE_PERCENT },
      { what: `${name}: without it`, promise: 'for comparison', measure: rate('single'), target: null },
    ],
  };
}

export const correctionFamily: Family = {
  title: 'Many tests at once',
  note: `Corrections see ten independent z statistics, three of them shifted by 3. Dunnett's test has a variance for each arm; where no
single comparison has p ≤ .05 no adjusted one can, and it is not asked.`,
  simulations: [corrections, dunnett(24, 16, 'T'), dunnett(1000, 1000, 'NORMAL')],
};
