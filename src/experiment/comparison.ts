import type { LiftMethod } from '../core/vocabulary.ts';
import type { Trace } from '../evaluate/trace.ts';
import { quantileSample } from '../metric-types/quantile.ts';
import type { MomentNeed } from '../plan/question.ts';
import type { CupedAdjusted } from '../statistics/cuped/cuped.ts';
import { growthBookCupedLift } from '../statistics/cuped/growth-book.ts';
import type { Inference, Sample } from '../statistics/inference.ts';
import { fiellerLiftOf, fiellerSet } from '../statistics/lift/fieller.ts';
import type { Lift } from '../statistics/lift/method.ts';
import { lift, liftDefined } from '../statistics/lift.ts';
import { sampleOfProportion } from '../statistics/samples.ts';
import type { SequenceLook } from '../statistics/sequential.ts';
import { type WelchTest, welchTest } from '../statistics/welch.ts';
import { type Adjustment, cupedOf } from './adjustment.ts';
import { isRamped } from './allocation.ts';
import type { Arms, Pair } from './arm-pair.ts';
import { armsOf, bothSamples, samplesOf } from './arms.ts';
import { type Estimate, unknownEstimate } from './estimate.ts';
import { lineKey } from './line-key.ts';
import type { AtHand } from './looks.ts';
import { oncePerRequest } from './per-request.ts';
import type { ResultRow } from './result-row.ts';
import { type Repeated, repeatedLook } from './sequence.ts';
import type { Session } from './session.ts';
import { standardised } from './strata.ts';

/** The two arms of a line compared: everything the headline numbers are made from. */
export interface Comparison extends AtHand {
  /** What every headline number is made from: adjusted where the analysis says so and it can be done. */
  readonly samples: Inference<Pair>;
  /** The arms as they are; absent: as `samples`. */
  readonly unadjusted?: Inference<Pair>;
  /** What was applied, in order; absent: nothing. */
  readonly adjustments?: readonly Adjustment[];
  /** The adjustment by the covariate, or why there is none; absent: the analysis does not ask for it. */
  readonly cuped?: Inference<CupedAdjusted>;
}

const comparisons = oncePerRequest<Comparison>();

/** A line's two arms under its analysis; read and adjusted once a request. */
export function compare(session: Session, row: ResultRow, trace?: Trace): Promise<Comparison> {
  return comparisons(session, lineKey(row), (own) => compared(session, row, own), trace);
}

async function compared(session: Session, row: ResultRow, trace: Trace): Promise<Comparison> {
  const arms = await armsOf(session, row, needsOf(row), trace);
  const plain = bothSamples(samplesOf(row, arms));
  const mix = standardised(row, arms, plain);
  const samples = mix?.samples ?? plain;
  const adjustments: readonly Adjustment[] = mix === null ? [] : ['POST_STRATIFICATION'];
  // Where the allocation changed, the arms as they are say nothing of each other.
  const unadjusted = isRamped(row.experiment) ? samples : plain;
  if (!row.analysis.cuped)
    return mix === null ? { row, arms, samples } : { row, arms, samples, unadjusted, adjustments };
  const cuped = samples.ok ? cupedOf(row, mix?.arms ?? arms) : samples;
  if (!cuped.ok) return { row, arms, samples, unadjusted, adjustments, cuped };
  const { control, treatment } = cuped;
  return {
    ...{ row, arms, unadjusted, cuped },
    samples: { ok: true, control, treatment },
    adjustments: [...adjustments, 'CUPED'],
  };
}

/** What a line's headline is made from. */
export function needsOf({ analysis, metric }: ResultRow): readonly MomentNeed[] {
  return analysis.cuped && metric.covariate != null ? ['products', 'covariates'] : ['products'];
}

/** The arms as they are, whatever the analysis adjusts. */
export function rawSamples({ samples, unadjusted = samples }: Comparison): Inference<Pair> {
  return unadjusted;
}

/** Whether the headline is adjusted by the metric's covariate. */
export function isCuped({ adjustments = [] }: Comparison): boolean {
  return adjustments.includes('CUPED');
}

