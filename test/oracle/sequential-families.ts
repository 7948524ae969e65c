import { type EffectPrior, type EffectScale, effectPosterior } from '../../src/statistics/bayesian.ts';
import { groupSequentialBoundaries } from '../../src/statistics/group-sequential/boundaries.ts';
import type { Spending } from '../../src/statistics/group-sequential/spending.ts';
import { sampleOfMean, sampleOfProportion } from '../../src/statistics/samples.ts';
import {
  approximateMixturePrecision,
  mixturePrecision,
  mixtureSequence,
} from '../../src/statistics/sequential-mixture.ts';
import { zTest } from '../../src/statistics/z-test.ts';
import { type ArmInput, momentsOf } from './moments.ts';
import type { Family, Reply } from './oracle.ts';

interface TwoArms {
  readonly control: ArmInput;
  readonly treatment: ArmInput;
  readonly alpha: number;
  readonly metricType?: string;
}

/** Both libraries take p(1 − p) for the variance of a proportion. */
function sampleOf(arm: ArmInput, metricType: string | undefined) {
  const binary = metricType === 'proportion' || arm.sum === arm.sumSq;
  return binary ? sampleOfProportion(momentsOf(arm), 'BINOMIAL') : sampleOfMean(momentsOf(arm));
}

interface LooksInput {
  readonly informationFractions: readonly number[];
  readonly alpha: number;
  readonly spending: string;
  readonly sides: 1 | 2;
}

function spendingOf(name: string): Spending {
  if (name === 'obf') return { kind: 'OBRIEN_FLEMING' };
  if (name === 'pocock') return { kind: 'POCOCK' };
  const rho = /^power([\d.]+)$/.exec(name)?.[1];
  if (rho === undefined) throw new Error(`No spending function ${name}.`);
  return { kind: 'POWER', rho: Number(rho) };
}

function boundaries({ informationFractions, alpha, spending, sides }: LooksInput): Reply {
  const result = groupSequentialBoundaries({
    alpha,
    alternative: sides === 2 ? 'two-sided' : 'greater',
    spending: spendingOf(spending),
    looks: informationFractions,
  });
  return result.ok ? { zBounds: result.looks.map(({ z }) => z) } : result;
}

interface MixtureCase {
  readonly difference: number;
  readonly se2: number;
  readonly alpha: number;
  readonly optimizeAtInformation: number;
}

function mixture({ difference, se2, alpha, optimizeAtInformation }: MixtureCase): Reply {
  const tuning = { alpha, information: optimizeAtInformation };
  const precision = mixturePrecision(tuning);
  const look = mixtureSequence({ estimate: difference, standardError: Math.sqrt(se2), alpha, precision });
  if (!look.ok) return look;
  const { lower, upper } = look.interval;
  return {
    rho: precision,
    rhoApprox: approximateMixturePrecision(tuning),
    ciLow: lower!,
    ciHigh: upper!,
    pValue: look.pValue,
  };
}

interface BayesianCase extends TwoArms {
  readonly prior: {
    readonly mean: number;
    readonly variance: number;
    readonly proper: boolean;
    readonly scale: string;
  };
  readonly inverse: boolean;
  readonly scale: string;
}

const scaleOf = (scale: string): EffectScale => (scale === 'relative' ? 'RELATIVE' : 'ABSOLUTE');

function bayesian({ control, treatment, alpha, metricType, prior, inverse, scale }: BayesianCase): Reply {
  // gbstats takes p(1 − p) where the metric is a proportion, not where values happen to be zeros and ones
  const of = (arm: ArmInput) =>
    metricType === 'proportion' ? sampleOf(arm, metricType) : sampleOfMean(momentsOf(arm));
  const [c, t] = [of(control), of(treatment)];
  if (!c.ok) return c;
  if (!t.ok) return t;
  const { mean, variance } = prior;
  const proper: EffectPrior = { kind: 'NORMAL', mean, sd: Math.sqrt(variance), scale: scaleOf(prior.scale) };
  const posterior = effectPosterior(c, t, {
    level: 1 - alpha,
    goodWhen: inverse ? 'DOWN' : 'UP',
    scale: scaleOf(scale),
    prior: prior.proper ? proper : { kind: 'FLAT' },
  });
  if (!posterior.ok) return posterior;
  return {
    estimate: posterior.mean,
    posteriorSd: posterior.sd,
    ciLow: posterior.interval.lower!,
    ciHigh: posterior.interval.upper!,
    chanceToWin: posterior.chanceToBeatControl,
    riskControl: posterior.expectedLossOfKeeping,
    riskTreatment: posterior.expectedLoss,
  };
}

function zAnswers({ control, treatment, alpha, metricType }: TwoArms): Reply {
  const [c, t] = [sampleOf(control, metricType), sampleOf(treatment, metricType)];
  if (!c.ok) return c;
  if (!t.ok) return t;
  const test = zTest(c, t, { level: 1 - alpha });
  if (!test.ok) return test;
  return {
    difference: test.difference,
    pValue: test.pValue,
    ciLow: test.interval.lower!,
    ciHigh: test.interval.upper!,
  };
}

/** How the families of group-sequential, mixture, Bayesian and z-test cases go through the project's functions. */
export const SEQUENTIAL_FAMILIES: Readonly<Record<string, Family>> = {
  group_sequential_lan_demets: { answer: boundaries },
  group_sequential_spotify: { answer: boundaries },
  sequential_mixture: { answer: mixture },
  bayesian_normal: { answer: bayesian },
  mean_absolute_z: { answer: zAnswers },
};
