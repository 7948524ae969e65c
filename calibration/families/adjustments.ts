import { cupedMean } from '../../src/statistics/cuped/cuped.ts';
import { postStratified, type Stratum } from '../../src/statistics/cuped/post-stratification.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { biasInErrors, mean, rate, varianceRatio } from '../measure.ts';
import { drawnMoments, normalMetric } from '../moments.ts';
import type { Random } from '../random.ts';
import type { Family, Simulation } from '../simulation.ts';
import { FIVE_PERCENT } from '../targets.ts';

const [RHO, EFFECT, UNITS] = [0.8, 0.5, 1000];

/** Outcome and covariate, both of sd 3, correlated by RHO. */
function correlatedArm(random: Random, effect: number) {
  return drawnMoments(UNITS, [10, 10], (row) => {
    const before = random.normal();
    row[0] = 10 + effect + 3 * (RHO * before + Math.sqrt(1 - RHO * RHO) * random.normal());
    row[1] = 10 + 3 * before;
  });
}

const cuped: Simulation = {
  name: 'CUPED with an effect, ρ .8',
  runs: 10_000,
  chunk: 250,
  prepare: () => (random) => {
    const [control, treatment] = [correlatedArm(random, 0), correlatedArm(random, EFFECT)];
    const result = cupedMean(control, treatment);
    if (!result.ok || result.kind !== 'ADJUSTED') return { error: null };
    const test = welchTest(result.control, result.treatment, { level: 0.95 });
    if (!test.ok) return { error: null };
    const plain = treatment.sums[0]! / UNITS - control.sums[0]! / UNITS - EFFECT;
    const error = test.difference - EFFECT;
    return {
      error,
      plain,
      product: error * plain,
      ratio: 1 - result.varianceReduction,
      missed: EFFECT < test.interval.lower! || EFFECT > test.interval.upper!,
    };
  },
  claims: [
    {
      what: 'CUPED, ρ .8: reported variance over unadjusted',
      promise: '1 − ρ² = .36',
      measure: mean('ratio'),
      target: { kind: 'MEAN', low: 0.35, high: 0.37, runs: 10_000 },
    },
    {
      what: 'CUPED, ρ .8: variance of the estimates over that of unadjusted ones',
      promise: '1 − ρ² = .36, within its Monte-Carlo error',
      measure: varianceRatio('error', 'plain', 'product'),
      // √(4(1 − .36)/10,000) of .36 is .0058
      target: { kind: 'MEAN', low: 0.341, high: 0.379, runs: 10_000 },
    },
    {
      what: 'CUPED, ρ .8: |bias| in Monte-Carlo standard errors',
      promise: 'unbiased',
      measure: biasInErrors('error'),
      target: { kind: 'FIXED', low: null, high: 3 },
    },
    {
      what: 'CUPED, ρ .8: interval of the difference',
      promise: 'misses the effect in 5 %',
      measure: rate('missed'),
      target: FIVE_PERCENT,
    },
  ],
};

const STRATA = [
  { name: 'a', weight: 0.4, metric: normalMetric(5, 2) },
  { name: 'b', weight: 0.3, metric: normalMetric(10, 3) },
  { name: 'c', weight: 0.2, metric: normalMetric(15, 4) },
  { name: 'd', weight: 0.1, metric: normalMetric(30, 8) },
];
const WEIGHTS = STRATA.map(({ weight }) => weight);

/** Strata of random sizes in both arms; for a ratio, users with a random number of visits worth the stratum's value each. */
function strataOf(random: Random, units: number, type: 'MEAN' | 'RATIO'): Stratum[] {
  const [controls, treatments] = [random.multinomial(units, WEIGHTS), random.multinomial(units, WEIGHTS)];
  return STRATA.map(({ name, metric }, i) => {
    const arm = (n: number) =>
      type === 'MEAN'
        ? metric.moments(random, n)
        : drawnMoments(n, [3 * metric.mean, 3], (row) => {
            const visits = 1 + random.poisson(2 + 0.1 * metric.mean);
            row[0] = visits * (metric.mean + Math.sqrt(metric.variance) * random.normal());
            row[1] = visits;
          });
    return { name, control: arm(controls[i]!), treatment: arm(treatments[i]!) };
  });
}

function stratified(type: 'MEAN' | 'RATIO', units: number): Simulation {
  const what = `post-stratified ${type.toLowerCase()}, 4 strata, n ${units}`;
  return {
    name: what,
    runs: 10_000,
    chunk: 250,
    prepare: () => (random) => {
      const result = postStratified(strataOf(random, units, type), { type });
      if (!result.ok) return { rejected: null };
      const test = welchTest(result.control, result.treatment, { level: 0.95 });
      if (!test.ok) return { rejected: null };
      const ratio = result.kind === 'ADJUSTED' ? 1 - result.varianceReduction : 1;
      return { rejected: test.pValue <= 0.05, ratio, difference: test.difference };
    },
    claims: [
      { what, promise: 'rejects 5 % of A/A tests', measure: rate('rejected'), target: FIVE_PERCENT },
      {
        what: `${what}: |bias| in Monte-Carlo standard errors`,
        promise: 'unbiased',
        measure: biasInErrors('difference'),
        target: { kind: 'FIXED', low: null, high: 3 },
      },
      {
        what: `${what}: reported variance over unadjusted`,
        promise: 'for the record',
        measure: mean('ratio'),
        target: null,
      },
    ],
  };
}

export const adjustmentFamily: Family = {
  title: 'Variance reduction',
  note: `CUPED on a bivariate normal outcome and covariate with an effect of .5; post-stratification of an A/A test whose strata differ in
mean and have random sizes. Error rates of CUPED on other populations are above. Normal strata are drawn as exact sufficient statistics.`,
  simulations: [cuped, stratified('MEAN', 500), stratified('RATIO', 500)],
};
