import type { Moments } from '../../src/core/moments.ts';
import { compareRates } from '../../src/statistics/count-rates.ts';
import { type Cuped, cupedMean, cupedRatio } from '../../src/statistics/cuped/cuped.ts';
import { growthBookCupedLift } from '../../src/statistics/cuped/growth-book.ts';
import type { Inference } from '../../src/statistics/inference.ts';
import { notComputable } from '../../src/statistics/inference.ts';
import { lift } from '../../src/statistics/lift.ts';
import type { Baseline } from '../../src/statistics/power/baseline.ts';
import { detectableEffect } from '../../src/statistics/power/detectable-effect.ts';
import { plannedAlpha } from '../../src/statistics/power/error-rates.ts';
import { type Hypothesis, powerOf } from '../../src/statistics/power/hypothesis.ts';
import { runtimeDays } from '../../src/statistics/power/runtime.ts';
import { sampleSize } from '../../src/statistics/power/sample-size.ts';
import type { PlannedTest } from '../../src/statistics/power/test-plan.ts';
import { sampleOfMean } from '../../src/statistics/samples.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { type ArmInput, momentsOf } from './moments.ts';
import type { Answer, Answers, Family, Reply } from './oracle.ts';

interface CovariedArm extends ArmInput {
  readonly preSum?: number;
  readonly preSumSq?: number;
  readonly cross_pre?: number;
}

interface CovariedArms {
  readonly control: CovariedArm;
  readonly treatment: CovariedArm;
  readonly alpha: number;
  readonly scale?: 'relative' | 'absolute';
}

/** GrowthBook and tea-tasting adjust whatever the covariate is worth. */
const ALWAYS = { leastUnits: 0, leastReduction: Number.NEGATIVE_INFINITY } as const;

function covariedMoments(arm: CovariedArm): Moments {
  if (arm.crossProducts !== undefined) return momentsOf(arm);
  return {
    units: arm.n!,
    pivots: [0, 0],
    sums: [arm.sum!, arm.preSum!],
    products: [[arm.sumSq!], [arm.cross_pre!, arm.preSumSq!]],
  };
}

/** gbstats: uncentred means, and lifts over the unadjusted control mean; it refuses an arm without variance. */
function growthBookCuped(input: CovariedArms): Reply {
  const [control, treatment] = [covariedMoments(input.control), covariedMoments(input.treatment)];
  const adjusted = cupedMean(control, treatment, { centre: 'ORIGIN', ...ALWAYS });
  if (!adjusted.ok) return adjusted;
  if (adjusted.control.variance === 0 || adjusted.treatment.variance === 0) return notComputable('ZERO_VARIANCE');
  const [c, t] = [sampleOfMean(control), sampleOfMean(treatment)];
  if (!c.ok) return c;
  if (!t.ok) return t;
  const level = 1 - input.alpha;
  const means = {
    theta: adjusted.kind === 'ADJUSTED' ? adjusted.theta[0]! : 0,
    adjMeanControl: adjusted.control.mean,
    adjMeanTreatment: adjusted.treatment.mean,
  };
  if (input.scale === 'absolute') {
    const test = welchTest(adjusted.control, adjusted.treatment, { level });
    if (!test.ok) return test;
    const { difference: estimate, standardError: se, degreesOfFreedom: df, pValue, interval } = test;
    return { estimate, se, df, pValue, ciLow: interval.lower!, ciHigh: interval.upper!, ...means };
  }
  const result = growthBookCupedLift({ control: c, treatment: t }, adjusted, { level });
  if (!result.ok) return result;
  const { value: estimate, standardError: se, degreesOfFreedom: df, pValue, interval } = result;
  return { estimate, se: se!, df: df!, pValue, ciLow: interval!.lower!, ciHigh: interval!.upper!, ...means };
}

/** tea-tasting: centred means, the absolute test, and the log interval of the lift of the adjusted means. */
function centredCuped(adjusted: Inference<Cuped>, input: CovariedArms): Reply {
  if (!adjusted.ok) return adjusted;
  const { control, treatment } = adjusted;
  const level = 1 - input.alpha;
  const test = welchTest(control, treatment, { level });
  if (!test.ok) return test;
  const relative = lift(control, treatment, { method: 'LOG', level });
  const lifts: Answers = relative.ok
    ? { lift: relative.value, liftCiLow: relative.interval!.lower!, liftCiHigh: relative.interval!.upper! }
    : {};
  return {
    control: control.mean,
    treatment: treatment.mean,
    difference: test.difference,
    diffCiLow: test.interval.lower!,
    diffCiHigh: test.interval.upper!,
    pValue: test.pValue,
    t: test.statistic,
    ...lifts,
  };
}

interface PowerInput {
  readonly kind: 'sample_size' | 'power' | 'sample_size_proportion' | 'tea';
  readonly effectSize: number;
  readonly power: number;
  readonly alpha: number;
  readonly ratio?: number;
  readonly alternative?: string;
  readonly nControl: number;
  readonly baseline: number;
  readonly relativeMde: number;
  readonly dailyUnits: number;
  readonly sample: ArmInput;
  readonly relEffect: number;
  readonly nObs: number;
}

/** A metric of mean 1 and variance 1, so that a relative effect is the standardised one. */
const STANDARD: Baseline = { type: 'MEAN', mean: 1, variance: 1 };
const difference = (effect: number): Hypothesis => ({ kind: 'DIFFERENCE', effect });

/** The part of an answer, or its refusal. */
const of = <T>(result: Inference<T>, value: (known: T) => number): Answer => (result.ok ? value(result) : result);

