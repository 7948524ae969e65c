import { mergeMoments } from '../../src/core/moments.ts';
import { type EffectPrior, type EffectScale, effectPosterior } from '../../src/statistics/bayesian.ts';
import { sampleOfMean } from '../../src/statistics/samples.ts';
import { complement, rate } from '../measure.ts';
import { normalMetric } from '../moments.ts';
import type { Family, Simulation } from '../simulation.ts';
import { CREDIBLE_95, rateTarget } from '../targets.ts';

const metric = normalMetric(10, 2);

/** Effects drawn from the prior that the analysis has. */
function ownPrior(scale: EffectScale, sd: number, units: number): Simulation {
  const prior: EffectPrior = { kind: 'NORMAL', mean: 0, sd, scale };
  const name = `effects from the prior N(0, ${sd}²), ${scale.toLowerCase()}, n ${units}`;
  return {
    name,
    runs: 10_000,
    chunk: 500,
    prepare: () => (random) => {
      const effect = sd * random.normal();
      const factor = scale === 'RELATIVE' ? 1 + effect : 1;
      const control = sampleOfMean(metric.moments(random, units));
      const drawn = sampleOfMean(metric.moments(random, units, factor));
      if (!control.ok || !drawn.ok) return { missed: null };
      const treatment = scale === 'RELATIVE' ? drawn : { ...drawn, mean: drawn.mean + effect };
      const posterior = effectPosterior(control, treatment, { level: 0.95, goodWhen: 'UP', scale, prior });
      if (!posterior.ok) return { missed: null };
      const { interval, chanceToBeatControl: chance } = posterior;
      return {
        missed: effect < interval.lower! || effect > interval.upper!,
        positive: chance >= 0.9 && chance <= 0.95 ? effect > 0 : undefined,
      };
    },
    claims: [
      {
        what: `95 % credible interval: ${name}`,
        promise: '95 % cover',
        measure: complement('missed'),
        target: CREDIBLE_95,
      },
      {
        what: `chance to beat control from .90 to .95: ${name}`,
        promise: 'is the share of effects that are positive',
        measure: rate('positive'),
        target: rateTarget(0.88, 0.97),
      },
    ],
  };
}

/** A/A tests with a flat prior: one reading, and twenty of them from 1,000 to 20,000 units an arm. */
const peeking: Simulation = {
  name: 'Bayesian A/A with a flat prior',
  runs: 10_000,
  chunk: 250,
  prepare: () => (random) => {
    const chances: number[] = [];
    let arms: ReturnType<typeof metric.moments>[] | null = null;
    for (let look = 0; look < 20; look++) {
      const drawn = [metric.moments(random, 1000), metric.moments(random, 1000)];
      arms = arms === null ? drawn : arms.map((moments, i) => mergeMoments(moments, drawn[i]!));
      const [control, treatment] = arms.map((moments) => sampleOfMean(moments));
      if (!control!.ok || !treatment!.ok) continue;
      const options = { level: 0.95, goodWhen: 'UP', scale: 'ABSOLUTE', prior: { kind: 'FLAT' } } as const;
      const posterior = effectPosterior(control!, treatment!, options);
      if (posterior.ok) chances.push(posterior.chanceToBeatControl);
    }
    const first = chances[0]!;
    return { once: first > 0.95 || first < 0.05, everAbove: chances.some((chance) => chance > 0.95) };
  },
  claims: [
    {
      what: 'chance to beat control above .95 or below .05 in an A/A test, flat prior, read once',
      promise: '10 %: two one-sided tests',
      measure: rate('once'),
      target: rateTarget(0.0901, 0.1099),
    },
    {
      what: 'chance to beat control ever above .95 in an A/A test, flat prior, read 20 times',
      promise: 'none: not safe to peek at',
      measure: rate('everAbove'),
      target: null,
    },
  ],
};

export const bayesianFamily: Family = {
  title: 'Bayesian posterior',
  note: `Samples of N(10, 2²), drawn as exact sufficient statistics. A posterior is calibrated for effects that come from its prior, read
once; the last row says what becomes of it when it is read again and again.`,
  simulations: [ownPrior('ABSOLUTE', 0.2, 500), ownPrior('RELATIVE', 0.02, 500), peeking],
};
