import type { Moments } from '../../src/core/moments.ts';
import { cupedMean, cupedRatio } from '../../src/statistics/cuped/cuped.ts';
import type { Inference, Sample } from '../../src/statistics/inference.ts';
import { pooledZTest } from '../../src/statistics/proportions.ts';
import { interpolationRanks } from '../../src/statistics/quantile-ranks.ts';
import { sampleOfMean, sampleOfProportion, sampleOfRatio } from '../../src/statistics/samples.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import type { Claim, Target } from '../claim.ts';
import { distanceFromUniform, rate } from '../measure.ts';
import { bernoulliMetric, drawnMoments } from '../moments.ts';
import {
  bernoulli,
  lognormal,
  lognormalNinetyTen,
  ninetyTen,
  normal,
  type Population,
  poisson,
  zeroInflated,
} from '../populations.ts';
import type { Random } from '../random.ts';
import type { Family, Simulation } from '../simulation.ts';
import { FIVE_PERCENT, FIVE_PERCENT_HEAVY, UNIFORM } from '../targets.ts';

/** The share of all values that a cap leaves as they are. */
const CAP = 0.99;

interface DrawnArm {
  /** Numerator, denominator, and both from before the exposure. */
  readonly moments: Moments;
  readonly values: Float64Array;
}

function drawArm(random: Random, { pivots, user }: Population, units: number): DrawnArm {
  const values = new Float64Array(units);
  const moments = drawnMoments(units, pivots, (row, index) => {
    user(random, row);
    values[index] = row[0]!;
  });
  return { moments, values };
}

/** Some of the variables, in the order given. */
function pick({ units, pivots, sums, products }: Moments, variables: readonly number[]): Moments {
  return {
    units,
    pivots: variables.map((i) => pivots[i]!),
    sums: variables.map((i) => sums[i]!),
    products: variables.map((i, row) =>
      variables.slice(0, row + 1).map((j) => products![Math.max(i, j)]![Math.min(i, j)]!),
    ),
  };
}

/** Both arms' values cut at the quantile of all of them together, as PERCENTILE_CONT gives it. */
function cappedArms(control: Float64Array, treatment: Float64Array): [Moments, Moments] {
  const pooled = new Float64Array(control.length + treatment.length);
  pooled.set(control);
  pooled.set(treatment, control.length);
  pooled.sort();
  const { below, above, fraction } = interpolationRanks(pooled.length, CAP);
  const cap = pooled[below - 1]! + fraction * (pooled[above - 1]! - pooled[below - 1]!);
  const capped = (values: Float64Array) =>
    drawnMoments(values.length, [cap / 4], (row, index) => {
      row[0] = Math.min(cap, values[index]!);
    });
  return [capped(control), capped(treatment)];
}

/** The p-value of Welch's test, null where an arm or the test is refused. */
function pOf(control: Inference<Sample>, treatment: Inference<Sample>): number | null {
  if (!control.ok || !treatment.ok) return null;
  const test = welchTest(control, treatment, { level: 0.95 });
  return test.ok ? test.pValue : null;
}

const METHODS = {
  welch: 'Welch t',
  capped: 'Welch t, capped at the pooled p99',
  ratio: 'ratio by the delta method',
  cuped: 'CUPED',
  ratioCuped: 'CUPED of a ratio',
} as const;
type Method = keyof typeof METHODS;
const methods = Object.keys(METHODS) as Method[];

function pValues(population: Population, random: Random): Record<Method, number | null> {
  const control = drawArm(random, population, population.control);
  const treatment = drawArm(random, population, population.treatment);
  const [c, t] = [control.moments, treatment.moments];
  const sample = population.type === 'PROPORTION' ? sampleOfProportion : sampleOfMean;
  const cuped = cupedMean(pick(c, [0, 2]), pick(t, [0, 2]));
  const ratioCuped = cupedRatio(c, t);
  const ok = (arm: Sample): Inference<Sample> => ({ ok: true, ...arm });
  const [cappedControl, cappedTreatment] = cappedArms(control.values, treatment.values);
  return {
    welch: pOf(sample(c), sample(t)),
    capped: pOf(sampleOfMean(cappedControl), sampleOfMean(cappedTreatment)),
    ratio: pOf(sampleOfRatio(c), sampleOfRatio(t)),
    cuped: cuped.ok ? pOf(ok(cuped.control), ok(cuped.treatment)) : null,
    ratioCuped: ratioCuped.ok ? pOf(ok(ratioCuped.control), ok(ratioCuped.treatment)) : null,
  };
}

const rejects = (p: number | null) => (p === null ? null : p <= 0.05);

