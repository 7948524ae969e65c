import type { MetricVersion } from '../catalog/catalog.ts';
import type { CanonicalInstant } from '../core/instant.ts';
import type { Unknown } from '../core/vocabulary.ts';
import type { Trace } from '../evaluate/trace.ts';
import { isBinary, maturesAfter } from '../metric-types/metric-type.ts';
import { METRIC_KINDS } from '../metric-types/registry.ts';
import type { ArmMoments } from '../plan/answer.ts';
import { cupedMean, cupedRatio } from '../statistics/cuped/cuped.ts';
import type { Inference } from '../statistics/inference.ts';
import type { Baseline } from '../statistics/power/baseline.ts';
import { curveUnits } from '../statistics/power/curve.ts';
import { detectableEffect, detectableMargin } from '../statistics/power/detectable-effect.ts';
import { type Hypothesis, powerOf } from '../statistics/power/hypothesis.ts';
import { runtimeDays } from '../statistics/power/runtime.ts';
import { sampleSize } from '../statistics/power/sample-size.ts';
import type { TestPlan } from '../statistics/power/test-plan.ts';
import { armsOf } from './arms.ts';
import { exposuresOf } from './exposures.ts';
import { DAY } from './history.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';

/** What is to be shown of a metric, by which test, with which units. */
export interface PowerPlan {
  /** Relative, positive; null: the smallest that `days` of the traffic can show is sought. */
  readonly minimumDetectableEffect: number | null;
  /** Tolerated worsening, relative: power of a guardrail's non-inferiority test. null: of a goal's difference. */
  readonly margin: number | null;
  /** Of the one test: two-sided for a difference, one-sided for a margin. */
  readonly alpha: number;
  readonly power: number;
  readonly test: 'WELCH' | 'SEQUENCE';
  /** Whether the metric's covariate is used, as far as it has helped in the data at hand. */
  readonly cuped: boolean;
  /** Shares of the units: of the control, of the treatment, and of all variants together (1, 1 and 3 for three equal arms). */
  readonly weights: { readonly control: number; readonly treatment: number; readonly all: number };
  /** New units of each day in turn; one number: the same every day. */
  readonly unitsPerDay: number | readonly number[];
  /** Days of traffic that an effect is sought for where none is stated. */
  readonly days: number;
  /** Units that are there already, in all variants. */
  readonly unitsSoFar: number;
}

export interface PowerAnalysis {
  /** The line that the baseline is the control arm of. */
  readonly row: ResultRow;
  readonly baseline: Baseline | null;
  readonly minimumDetectableEffect: number | null;
  /** Of the control and of the treatment, the larger. */
  readonly unitsPerVariant: number | null;
  /** From now until all units are exposed and mature. */
  readonly days: number | null;
  readonly achievedPower: number | null;
  readonly unknown: Unknown | null;
  curve(points: number): readonly PowerPoint[];
}

export interface PowerPoint {
  /** Of each of the two variants; where they are unequal, of the larger. */
  readonly units: number;
  readonly minimumDetectableEffect: number;
  readonly power: number;
}

/** The power of one comparison, from the mean and variance that a line's control arm has. */
export async function powerOfLine(
  session: Session,
  row: ResultRow,
  plan: PowerPlan,
  trace?: Trace,
): Promise<PowerAnalysis> {
  const { control } = await armsOf(
    session,
    row,
    plan.cuped && row.metric.covariate != null ? ['products', 'covariates'] : ['products'],
    trace,
  );
  const found = baselineOf(row.metric, control, plan.cuped);
  if (!found.ok) return unknownPower(row, null, found.reason);
  const { baseline } = found;
  return plan.minimumDetectableEffect === null && plan.margin === null
    ? effectFor(row, baseline, plan)
    : unitsFor(row, baseline, plan);
}

/** Mean and variance of an arm, and what CUPED takes away from it. */
function baselineOf(
  metric: MetricVersion,
  arm: ArmMoments,
  cuped: boolean,
): Inference<{ readonly baseline: Baseline }> {
  const { sample, estimator } = METRIC_KINDS[metric.type];
  const own = sample(arm, metric);
  if (!own.ok) return own;
  const type =
    estimator === 'MEAN' && metric.variables.length === 1 && isBinary(metric.variables[0]!)
      ? 'PROPORTION'
      : metric.type;
  const { mean, variance } = own;
  const base = { type, mean, variance };
  if (!cuped || arm.joint === null) return { ok: true, baseline: base };
  const { moments, unitsWithCovariate } = arm.joint;
  // One arm against itself: the pooled regression is its own.
  const adjusted = (estimator === 'RATIO' ? cupedRatio : cupedMean)(moments, moments, {
    unitsWithCovariate: 2 * unitsWithCovariate,
  });
  const varianceReduction =
    adjusted.ok && adjusted.kind === 'ADJUSTED' ? Math.min(adjusted.varianceReduction, 1 - 1e-9) : 0;
  return { ok: true, baseline: { ...base, varianceReduction } };
}

const testOf = ({ alpha, test, margin }: PowerPlan): TestPlan => ({ alpha, test, sided: margin === null ? 2 : 1 });

function hypothesisOf({ metric }: ResultRow, { mean }: Baseline, { margin }: PowerPlan, effect: number): Hypothesis {
  const goodWhen = metric.goodWhen === 'DOWN' ? 'DOWN' : 'UP';
  if (margin !== null) return { kind: 'NON_INFERIORITY', margin, goodWhen };
  // Towards the better; relative to the size of the mean.
  return { kind: 'DIFFERENCE', effect: effect * (goodWhen === 'UP' ? 1 : -1) * (mean < 0 ? -1 : 1) };
}