function power(input: PowerInput): Reply {
  const { alpha, ratio = 1, effectSize } = input;
  const sided = (input.alternative ?? 'two-sided') === 'two-sided' ? 2 : 1;
  // statsmodels counts rejections on either side
  const plan = (test: PlannedTest) => ({ test, alpha, sided, success: 'EITHER_SIDE' }) as const;
  const target = input.power ?? 0.8;
  switch (input.kind) {
    case 'sample_size': {
      const size = (test: PlannedTest) =>
        sampleSize(STANDARD, difference(effectSize), { ...plan(test), power: target, ratio });
      return { nControlT: of(size('STUDENT'), (n) => n.exact), nControlZ: of(size('NORMAL'), (n) => n.exact) };
    }
    case 'power': {
      const units = { control: input.nControl, treatment: input.nControl * ratio };
      const reached = (test: PlannedTest) => powerOf(STANDARD, difference(effectSize), units, plan(test));
      const smallest = detectableEffect(STANDARD, units, { ...plan('NORMAL'), power: 0.8 });
      return {
        powerT: of(reached('STUDENT'), (known) => known.power),
        powerZ: of(reached('NORMAL'), (known) => known.power),
        mdeZ80: of(smallest, (known) => known.effect),
      };
    }
    case 'sample_size_proportion': {
      const p = input.baseline;
      const baseline: Baseline = { type: 'PROPORTION', mean: p, variance: p * (1 - p) };
      const size = sampleSize(baseline, difference(input.relativeMde), {
        test: 'NORMAL',
        alpha,
        sided,
        power: target,
        ratio,
      });
      if (!size.ok) return size;
      const days = runtimeDays(size.control + size.treatment, { unitsPerDay: input.dailyUnits });
      return { nPerArmExact: size.exact, nPerArm: size.control, runtimeDays: of(days, (known) => known.days) };
    }
    case 'tea': {
      const sample = sampleOfMean(momentsOf(input.sample));
      if (!sample.ok) return sample;
      const baseline: Baseline = { type: 'MEAN', mean: sample.mean, variance: sample.variance };
      const size = sampleSize(baseline, difference(input.relEffect), { ...plan('STUDENT'), power: target, ratio });
      const control = input.nObs / (1 + ratio);
      const units = { control, treatment: input.nObs - control };
      const smallest = detectableEffect(baseline, units, { ...plan('STUDENT'), power: target });
      return {
        nTotal: of(size, ({ exact }) => Math.ceil(exact * (1 + ratio))),
        mdeRelAtNObs: of(smallest, (known) => known.effect),
      };
    }
  }
}

interface SpotifyInput {
  readonly mean: number;
  readonly variance: number;
  readonly binary: boolean;
  readonly relativeMde: number | null;
  readonly nonInferiorityMargin: number | null;
  readonly preferredDirection: 'increase' | 'decrease' | null;
  readonly weights: readonly number[];
  readonly alpha: number;
  readonly power: number;
}

/** spotify-confidence: z, Bonferroni over the comparisons, a constant margin; the treatment is rounded up, then the total. */
function spotifyPower(input: SpotifyInput): Reply {
  const { mean, variance, weights } = input;
  const [controlWeight, ...treatmentWeights] = weights;
  const baseline: Baseline = { type: input.binary ? 'PROPORTION' : 'MEAN', mean, variance };
  const hypothesis: Hypothesis =
    input.nonInferiorityMargin === null
      ? difference(input.relativeMde!)
      : {
          kind: 'NON_INFERIORITY',
          margin: input.nonInferiorityMargin,
          goodWhen: input.preferredDirection === 'decrease' ? 'DOWN' : 'UP',
          marginError: 'IGNORED',
        };
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let requiredTotal = 0;
  for (const weight of treatmentWeights) {
    const size = sampleSize(baseline, hypothesis, {
      test: 'NORMAL',
      alpha: plannedAlpha(input.alpha, treatmentWeights.length, 'BONFERRONI'),
      sided: hypothesis.kind === 'DIFFERENCE' ? 2 : 1,
      power: input.power,
      ratio: weight / controlWeight!,
    });
    if (!size.ok) return size;
    const pair = size.treatment * (1 + controlWeight! / weight);
    requiredTotal = Math.max(requiredTotal, Math.ceil(pair / ((weight + controlWeight!) / sum)));
  }
  return { requiredTotal };
}

interface CountInput {
  readonly control: { readonly count: number; readonly exposure: number };
  readonly treatment: { readonly count: number; readonly exposure: number };
  readonly alpha: number;
}

function countRate({ control, treatment, alpha }: CountInput): Reply {
  const rate = (arm: CountInput['control']) => ({ events: arm.count, exposure: arm.exposure });
  const test = compareRates(rate(control), rate(treatment), { level: 1 - alpha });
  if (!test.ok) return test;
  const open = Number.POSITIVE_INFINITY; // the references' spelling of no bound
  return {
    ratio: test.ratio ?? open,
    zScore: test.statistic,
    pScore: test.pValue,
    pExact: test.exactPValue,
    ciScore: [test.interval.lower!, test.interval.upper ?? open],
  };
}

const both = ({ control, treatment }: CovariedArms) => [covariedMoments(control), covariedMoments(treatment)] as const;

/** Variance reduction, power and rates of counts. */
export const DESIGN_FAMILIES: Readonly<Record<string, Family>> = {
  cuped_mean: { answer: growthBookCuped },
  cuped_tea: { answer: (input) => centredCuped(cupedMean(...both(input), ALWAYS), input) },
  ratio_cuped: { answer: (input) => centredCuped(cupedRatio(...both(input), ALWAYS), input) },
  power: { answer: power },
  power_spotify: { answer: spotifyPower },
  count_rate: { answer: countRate },
};