/** Welch's test on the absolute scale, whatever the analysis says of looking repeatedly. */
export function fixedTest({ samples }: Comparison, level: number): Inference<WelchTest> {
  if (!samples.ok) return samples;
  let known = fixedTests.get(samples);
  if (known?.level !== level) {
    known = { level, test: welchTest(samples.control, samples.treatment, { level }) };
    fixedTests.set(samples, known);
  }
  return known.test;
}

/** The latest test of a pair: many numbers of a line are made from it, nearly all at one level. */
const fixedTests = new WeakMap<Pair, { readonly level: number; readonly test: Inference<WelchTest> }>();

/** The analysis' look at an effect; null: a fixed test. */
function lookOf(
  comparison: Comparison,
  effect: { readonly estimate: number; readonly standardError: number },
  alpha: number,
): Inference<SequenceLook> | null {
  const { sequential } = comparison.row.analysis;
  // Everything but NONE is a way to look repeatedly.
  return sequential === 'NONE' ? null : repeatedLook(comparison, effect, { method: sequential as Repeated, alpha });
}

const effectOf = ({ difference, standardError }: WelchTest) => ({ estimate: difference, standardError });

/** Treatment minus control under the applied analysis. */
export function differenceOf(comparison: Comparison, level = comparison.row.analysis.level): Estimate {
  const test = fixedTest(comparison, level);
  if (!test.ok) return unknownDifference(comparison, test.reason);
  const fixed = { value: test.difference, standardError: test.standardError, unknown: null };
  const look = lookOf(comparison, effectOf(test), 1 - level);
  if (look === null) return { ...fixed, interval: test.interval, pValue: test.pValue };
  return look.ok
    ? { ...fixed, interval: look.interval, pValue: headlineP(comparison) }
    : { ...fixed, interval: null, pValue: null, unknown: look.reason };
}

/** Where there is no test there may still be two means: their difference is known, its uncertainty is not. */
function unknownDifference({ samples }: Comparison, reason: NonNullable<Estimate['unknown']>): Estimate {
  const value = samples.ok ? samples.treatment.mean - samples.control.mean : null;
  return { ...unknownEstimate(reason), value: value !== null && Number.isFinite(value) ? value : null };
}

/** The headline p-value: of the absolute test, of the analysis' look if it looks repeatedly. */
export function headlineP(comparison: Comparison): number | null {
  const { analysis } = comparison.row;
  const test = fixedTest(comparison, analysis.level);
  if (!test.ok) return null;
  const look = lookOf(comparison, effectOf(test), analysis.alpha);
  if (look === null) return test.pValue;
  return look.ok ? look.pValue : null;
}

/**
 * Relative change. Null where it has no meaning; the interval null where the data bound it on no side or one. Looked at
 * repeatedly, each method takes the look's critical value: FIELLER excludes 0 exactly when the difference does; DELTA is
 * GrowthBook's relative confidence sequence, which for rare events errs more often than it says.
 */
export function liftOf(
  comparison: Comparison,
  method: LiftMethod = comparison.row.analysis.lift,
  level = comparison.row.analysis.level,
): Estimate {
  const pair = method === 'DELTA' ? growthBookSamples(comparison) : comparison.samples;
  if (!pair.ok) return unknownEstimate(pair.reason);
  const defined = liftDefined(pair.control, pair.treatment);
  if (!defined.ok) return unknownEstimate(defined.reason);
  const result = liftBy(comparison, pair, { method, level });
  if (!result.ok) return { ...unknownEstimate(result.reason), value: pair.treatment.mean / pair.control.mean - 1 };
  if (comparison.row.analysis.sequential !== 'NONE') return sequentialLift(comparison, pair, { result, method, level });
  return {
    value: result.value,
    standardError: method === 'DELTA' ? result.standardError : null,
    interval: result.interval,
    pValue: result.pValue,
    unknown: result.intervalUnknown,
  };
}

function liftBy(
  comparison: Comparison,
  pair: Pair,
  { method, level }: { readonly method: LiftMethod; readonly level: number },
): Inference<Lift> {
  if (method === 'DELTA') return deltaLiftOf(comparison, level);
  if (method === 'LOG') return lift(pair.control, pair.treatment, { method, level });
  const test = fixedTest(comparison, level);
  return test.ok ? fiellerLiftOf(pair.control, pair.treatment, test) : test;
}