/** All methods on the same draws of one population; null as the target: for the record. */
function differences(
  population: Population,
  targets: Readonly<Partial<Record<Method, Target | null>>>,
  uniform: readonly Method[] = [],
): Simulation {
  const tested = methods.filter((method) => targets[method] !== undefined);
  const errors = tested.map((method): Claim => {
    return {
      what: `${METHODS[method]}: ${population.name}`,
      promise: 'rejects 5 % of A/A tests',
      measure: rate(method),
      target: targets[method]!,
    };
  });
  const distributions = uniform.map((method): Claim => {
    return {
      what: `${METHODS[method]}: ${population.name}`,
      promise: 'p-values of A/A tests are uniform (Kolmogorov–Smirnov distance)',
      measure: distanceFromUniform(`${method}P`),
      target: UNIFORM,
    };
  });
  return {
    name: population.name,
    runs: 10_000,
    chunk: 250,
    keep: methods.map((method) => `${method}P`),
    prepare: () => (random) => {
      const found = pValues(population, random);
      const outcome: Record<string, boolean | number | null> = {};
      for (const method of tested) {
        outcome[method] = rejects(found[method]);
        outcome[`${method}P`] = found[method];
      }
      return outcome;
    },
    claims: [...errors, ...distributions],
  };
}

const every = (target: Target | null, ...but: readonly Method[]) =>
  Object.fromEntries(methods.filter((method) => !but.includes(method)).map((method) => [method, target]));

/** The pooled z test of two shares, from binomial counts. */
function pooled(share: number, control: number, treatment: number): Simulation {
  const metric = bernoulliMetric(share);
  const name = `pooled z: ${metric.name}, n ${control.toLocaleString('en')}${control === treatment ? '' : ` and ${treatment.toLocaleString('en')}`}`;
  return {
    name,
    runs: 10_000,
    chunk: 500,
    prepare: () => (random) => {
      const count = (units: number) => ({ units, successes: metric.moments(random, units).sums[0]! });
      const test = pooledZTest(count(control), count(treatment));
      return { rejected: test.ok ? test.pValue <= 0.05 : null };
    },
    claims: [{ what: name, promise: 'rejects 5 % of A/A tests', measure: rate('rejected'), target: FIVE_PERCENT }],
  };
}

/** The wrong test of a ratio: every visit taken as a unit of its own, its clicks as Poisson, though visits come in users. */
const eventLevel: Simulation = {
  name: 'negative control: naive event-level ratio',
  runs: 10_000,
  chunk: 500,
  prepare: () => (random) => {
    const arm = (): Inference<Sample> => {
      const { moments } = drawArm(random, poisson, poisson.control);
      const [clicks, visits] = [0, 1].map((i) => moments.sums[i]! + moments.units * moments.pivots[i]!);
      return { ok: true, n: visits!, mean: clicks! / visits!, variance: clicks! / visits! };
    };
    return { rejected: rejects(pOf(arm(), arm())) };
  },
  claims: [
    {
      what: `ratio with events as units: ${poisson.name}`,
      promise: 'must fail: its error is far above 5 %',
      measure: rate('rejected'),
      target: FIVE_PERCENT,
      negativeControl: { atLeast: 0.09 },
    },
  ],
};

export const AA_HISTOGRAMS = [
  { simulation: normal.name, find: 'welchP', title: 'Welch t, normal' },
  { simulation: poisson.name, find: 'ratioP', title: 'Ratio by the delta method, Poisson counts' },
  { simulation: lognormal.name, find: 'cupedP', title: 'CUPED, lognormal(2, 1.5)' },
] as const;

export const differenceFamily: Family = {
  title: 'Tests of a difference',
  note: `Each population is drawn user by user: what a user did after the exposure and, correlated with it, before. All methods
see the same draws: Welch's test of the mean, of the mean capped at the pooled 99th percentile, of the ratio to a random denominator
(delta method), of the mean adjusted by CUPED and of the ratio adjusted by CUPED. Capping zeros and ones changes nothing and is left out.
A heavy tail in arms of very different size is for the record: the t test rejects too often there, and capping is the remedy.`,
  simulations: [
    differences(normal, every(FIVE_PERCENT), methods),
    differences(bernoulli, every(FIVE_PERCENT, 'capped')),
    differences(poisson, every(FIVE_PERCENT), ['ratio', 'ratioCuped']),
    differences(ninetyTen, every(FIVE_PERCENT), ['ratio']),
    differences(lognormal, every(FIVE_PERCENT_HEAVY)),
    differences(zeroInflated, every(FIVE_PERCENT_HEAVY)),
    differences(lognormalNinetyTen, every(null)),
    pooled(0.05, 2000, 2000),
    pooled(0.05, 9000, 1000),
    pooled(0.002, 5000, 5000),
    eventLevel,
  ],
};
