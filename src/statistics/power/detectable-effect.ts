import { assertProbability } from '../alternative.ts';
import { type Inference, notComputable, type Sample } from '../inference.ts';
import type { ArmUnits, Baseline } from './baseline.ts';
import { type Hypothesis, powerOf } from './hypothesis.ts';
import { rootBetween } from './root.ts';
import { plannedError, successAt, type TestPlan } from './test-plan.ts';

export interface DetectablePlan extends TestPlan {
  /** Probability of success that is asked for, e.g. 0.8. */
  readonly power: number;
}

/** The smallest effect that the test finds with the power asked for. */
export interface DetectableEffect {
  /** Relative to the size of the control mean, above 0. */
  readonly effect: number;
  /** In units of the metric, above 0. */
  readonly difference: number;
}

/** Beyond a hundred-million-fold change no effect is searched for. */
const LARGEST_EFFECT = 1e8;
/** Below it, 1 + effect is 1. */
const SMALLEST_EFFECT = 1e-15;

/**
 * Minimum detectable relative effect with these units, upwards or downwards (they differ for a proportion, whose variance goes
 * with its share). When not even the largest change is found with the power (a proportion at 0 or 1, a mean so noisy that
 * its hundred-millionfold is lost): UNBOUNDED.
 */
export function detectableEffect(
  baseline: Baseline,
  units: ArmUnits,
  plan: DetectablePlan & { readonly direction?: 'UP' | 'DOWN' },
): Inference<DetectableEffect> {
  const sign = (plan.direction === 'DOWN' ? -1 : 1) * (baseline.mean < 0 ? -1 : 1);
  const limit = baseline.type === 'PROPORTION' ? largestChange(baseline.mean, sign) : LARGEST_EFFECT;
  return smallest(baseline, units, plan, limit, (effect) => ({ kind: 'DIFFERENCE', effect: sign * effect }));
}

/** The relative change that takes a proportion to 1 or to 0, by less than rounding short of it. */
function largestChange(p: number, sign: number): number {
  return sign < 0 ? 1 : ((1 - p) / p) * (1 - 1e-12);
}

/**
 * The smallest margin, relative to the control mean, within which non-inferiority is shown with the power when there is no
 * effect. A fall of more than the whole mean is no margin: UNBOUNDED when not even that is ruled out.
 */
export function detectableMargin(
  baseline: Baseline,
  units: ArmUnits,
  plan: DetectablePlan & { readonly goodWhen: 'UP' | 'DOWN'; readonly marginError?: 'INCLUDED' | 'IGNORED' },
): Inference<DetectableEffect> {
  const { goodWhen, marginError = 'INCLUDED' } = plan;
  const limit = (goodWhen === 'UP') === baseline.mean > 0 ? 1 : LARGEST_EFFECT;
  return smallest(baseline, units, plan, limit, (margin) => ({
    kind: 'NON_INFERIORITY',
    margin,
    goodWhen,
    marginError,
  }));
}

/** The size at which the power is met, for a hypothesis whose power rises with its size up to the limit. */
function smallest(
  baseline: Baseline,
  units: ArmUnits,
  plan: DetectablePlan,
  limit: number,
  hypothesis: (size: number) => Hypothesis,
): Inference<DetectableEffect> {
  assertProbability('power', plan.power);
  const none = powerOf(baseline, hypothesis(0), units, plan);
  if (!none.ok) return none;
  if (none.power >= plan.power) return notComputable('NOT_APPLICABLE');
  const gap = (size: number) => {
    const reached = powerOf(baseline, hypothesis(size), units, plan);
    return (reached.ok ? reached.power : 1) - plan.power;
  };
  const error = Math.sqrt(baseline.variance / Math.min(units.control, units.treatment)) / Math.abs(baseline.mean);
  let [low, high] = [0, Math.min(limit, Math.max(SMALLEST_EFFECT, error))];
  while (gap(high) < 0) {
    if (high >= limit) return notComputable('UNBOUNDED');
    [low, high] = [high, Math.min(limit, 2 * high)];
  }
  const effect = rootBetween(gap, low, high);
  return { ok: true, effect, difference: effect * Math.abs(baseline.mean) };
}

/**
 * The effect that the data at hand could have found with the power: from the standard error that the two arms have now, which
 * already holds their variances, CUPED and allocation. It depends on the spread of the data, not on the estimate (unlike
 * "observed power"). `effect` is relative to the control mean; a zero control mean is ZERO_BASELINE.
 */
export function minimumDetectableEffectNow(
  control: Sample,
  treatment: Sample,
  plan: DetectablePlan,
): Inference<DetectableEffect> {
  assertProbability('power', plan.power);
  if (control.mean === 0) return notComputable('ZERO_BASELINE');
  const error = plannedError({ control, treatment, weight: 1 }, plan);
  if (!error.ok) return error;
  const gap = (shift: number) => successAt(plan, shift, error.df) - plan.power;
  if (gap(0) >= 0) return notComputable('NOT_APPLICABLE');
  let high = 4;
  while (gap(high) < 0) high *= 2;
  const difference = rootBetween(gap, 0, high) * error.standardError;
  const effect = difference / Math.abs(control.mean);
  return Number.isFinite(effect) ? { ok: true, effect, difference } : notComputable('OVERFLOW');
}
