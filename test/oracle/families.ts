import type { PValueCorrection } from '../../src/core/vocabulary.ts';
import type { Alternative } from '../../src/statistics/alternative.ts';
import { criticalValue } from '../../src/statistics/alternative.ts';
import type { Inference, Interval, NotComputable, Sample } from '../../src/statistics/inference.ts';
import { notComputable } from '../../src/statistics/inference.ts';
import { fiellerSet } from '../../src/statistics/lift/fieller.ts';
import { lift } from '../../src/statistics/lift.ts';
import { adjustPValues } from '../../src/statistics/multiple-testing.ts';
import { constantMarginNonInferiority } from '../../src/statistics/non-inferiority.ts';
import {
  agrestiCaffoInterval,
  type Bounds,
  type Count,
  newcombeInterval,
  pooledZTest,
  scoreInterval,
  waldInterval,
  wilsonInterval,
} from '../../src/statistics/proportions.ts';
import { sampleOfMean, sampleOfProportion, sampleOfRatio } from '../../src/statistics/samples.ts';
import { asymptoticSequence } from '../../src/statistics/sequential.ts';
import { sampleRatioTest } from '../../src/statistics/srm.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { cappedSamples } from './capped-mean.ts';
import { DESIGN_FAMILIES } from './design-families.ts';
import { DISTRIBUTIONS } from './distribution.ts';
import { type ArmInput, momentsOf } from './moments.ts';
import type { Answer, Answers, Family, JsonNumber, Reply } from './oracle.ts';
import { SEQUENTIAL_FAMILIES } from './sequential-families.ts';
import { SERIES_FAMILIES } from './series-families.ts';

interface TwoArms {
  readonly control: ArmInput;
  readonly treatment: ArmInput;
  readonly alpha: number;
  readonly alternative?: string;
  readonly scale?: 'relative' | 'absolute';
}

const ALTERNATIVES: Readonly<Record<string, Alternative>> = {
  'two-sided': 'two-sided',
  greater: 'greater',
  larger: 'greater',
  less: 'less',
  smaller: 'less',
};

function alternativeOf(input: { readonly alternative?: string }): Alternative {
  const alternative = ALTERNATIVES[input.alternative ?? 'two-sided'];
  if (alternative === undefined) throw new Error(`Unknown alternative ${input.alternative}.`);
  return alternative;
}

const optionsOf = (input: TwoArms) => ({ level: 1 - input.alpha, alternative: alternativeOf(input) });

const bounds = (interval: Interval) => ({
  ciLow: interval.lower ?? Number.NEGATIVE_INFINITY,
  ciHigh: interval.upper ?? Number.POSITIVE_INFINITY,
});

/** Both arms as samples, then the answers; a refusal of any step is the reply. */
function withSamples(
  input: TwoArms,
  sampleOf: (arm: ArmInput) => Inference<Sample>,
  answers: (control: Sample, treatment: Sample) => Reply,
): Reply {
  const [control, treatment] = [sampleOf(input.control), sampleOf(input.treatment)];
  if (!control.ok) return control;
  return treatment.ok ? answers(control, treatment) : treatment;
}

const mean = (arm: ArmInput) => sampleOfMean(momentsOf(arm));
const ratio = (arm: ArmInput) => sampleOfRatio(momentsOf(arm));
const binomial = (arm: ArmInput) => sampleOfProportion(momentsOf(arm), 'BINOMIAL');

function welchAnswers(control: Sample, treatment: Sample, input: TwoArms): Reply {
  const test = welchTest(control, treatment, optionsOf(input));
  if (!test.ok) return test;
  return {
    difference: test.difference,
    se: test.standardError,
    df: test.degreesOfFreedom,
    t: test.statistic,
    pValue: test.pValue,
    ...bounds(test.interval),
  };
}

/** GrowthBook's frequentist test: relative by the delta method, or absolute. It refuses an arm without variance on either scale. */
function growthBook(control: Sample, treatment: Sample, input: TwoArms): Reply {
  if (input.scale === 'absolute') {
    if (control.variance === 0 || treatment.variance === 0) return notComputable('ZERO_VARIANCE');
    const test = welchTest(control, treatment, optionsOf(input));
    if (!test.ok) return test;
    return {
      estimate: test.difference,
      se: test.standardError,
      df: test.degreesOfFreedom,
      pValue: test.pValue,
      ...bounds(test.interval),
    };
  }
  const test = lift(control, treatment, { method: 'DELTA', ...optionsOf(input) });
  if (!test.ok) return test;
  return {
    estimate: test.value,
    se: test.standardError!,
    df: test.degreesOfFreedom!,
    pValue: test.pValue,
    ...bounds(test.interval!),
  };
}

