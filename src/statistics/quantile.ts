import type { Moments } from '../core/moments.ts';
import { computed, type Inference, notComputable, type Sample } from './inference.ts';
import { assertQuantileProbability, enoughValues, QUANTILE_Z } from './quantile-ranks.ts';
import { sampleOfRatio } from './samples.ts';

/** One arm's sample quantile with what is needed for its standard error. */
export interface QuantileSummary {
  /** ν: 0.95 for the 95th percentile. */
  readonly probability: number;
  /** Values: one per unit, or the events of all units. */
  readonly n: number;
  /** The sample quantile at ν. */
  readonly estimate: number;
  /** The sample quantiles at the levels of `quantileLevels`. */
  readonly lower: number;
  readonly upper: number;
  /** n*: the number of values for which those levels were made, when it was not n itself. */
  readonly levelsFor?: number;
  /**
   * When values are events: over the units, variable 0 = the unit's events at or below `estimate`, variable 1 = its events,
   * with products. null when each unit has one value.
   */
  readonly clusters: Moments | null;
}

/**
 * UNITS: degrees of freedom from units; an interval without width (ties) is refused. GROWTHBOOK: gbstats' QuantileStatistic,
 * whose degrees of freedom come from events and whose variance is at least 1e-5 from 100 values on, whatever the metric's
 * unit; with ties it calls almost any difference significant.
 */
export type QuantileForm = 'UNITS' | 'GROWTHBOOK';

/**
 * A sample quantile as a sample, so that `welchTest`, `lift` and all that take a `Sample` give the inference for the
 * difference and the lift of quantiles. The standard error is the width of the outer 95 % interval (Deng, Knoblich & Lu
 * 2018, section 4; no density is estimated):
 *
 *   se² = (n* /n)·((n − 1)/n)·((upper − lower)/(2z))² · V_cluster/V_iid
 *
 * V_iid = ν(1 − ν)/n is the variance of the share of values at or below the quantile if values were independent, V_cluster
 * its delta-method variance as a ratio over units (the same paper, eq. 5); without clusters the factor is 1.
 *
 * The sample's `n` is the number of units (events in GROWTHBOOK) and its variance n·se². Refused: TOO_FEW_UNITS when the
 * values, or in UNITS the values' worth after clustering n·V_iid/V_cluster, are too few for the quantile; ZERO_VARIANCE when
 * ties leave the interval no width, or all units have the same share.
 */
export function sampleOfQuantile(summary: QuantileSummary, form: QuantileForm = 'UNITS'): Inference<Sample> {
  const { probability, n, estimate, lower, upper, levelsFor = n, clusters } = summary;
  assertQuantileProbability(probability);
  if (lower > upper) throw new RangeError(`The quantile's lower value ${lower} is above its upper value ${upper}.`);
  if (n === 0 || clusters?.units === 0) return notComputable('NO_UNITS');
  if (n < 2 || !enoughValues(n, probability)) return notComputable('TOO_FEW_UNITS');
  const effect = designEffect(summary);
  if (!effect.ok) return effect;
  const perValue = (levelsFor / n) * (n - 1) * ((upper - lower) / (2 * QUANTILE_Z)) ** 2 * effect.designEffect;
  if (form === 'GROWTHBOOK') {
    if (perValue === 0 && n < 1000) return notComputable('ZERO_VARIANCE');
    const variance = n < 100 ? perValue : Math.max(perValue, 1e-5);
    return computed({ n, mean: estimate, variance }, estimate, variance);
  }
  if (!enoughValues(n / Math.max(1, effect.designEffect), probability)) return notComputable('TOO_FEW_UNITS');
  if (perValue === 0) return notComputable('ZERO_VARIANCE');
  const units = clusters?.units ?? n;
  const variance = (perValue / n) * units;
  return computed({ n: units, mean: estimate, variance }, estimate, variance);
}

/**
 * V_cluster/V_iid: by how much the variance of the share at or below the quantile exceeds that of independent values
 * (Kish 1965's design effect); 1 when each unit has one value.
 */
export function designEffect(summary: QuantileSummary): Inference<{ readonly designEffect: number }> {
  const { probability, n, clusters } = summary;
  if (clusters === null) return { ok: true, designEffect: 1 };
  const share = sampleOfRatio(clusters);
  if (!share.ok) return share;
  const ratio = (share.variance / clusters.units) * (n / (probability * (1 - probability)));
  return computed({ designEffect: ratio }, ratio);
}