/** GrowthBook's relative change: its own samples; under CUPED over the control mean as it is. */
export function deltaLiftOf(comparison: Comparison, level: number): Inference<Lift> {
  const pair = growthBookSamples(comparison);
  if (!pair.ok) return pair;
  const { samples } = comparison;
  if (isCuped(comparison) && samples.ok) return growthBookCupedLift(pair, samples, { level });
  return lift(pair.control, pair.treatment, { method: 'DELTA', level });
}

/**
 * The arms as GrowthBook's DELTA takes them: p(1 − p) for a proportion, its own form for a quantile, the means before CUPED; all
 * else is the same.
 */
function growthBookSamples(comparison: Comparison): Inference<Pair> {
  const { row, arms, samples, adjustments = [] } = comparison;
  // Where clusters were randomised, so is the variance theirs.
  if (arms.control.clusters != null || arms.treatment.clusters != null) return samples;
  if (adjustments.length > 0) return isCuped(comparison) ? rawSamples(comparison) : samples;
  const both = (of: (arm: Arms['control']) => Inference<Sample>) =>
    bothSamples({ control: of(arms.control), treatment: of(arms.treatment) });
  if (row.metric.type === 'PROPORTION') return both(({ moments }) => sampleOfProportion(moments, 'BINOMIAL'));
  if (row.metric.type === 'QUANTILE') return both((arm) => quantileSample(arm, row.metric, 'GROWTHBOOK'));
  return samples;
}

function sequentialLift(
  comparison: Comparison,
  pair: Pair,
  { result, method, level }: { readonly result: Lift; readonly method: LiftMethod; readonly level: number },
): Estimate {
  const { value, standardError } = result;
  if (method === 'DELTA') {
    // GrowthBook takes the events of a quantile for its units.
    const counted = comparison.row.metric.type === 'QUANTILE' ? { counted: pair.control.n + pair.treatment.n } : {};
    const own = { estimate: value, standardError: standardError!, ...counted };
    const look = lookOf(comparison, own, 1 - level)!; // only asked where the analysis looks repeatedly
    if (!look.ok) return { ...unknownEstimate(look.reason), value };
    const p = lookOf(comparison, own, comparison.row.analysis.alpha)!;
    return { value, standardError, interval: look.interval, pValue: p.ok ? p.pValue : null, unknown: null };
  }
  const test = fixedTest(comparison, level);
  if (!test.ok) return { ...unknownEstimate(test.reason), value };
  const look = lookOf(comparison, effectOf(test), 1 - level)!;
  if (!look.ok) return { ...unknownEstimate(look.reason), value };
  const q = look.criticalValue;
  const bounds =
    method === 'LOG' ? logBounds(value, q * standardError!) : fiellerSet(pair.control, pair.treatment, q).bounds;
  return {
    value,
    standardError: null,
    interval: bounds === null ? null : { ...bounds, level },
    pValue: headlineP(comparison),
    unknown: bounds === null ? 'UNBOUNDED' : null,
  };
}

/** The lifts within a distance of the logarithm of treatment / control. */
function logBounds(value: number, half: number) {
  const [lower, upper] = [(1 + value) * Math.exp(-half) - 1, (1 + value) * Math.exp(half) - 1];
  return Number.isFinite(upper) ? { lower, upper } : null;
}

/** The same comparison with the values as they were before capping; not computable without a cap. */
export function uncappedOf(comparison: Comparison): Estimate {
  const { row, arms } = comparison;
  if (arms.control.capping === null || arms.treatment.capping === null) return unknownEstimate('NOT_APPLICABLE');
  // An arm without units has nothing capped.
  const uncapped = (arm: Arms['control']) =>
    arm.capping === null
      ? arm
      : {
          ...arm,
          moments: arm.capping.uncapped,
          clusters: arm.capping.uncappedClusters ?? null,
          joint: null,
          capping: null,
        };
  const both = <Pair extends Pick<Arms, 'control' | 'treatment'>>(pair: Pair) => ({
    ...pair,
    control: uncapped(pair.control),
    treatment: uncapped(pair.treatment),
  });
  const raw: Arms = { ...both(arms), strata: arms.strata?.map(both) ?? null };
  const plain = bothSamples(samplesOf(row, raw));
  return differenceOf({
    ...comparison,
    arms: raw,
    samples: standardised(row, raw, plain)?.samples ?? plain,
    adjustments: [],
  });
}