function logAnswers(control: Sample, treatment: Sample, input: TwoArms): Answers | NotComputable {
  const result = lift(control, treatment, { method: 'LOG', ...optionsOf(input) });
  return result.ok ? { lift: result.value, ...bounds(result.interval!), pValue: result.pValue } : result;
}

function fiellerAnswers(control: Sample, treatment: Sample, input: TwoArms & { readonly method?: 't' | 'z' }): Reply {
  const options = { ...optionsOf(input), reference: input.method === 'z' ? ('NORMAL' as const) : ('T' as const) };
  const result = lift(control, treatment, { method: 'FIELLER', ...options });
  if (!result.ok) return result;
  const q = criticalValue(options.level, result.degreesOfFreedom ?? Number.POSITIVE_INFINITY, options.alternative);
  const open: NotComputable = notComputable('UNBOUNDED');
  const ends: Answers = result.interval === null ? { ciLow: open, ciHigh: open } : bounds(result.interval);
  const { g } = fiellerSet(control, treatment, q);
  return { lift: result.value, bounded: result.interval !== null, g, pValue: result.pValue, ...ends };
}

function ratioOfTotals(control: Sample, treatment: Sample, input: TwoArms): Reply {
  const difference = welchAnswers(control, treatment, input);
  const relative = logAnswers(control, treatment, input);
  if (typeof difference === 'string' || 'ok' in difference) return difference;
  const lifts: Answers =
    'ok' in relative ? {} : { lift: relative.lift!, liftCiLow: relative.ciLow!, liftCiHigh: relative.ciHigh! };
  const { ciLow, ciHigh, ...rest } = difference as Answers;
  return {
    control: control.mean,
    treatment: treatment.mean,
    ...rest,
    diffCiLow: ciLow!,
    diffCiHigh: ciHigh!,
    ...lifts,
  };
}

function proportions(input: TwoArms): Reply {
  const count = ({ n, sum }: ArmInput): Count => ({ units: n!, successes: sum! });
  const [control, treatment, level] = [count(input.control), count(input.treatment), 1 - input.alpha];
  const pair = (result: Inference<Bounds>): Answer => (result.ok ? [result.lower, result.upper] : result);
  const test = pooledZTest(control, treatment, alternativeOf(input));
  return {
    difference: treatment.successes / treatment.units - control.successes / control.units,
    z: test.ok ? test.statistic : test,
    pValue: test.ok ? test.pValue : test,
    wald: pair(waldInterval(control, treatment, level)),
    newcomb: pair(newcombeInterval(control, treatment, level)),
    newcombe: pair(newcombeInterval(control, treatment, level)),
    'agresti-caffo': pair(agrestiCaffoInterval(control, treatment, level)),
    score: pair(scoreInterval(control, treatment, level)),
    wilsonControl: pair(wilsonInterval(control, level)),
    wilsonTreatment: pair(wilsonInterval(treatment, level)),
  };
}

async function capped(input: TwoArms & Parameters<typeof cappedSamples>[0]): Promise<Reply> {
  const { control, treatment, lower, upper } = await cappedSamples(input);
  if (!control.ok) return control;
  if (!treatment.ok) return treatment;
  const test = welchAnswers(control, treatment, input);
  if (typeof test === 'string' || 'ok' in test) return test;
  const caps: Record<string, Answer> = {};
  for (const key of ['cap', 'capHigh', 'capUpper', 'upper', 'hi']) if (upper !== null) caps[key] = upper;
  for (const key of ['capLow', 'capLower', 'lower', 'lo']) if (lower !== null) caps[key] = lower;
  return { ...(test as Answers), ...caps, meanControl: control.mean, meanTreatment: treatment.mean };
}

function nonInferiority(
  input: TwoArms & { readonly margin: number; readonly preferredDirection: 'increase' | 'decrease' },
): Reply {
  // spotify-confidence takes p(1 − p) where the values are their own squares
  const sampleOf = (arm: ArmInput) => (arm.sum === arm.sumSq ? binomial(arm) : mean(arm));
  return withSamples(input, sampleOf, (control, treatment) => {
    const goodWhen = input.preferredDirection === 'increase' ? 'UP' : 'DOWN';
    const test = constantMarginNonInferiority(control, treatment, {
      margin: input.margin,
      goodWhen,
      alpha: input.alpha,
    });
    if (!test.ok) return test;
    return {
      difference: test.difference,
      pValue: test.pValue,
      ...bounds(test.interval),
      nullHypothesis: test.nullDifference,
      significant: test.holds,
    };
  });
}

