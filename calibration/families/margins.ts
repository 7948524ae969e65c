import { equivalenceTest } from '../../src/statistics/equivalence.ts';
import { constantMarginNonInferiority, nonInferiorityTest } from '../../src/statistics/non-inferiority.ts';
import { sampleOfMean, sampleOfProportion } from '../../src/statistics/samples.ts';
import type { Target } from '../claim.ts';
import { rate } from '../measure.ts';
import { bernoulliMetric, lognormalMetric, type Metric, normalMetric } from '../moments.ts';
import type { Family, Simulation } from '../simulation.ts';
import { FIVE_PERCENT } from '../targets.ts';

const ALPHA = 0.05;

/** The true effect is a worsening of exactly the margin. */
function atMargin(
  metric: Metric,
  units: number,
  margin: number,
  goodWhen: 'UP' | 'DOWN',
  target: Target | null,
): Simulation {
  const sampleOf = metric.type === 'PROPORTION' ? sampleOfProportion : sampleOfMean;
  const what = (test: string) =>
    `${test}: ${metric.name}, n ${units.toLocaleString('en')}, margin ${100 * margin} %, good when ${goodWhen}`;
  return {
    name: what('margin'),
    runs: 10_000,
    chunk: 250,
    prepare: () => (random) => {
      const truth = goodWhen === 'UP' ? 1 - margin : 1 + margin;
      const control = sampleOf(metric.moments(random, units));
      const treatment = sampleOf(metric.moments(random, units, truth));
      if (!control.ok || !treatment.ok) return { holds: null, constant: null, equivalent: null };
      const options = { margin, goodWhen, alpha: ALPHA };
      const test = nonInferiorityTest(control, treatment, options);
      const constant = constantMarginNonInferiority(control, treatment, options);
      const equivalent = equivalenceTest(control, treatment, { margin, alpha: ALPHA });
      return {
        holds: test.ok ? test.holds : null,
        constant: constant.ok ? constant.holds : null,
        equivalent: equivalent.ok ? equivalent.holds : null,
      };
    },
    claims: [
      { what: what('non-inferiority'), promise: 'holds in 5 % at the margin', measure: rate('holds'), target },
      { what: what('equivalence (TOST)'), promise: 'holds in 5 % at the margin', measure: rate('equivalent'), target },
      {
        what: what('margin as a constant (Spotify’s form)'),
        promise: 'for comparison',
        measure: rate('constant'),
        target: null,
      },
    ],
  };
}

export const marginFamily: Family = {
  title: 'Non-inferiority and equivalence at the margin',
  note: `The true effect is exactly the margin, where the one-sided tests at α = .05 may hold in 5 %. Normal samples are drawn as their
exact sufficient statistics, zeros and ones as binomial counts.`,
  simulations: [
    atMargin(normalMetric(10, 3), 500, 0.1, 'UP', FIVE_PERCENT),
    atMargin(normalMetric(10, 3), 500, 0.1, 'DOWN', FIVE_PERCENT),
    atMargin(bernoulliMetric(0.2), 4000, 0.1, 'UP', FIVE_PERCENT),
    atMargin(bernoulliMetric(0.05), 20_000, 0.1, 'DOWN', FIVE_PERCENT),
    atMargin(lognormalMetric(2, 1.5), 1000, 0.5, 'UP', null),
  ],
};
