import { assertProbability } from '../alternative.ts';
import { normalUpperQuantile } from '../distributions.ts';
import { type Inference, notComputable } from '../inference.ts';
import type { Baseline } from './baseline.ts';
import { type Hypothesis, plannedPair, powerOf } from './hypothesis.ts';
import { rootBetween } from './root.ts';
import { plannedCriticalValue, type TestPlan } from './test-plan.ts';

export interface SampleSizePlan extends TestPlan {
  /** Probability of success that is asked for, e.g. 0.8. */
  readonly power: number;
  /** Treatment units per control unit; 1 by default. */
  readonly ratio?: number;
}

/** Units that one comparison needs, each arm rounded up. */
export interface SampleSize {
  readonly control: number;
  readonly treatment: number;
  /** Control units before rounding. */
  readonly exact: number;
}

/** No arm can be planned with fewer units than a variance needs. */
const LEAST_UNITS = 2;

/**
 * Units at which the test of the plan reaches the power. For NORMAL and SEQUENCE with success on the effect's side
 *
 *   n_C = (c + z_power)²·(w²·v_C + v_T/ratio)/distance²
 *
 * (c the critical value, distance that of the expected contrast from its null value; Chow, Shao & Wang 2008, 3.2); otherwise
 * the same is the start of a search on the exact power. An effect of 0, or one beyond the margin, can never be shown:
 * UNBOUNDED. More units than a double counts exactly (2^53): OVERFLOW.
 */
export function sampleSize(baseline: Baseline, hypothesis: Hypothesis, plan: SampleSizePlan): Inference<SampleSize> {
  const { power, ratio = 1 } = plan;
  assertProbability('power', power);
  if (!(ratio > 0 && Number.isFinite(ratio))) throw new RangeError(`The ratio of units must be above 0, not ${ratio}.`);
  const planned = plannedPair(baseline, hypothesis, { control: 4, treatment: 4 * ratio });
  if (!planned.ok) return planned;
  const { pair, direction } = planned;
  const distance = direction * (pair.treatment.mean - pair.weight * pair.control.mean);
  // rounding leaves of 0 about 1e-16 of the mean
  if (!(distance > 1e-14 * Math.abs(pair.control.mean))) return notComputable('UNBOUNDED');
  const perControlUnit = pair.weight ** 2 * pair.control.variance + pair.treatment.variance / ratio;
  const least = Math.max(LEAST_UNITS, LEAST_UNITS / ratio);
  const normal = normalStart(plan) ** 2 * (perControlUnit / distance / distance);
  const exact = hasClosedForm(plan)
    ? Math.max(least, normal)
    : searched(baseline, hypothesis, plan, Math.max(least, normal), least);
  const [control, treatment] = [Math.ceil(exact), Math.ceil(exact * ratio)];
  if (!(Math.max(control, treatment) <= Number.MAX_SAFE_INTEGER)) return notComputable('OVERFLOW');
  return { ok: true, control, treatment, exact };
}

const hasClosedForm = ({ test, success, sided }: SampleSizePlan) =>
  (test === 'NORMAL' || test === 'SEQUENCE') && !(success === 'EITHER_SIDE' && sided === 2);

/** Shift that the test needs when its degrees of freedom are many: critical value and z of the power, at least 0. */
function normalStart(plan: SampleSizePlan): number {
  return Math.max(0, plannedCriticalValue(plan, Number.POSITIVE_INFINITY) + normalUpperQuantile(1 - plan.power));
}

/** The control units at which the power is met; `least` when they already do. Infinity when it never is. */
function searched(
  baseline: Baseline,
  hypothesis: Hypothesis,
  plan: SampleSizePlan,
  start: number,
  least: number,
): number {
  const { ratio = 1 } = plan;
  const gap = (logUnits: number) => {
    const control = Math.exp(logUnits);
    const reached = powerOf(baseline, hypothesis, { control, treatment: control * ratio }, plan);
    return (reached.ok ? reached.power : 0) - plan.power;
  };
  const lowest = Math.log(least);
  if (gap(lowest) >= 0) return least;
  let [low, high] = [Math.max(lowest, Math.log(start) - 0.01), Math.log(start) + 0.01];
  for (let width = 0.05; gap(low) >= 0 && low > lowest; width *= 4) [high, low] = [low, Math.max(lowest, low - width)];
  for (let width = 0.05; gap(high) < 0; width *= 4) {
    if (high > 40) return Number.POSITIVE_INFINITY;
    [low, high] = [high, high + width];
  }
  return Math.exp(rootBetween(gap, low, high));
}