function sequential(input: TwoArms & { readonly tuningParameter: number }): Reply {
  return withSamples(input, mean, (control, treatment) => {
    const fixed = growthBook(control, treatment, input);
    if (typeof fixed === 'string' || 'ok' in fixed) return fixed;
    const { estimate, se } = fixed as { readonly estimate: number; readonly se: number };
    const look = asymptoticSequence({
      estimate,
      standardError: se,
      units: control.n + treatment.n,
      alpha: input.alpha,
      tuningUnits: input.tuningParameter,
    });
    return look.ok ? { estimate, se, pValue: look.pValue, ...bounds(look.interval) } : look;
  });
}

interface AllocationInput {
  readonly counts: readonly number[];
  readonly weights: readonly number[];
}

function allocation({ counts, weights }: AllocationInput): Reply {
  // gbstats leaves such an arm out of the sum and keeps its degree of freedom; we refuse it by convention
  if (weights.some((weight) => !(weight > 0))) return 'NOT_OFFERED';
  const test = sampleRatioTest(counts.map((observed, i) => ({ observed, weight: weights[i]! })));
  return test.ok ? { chi2: test.chiSquare, df: test.degreesOfFreedom, pValue: test.pValue } : test;
}

const CORRECTION_NAMES: Readonly<Record<string, PValueCorrection>> = {
  bonferroni: 'BONFERRONI',
  sidak: 'SIDAK',
  holm: 'HOLM',
  'simes-hochberg': 'HOCHBERG',
  fdr_bh: 'BENJAMINI_HOCHBERG',
  fdr_by: 'BENJAMINI_YEKUTIELI',
};

function corrections({ p }: { readonly p: readonly (JsonNumber | null)[] }): Reply {
  const pValues = p.map((value) => (value === null || value === 'NaN' ? null : Number(value)));
  const offered = Object.entries(CORRECTION_NAMES).map(([key, name]) => [key, adjustPValues(pValues, name)] as const);
  return { ...Object.fromEntries(offered), hommel: 'NOT_OFFERED', 'holm-sidak': 'NOT_OFFERED' };
}

function distribution({ fn, args }: { readonly fn: string; readonly args: readonly JsonNumber[] }): Reply {
  const evaluate = DISTRIBUTIONS[fn];
  if (evaluate === undefined) throw new Error(`No distribution function ${fn}.`);
  return { value: evaluate(...args.map(Number)) };
}

/** How each family of reference cases goes through the project's functions. */
export const FAMILIES: Readonly<Record<string, Family>> = {
  distribution: { answer: distribution },
  mean_absolute_welch: { answer: (input) => withSamples(input, mean, (c, t) => welchAnswers(c, t, input)) },
  mean_relative_delta: { answer: (input) => withSamples(input, mean, (c, t) => growthBook(c, t, input)) },
  mean_relative_log: { answer: (input) => withSamples(input, mean, (c, t) => logAnswers(c, t, input)) },
  relative_fieller: { answer: (input) => withSamples(input, mean, (c, t) => fiellerAnswers(c, t, input)) },
  proportion_absolute: { answer: proportions },
  proportion_relative_delta: { answer: (input) => withSamples(input, binomial, (c, t) => growthBook(c, t, input)) },
  ratio_delta: { answer: (input) => withSamples(input, ratio, (c, t) => growthBook(c, t, input)) },
  ratio_tea: { answer: (input) => withSamples(input, ratio, (c, t) => ratioOfTotals(c, t, input)) },
  capped_mean: { answer: capped },
  non_inferiority: { answer: nonInferiority },
  sequential_asymptotic: { answer: sequential },
  srm: {
    answer: allocation,
    // gbstats returns p = 1 for no units; we say that it is not known
    refuses: ({ counts }: AllocationInput) => counts.every((count) => count === 0),
  },
  multiple_testing: { answer: corrections },
  // Functions that no query reaches yet.
  ...DESIGN_FAMILIES,
  ...SEQUENTIAL_FAMILIES,
  ...SERIES_FAMILIES,
};

/** Families whose methods are not built yet; their cases are counted, not run. */
export const STILL_TO_COME: readonly string[] = [];
