import { addSeconds, type CanonicalInstant, earliest } from '../core/instant.ts';
import { covarianceOf } from '../core/moments.ts';
import type { Trace } from '../evaluate/trace.ts';
import { isBinary, maturesAfter, measuresOf, sourcesOf } from '../metric-types/metric-type.ts';
import { METRIC_KINDS } from '../metric-types/registry.ts';
import type { ArmMoments } from '../plan/answer.ts';
import { factSource } from '../plan/scope.ts';
import { type CovariateBalance, covariateBalance } from '../statistics/cuped/balance.ts';
import { type Inference, notComputable, type Sample } from '../statistics/inference.ts';
import { sampleOfMean, sampleOfRatio } from '../statistics/samples.ts';
import { welchTest } from '../statistics/welch.ts';
import type { Arms } from './arm-pair.ts';
import { sourceFreshness } from './freshness.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';

/** A difference that randomisation alone makes this rarely is a fault of the data: as for sample sizes. */
export const FAULT_P = 0.001;

/** Units an arm needs for each squared unit of skewness (Kohavi, Deng, Longbotham & Xu 2014, rule of thumb 7). */
const UNITS_PER_SKEWNESS = 355;
/** One unit with more of an arm's total than this carries the mean by itself. */
const EXTREME_SHARE = 0.1;

/** Whether a metric's mean is of values that may be spread without bound: no share of units, no quantile. */
export function mayBeHeavy({ metric }: ResultRow): boolean {
  return METRIC_KINDS[metric.type].estimator !== 'QUANTILE' && !metric.variables.every(isBinary);
}

/** An arm has too few units for its skewness, n < 355·skewness², or one unit holds a large share of its total. */
export function isHeavy({ moments, shape }: ArmMoments): boolean {
  const { units, pivots, sums, products } = moments;
  if (shape === null || products === null || units < 3) return false;
  const variance = covarianceOf(moments);
  if (!(variance > 0)) return false;
  // About the mean, d from the pivot: Σ(x − m)³ = Σy³ − 3dΣy² + 2nd³ with y = x − k
  const d = sums[0]! / units;
  const third = shape.cubes - 3 * d * products[0]![0]! + 2 * units * d ** 3;
  const skewness = third / units / ((variance * (units - 1)) / units) ** 1.5;
  const total = units * (pivots[0]! + d);
  const share = shape.largest === null || (shape.smallest ?? -1) < 0 || total <= 0 ? 0 : shape.largest / total;
  return units < UNITS_PER_SKEWNESS * skewness ** 2 || (units * EXTREME_SHARE > 1 && share > EXTREME_SHARE);
}

/** Whether the arms differ in a ratio's denominator: the change of the ratio is then not that of its numerator alone. */
export function denominatorMoved({ metric }: ResultRow, { control, treatment }: Arms): boolean {
  if (METRIC_KINDS[metric.type].estimator !== 'RATIO' || control.clusters != null) return false;
  const [c, t] = [sampleOfMean(control.moments, 1), sampleOfMean(treatment.moments, 1)];
  if (!c.ok || !t.ok) return false;
  const test = welchTest(c, t, { level: 0.95 });
  return test.ok && test.pValue < FAULT_P;
}

/** Whether the arms were alike in the metric's covariate, before the exposure. */
export function balanceOf({ metric }: ResultRow, { control, treatment }: Arms): Inference<CovariateBalance> {
  if (control.joint === null || treatment.joint === null) return notComputable('NO_COVARIATE');
  // Units of one cluster are alike; their covariates are not summed by cluster.
  if (control.clusters != null || treatment.clusters != null) return notComputable('NOT_APPLICABLE');
  const ratio = METRIC_KINDS[metric.type].estimator === 'RATIO';
  const before = ({ moments }: NonNullable<ArmMoments['joint']>): Inference<Sample> =>
    ratio ? sampleOfRatio(lastTwo(moments)) : sampleOfMean(moments, 1);
  const [c, t] = [before(control.joint), before(treatment.joint)];
  if (!c.ok) return c;
  return t.ok ? covariateBalance(c, t) : t;
}

/** Numerator and denominator from before the exposure. */
function lastTwo({ units, pivots, sums, products }: ArmMoments['moments']): ArmMoments['moments'] {
  const two = products === null ? null : [[products[2]![2]!], [products[3]![2]!, products[3]![3]!]];
  return { units, pivots: pivots.slice(2), sums: sums.slice(2), products: two };
}

/** Whether a source that the line reads has a day, not an instant, for each row: the day of the exposure counts whole. */
export function hasPartialDays(session: Session, { metric }: ResultRow): boolean {
  return measuresOf(metric).some(({ source }) => factSource(session.catalog, source).grain === 'day');
}

/** Whether a source that the line reads ends long before it should. */
export async function isStale(
  session: Session,
  { metric, experiment, analysis }: ResultRow,
  lastExposure: Promise<CanonicalInstant | null>,
  trace?: Trace,
): Promise<boolean> {
  const window = maturesAfter(metric);
  const needed = lastExposure.then((exposure) => {
    const last = window === null ? earliest(experiment.end) : exposure === null ? null : addSeconds(exposure, window);
    return earliest(analysis.asOf, experiment.treatmentEnd, last);
  });
  const sources = [...new Set(measuresOf(metric).flatMap(sourcesOf))];
  const found = await Promise.all(
    sources.map((name) => sourceFreshness(session, factSource(session.catalog, name), analysis.asOf, needed, trace)),
  );
  return found.some(({ stale }) => stale === true);
}