function unitsFor(row: ResultRow, baseline: Baseline, plan: PowerPlan): PowerAnalysis {
  const { weights, power } = plan;
  const hypothesis = hypothesisOf(row, baseline, plan, plan.minimumDetectableEffect ?? 0);
  const size = sampleSize(baseline, hypothesis, { ...testOf(plan), power, ratio: weights.treatment / weights.control });
  if (!size.ok) return unknownPower(row, baseline, size.reason);
  const all = Math.ceil((size.exact / weights.control) * weights.all);
  const runtime = runtimeDays(Math.max(0, all - plan.unitsSoFar), traffic(row, plan));
  const reached = powerOf(baseline, hypothesis, size, testOf(plan));
  return {
    row,
    baseline,
    minimumDetectableEffect: plan.minimumDetectableEffect,
    unitsPerVariant: Math.max(size.control, size.treatment),
    days: runtime.ok ? runtime.days : null,
    achievedPower: reached.ok ? reached.power : null,
    unknown: runtime.ok ? null : runtime.reason,
    curve: curveOf(row, baseline, plan, Math.max(size.control, size.treatment)),
  };
}

/** What the traffic of the plan's days can show. */
function effectFor(row: ResultRow, baseline: Baseline, plan: PowerPlan): PowerAnalysis {
  const { weights, unitsPerDay } = plan;
  const daily =
    typeof unitsPerDay === 'number'
      ? unitsPerDay * plan.days
      : unitsPerDay.slice(0, plan.days).reduce((sum, units) => sum + units, 0);
  const all = plan.unitsSoFar + daily;
  const units = { control: (all * weights.control) / weights.all, treatment: (all * weights.treatment) / weights.all };
  const found = detectableEffect(baseline, units, {
    ...testOf(plan),
    power: plan.power,
    direction: row.metric.goodWhen === 'DOWN' ? 'DOWN' : 'UP',
  });
  if (!found.ok) return unknownPower(row, baseline, found.reason);
  const largest = Math.floor(Math.max(units.control, units.treatment));
  return {
    row,
    baseline,
    minimumDetectableEffect: found.effect,
    unitsPerVariant: largest,
    days: plan.days === 0 ? 0 : Math.ceil(plan.days + (maturesAfter(row.metric) ?? 0) / DAY),
    achievedPower: plan.power,
    unknown: null,
    curve: curveOf(row, baseline, { ...plan, minimumDetectableEffect: found.effect }, largest),
  };
}

/** From a tenth of the units to twice as many; points that cannot be computed are left out. */
function curveOf(row: ResultRow, baseline: Baseline, plan: PowerPlan, largest: number): PowerAnalysis['curve'] {
  const { weights, power } = plan;
  const most = Math.max(weights.control, weights.treatment);
  const test = testOf(plan);
  const goodWhen = row.metric.goodWhen === 'DOWN' ? 'DOWN' : 'UP';
  return (points) =>
    curveUnits(Math.max(2, Math.ceil(largest / 10)), Math.max(4, 2 * largest), points).flatMap((count) => {
      const units = { control: (count * weights.control) / most, treatment: (count * weights.treatment) / most };
      const reached = powerOf(
        baseline,
        hypothesisOf(row, baseline, plan, plan.minimumDetectableEffect ?? 0),
        units,
        test,
      );
      const found =
        plan.margin === null
          ? detectableEffect(baseline, units, { ...test, power, direction: goodWhen })
          : detectableMargin(baseline, units, { ...test, power, goodWhen });
      return reached.ok && found.ok
        ? [{ units: count, minimumDetectableEffect: found.effect, power: reached.power }]
        : [];
    });
}

const YEARS = 10 * 365;

/** The days that were measured, then days like the last seven of them, for ten years. */
function traffic({ metric }: ResultRow, { unitsPerDay }: PowerPlan) {
  const matureAfterDays = (maturesAfter(metric) ?? 0) / DAY;
  if (typeof unitsPerDay === 'number') return { unitsPerDay, matureAfterDays };
  const last = unitsPerDay.slice(-7);
  const usual = last.length === 0 ? 0 : last.reduce((sum, units) => sum + units, 0) / last.length;
  return { unitsPerDay: Array.from({ length: YEARS }, (_, day) => unitsPerDay[day] ?? usual), matureAfterDays };
}

function unknownPower(row: ResultRow, baseline: Baseline | null, unknown: Unknown): PowerAnalysis {
  const none = { minimumDetectableEffect: null, unitsPerVariant: null, days: null, achievedPower: null };
  return { row, baseline, ...none, unknown, curve: () => [] };
}

/** New units of each whole day from the start of a line's experiment to its end or asOf, all variants together. */
export async function dailyUnits(
  session: Session,
  { experiment, analysis }: ResultRow,
  until: CanonicalInstant,
  trace?: Trace,
): Promise<readonly number[]> {
  const points = await exposuresOf(
    session,
    experiment,
    null,
    analysis.asOf,
    { grain: 'DAY', cumulative: false },
    trace,
  );
  const start = Date.parse(experiment.start!);
  const days = Math.max(0, Math.floor((Date.parse(until) - start) / (DAY * 1000)));
  const daily = Array.from({ length: days }, () => 0);
  for (const { at, units } of points) {
    const day = Math.floor((Date.parse(at) - start) / (DAY * 1000));
    const place = Math.min(days - 1, Math.max(0, day));
    if (days > 0) daily[place] = daily[place]! + units;
  }
  return daily;
}
