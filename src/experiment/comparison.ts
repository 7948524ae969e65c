import type { LiftMethod } from '../core/vocabulary.ts';
import type { Trace } from '../evaluate/trace.ts';
import type { Inference, Sample } from '../statistics/inference.ts';
import { fiellerSet } from '../statistics/lift/fieller.ts';
import { lift, liftDefined } from '../statistics/lift.ts';
import { sampleOfProportion } from '../statistics/samples.ts';
import { asymptoticSequence, type SequenceInput, tuningRho2 } from '../statistics/sequential.ts';
import { type WelchTest, welchTest } from '../statistics/welch.ts';
import { hasEnded } from './analysis.ts';
import { type Arms, armsOf, bothSamples, samplesOf } from './arms.ts';
import { type Estimate, unknownEstimate } from './estimate.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';

/** The two arms of a line compared: everything the headline numbers are made from. */
export interface Comparison {
  readonly row: ResultRow;
  readonly arms: Arms;
  readonly samples: Inference<{ readonly control: Sample; readonly treatment: Sample }>;
}

export async function compare(session: Session, row: ResultRow, trace?: Trace): Promise<Comparison> {
  const arms = await armsOf(session, row, ['products'], trace);
  return { row, arms, samples: bothSamples(samplesOf(row, arms)) };
}

/** Units at which the always-valid tests are tightest where a running experiment has no plan. */
const DEFAULT_TUNING_UNITS = 5_000;

/** N*: the planned units of the pair; without a plan, the units at hand once the experiment has ended, else a constant. */
export function tuningUnits({ row, arms }: Comparison): number {
  const planned = row.experiment.plan?.unitsPerVariant;
  if (planned != null) return 2 * planned;
  const atHand = arms.control.moments.units + arms.treatment.moments.units;
  return hasEnded(row.experiment, row.analysis.asOf) && atHand > 0 ? atHand : DEFAULT_TUNING_UNITS;
}

/** The absolute difference as the always-valid tests take it. */
export function sequenceInput(comparison: Comparison, test: WelchTest, alpha: number): SequenceInput {
  const { arms } = comparison;
  return {
    estimate: test.difference,
    standardError: test.standardError,
    units: arms.control.moments.units + arms.treatment.moments.units,
    alpha,
    tuningUnits: tuningUnits(comparison),
  };
}

/** Welch's test on the absolute scale, whatever the analysis. */
export function fixedTest({ samples }: Comparison, level: number): Inference<WelchTest> {
  return samples.ok ? welchTest(samples.control, samples.treatment, { level }) : samples;
}

/** Treatment minus control under the applied analysis. */
export function differenceOf(comparison: Comparison, level = comparison.row.analysis.level): Estimate {
  const test = fixedTest(comparison, level);
  if (!test.ok) return unknownDifference(comparison, test.reason);
  const fixed = { value: test.difference, standardError: test.standardError, unknown: null };
  if (comparison.row.analysis.sequential === 'NONE') return { ...fixed, interval: test.interval, pValue: test.pValue };
  const look = asymptoticSequence(sequenceInput(comparison, test, 1 - level));
  return look.ok
    ? { ...fixed, interval: look.interval, pValue: headlineP(comparison) }
    : { ...fixed, interval: null, pValue: null, unknown: look.reason };
}

/** Where there is no test there may still be two means: their difference is known, its uncertainty is not. */
function unknownDifference({ samples }: Comparison, reason: NonNullable<Estimate['unknown']>): Estimate {
  const value = samples.ok ? samples.treatment.mean - samples.control.mean : null;
  return { ...unknownEstimate(reason), value: value !== null && Number.isFinite(value) ? value : null };
}

/** The headline p-value: of the absolute test, always-valid if the analysis says so. */
export function headlineP(comparison: Comparison): number | null {
  const { analysis } = comparison.row;
  const test = fixedTest(comparison, analysis.level);
  if (!test.ok) return null;
  if (analysis.sequential === 'NONE') return test.pValue;
  const look = asymptoticSequence(sequenceInput(comparison, test, analysis.alpha));
  return look.ok ? look.pValue : null;
}

/** Relative change. Null where it has no meaning; the interval null where the data bound it on no side or one. */
export function liftOf(
  comparison: Comparison,
  method: LiftMethod = comparison.row.analysis.lift,
  level = comparison.row.analysis.level,
): Estimate {
  const { samples, row, arms } = comparison;
  if (!samples.ok) return unknownEstimate(samples.reason);
  const defined = liftDefined(samples.control, samples.treatment);
  if (!defined.ok) return unknownEstimate(defined.reason);
  if (row.analysis.sequential !== 'NONE') return sequentialLift(comparison, samples.control, samples.treatment, level);
  // GrowthBook's DELTA takes p(1 − p) for a proportion; all else is ddof 1.
  const pair =
    method === 'DELTA' && row.metric.type === 'PROPORTION'
      ? bothSamples({
          control: sampleOfProportion(arms.control.moments, 'BINOMIAL'),
          treatment: sampleOfProportion(arms.treatment.moments, 'BINOMIAL'),
        })
      : samples;
  const result = pair.ok ? lift(pair.control, pair.treatment, { method, level }) : pair;
  if (!result.ok)
    return { ...unknownEstimate(result.reason), value: samples.treatment.mean / samples.control.mean - 1 };
  return {
    value: result.value,
    standardError: method === 'DELTA' ? result.standardError : null,
    interval: result.interval,
    pValue: result.pValue,
    unknown: result.intervalUnknown,
  };
}

/** Fieller's set with the critical value of the confidence sequence: it excludes 0 exactly when the sequence of differences does. */
function sequentialLift(comparison: Comparison, control: Sample, treatment: Sample, level: number): Estimate {
  const value = treatment.mean / control.mean - 1;
  const test = fixedTest(comparison, level);
  if (!test.ok) return { ...unknownEstimate(test.reason), value };
  const { units, tuningUnits: tuning, alpha } = sequenceInput(comparison, test, 1 - level);
  const x = units * tuningRho2(alpha, tuning);
  const { bounds } = fiellerSet(control, treatment, Math.sqrt(((x + 1) / x) * (Math.log1p(x) - 2 * Math.log(alpha))));
  return {
    value,
    standardError: null,
    interval: bounds === null ? null : { ...bounds, level },
    pValue: headlineP(comparison),
    unknown: bounds === null ? 'UNBOUNDED' : null,
  };
}

/** The same comparison with the values as they were before capping; not computable without a cap. */
export function uncappedOf(comparison: Comparison): Estimate {
  const { row, arms } = comparison;
  const uncapped = (arm: Arms['control']) =>
    arm.capping === null ? null : { ...arm, moments: arm.capping.uncapped, capping: null };
  const control = uncapped(arms.control);
  const treatment = uncapped(arms.treatment);
  if (control === null || treatment === null) return unknownEstimate('NOT_APPLICABLE');
  const raw: Arms = { control, treatment };
  return differenceOf({ row, arms: raw, samples: bothSamples(samplesOf(row, raw)) });
}
