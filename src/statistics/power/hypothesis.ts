import { type Inference, notComputable } from '../inference.ts';
import { assertMargin } from '../non-inferiority.ts';
import { type ArmUnits, type Baseline, expectedArms } from './baseline.ts';
import { type PlannedPair, powerOfPair, type TestPlan } from './test-plan.ts';

/** A goal: there is a difference, and the true relative effect is this one (0.02 is 2 %). */
export interface DifferenceHypothesis {
  readonly kind: 'DIFFERENCE';
  readonly effect: number;
}

/** A guardrail: a worsening of the margin or more is to be ruled out. */
export interface NonInferiorityHypothesis {
  readonly kind: 'NON_INFERIORITY';
  /** Tolerated worsening relative to the size of the control mean: 0.02 is 2 %. */
  readonly margin: number;
  readonly goodWhen: 'UP' | 'DOWN';
  /** The true relative effect; 0 (no effect) by default. */
  readonly effect?: number;
  /** Whether the test counts the margin's own error, as ours does (INCLUDED, the default), or not, as Spotify's (IGNORED). */
  readonly marginError?: 'INCLUDED' | 'IGNORED';
}

/** What is to be shown, and what is true. */
export type Hypothesis = DifferenceHypothesis | NonInferiorityHypothesis;

/** The planned contrast whose null value is 0, and the direction in which it leads to success. */
export function plannedPair(
  baseline: Baseline,
  hypothesis: Hypothesis,
  units: ArmUnits,
): Inference<{ readonly pair: PlannedPair; readonly direction: 1 | -1 }> {
  const arms = expectedArms(baseline, hypothesis.effect ?? 0, units);
  if (!arms.ok) return arms;
  const { control, treatment } = arms;
  if (hypothesis.kind === 'DIFFERENCE') {
    const direction = hypothesis.effect * baseline.mean < 0 ? -1 : 1;
    return { ok: true, pair: { control, treatment, weight: 1 }, direction };
  }
  const { margin, goodWhen, marginError = 'INCLUDED' } = hypothesis;
  assertMargin(margin);
  const direction = goodWhen === 'UP' ? 1 : -1;
  if (marginError === 'INCLUDED') {
    const worse = -direction * Math.sign(baseline.mean);
    return { ok: true, pair: { control, treatment, weight: 1 + worse * margin }, direction };
  }
  const shifted = { ...treatment, mean: treatment.mean + direction * margin * Math.abs(baseline.mean) };
  return { ok: true, pair: { control, treatment: shifted, weight: 1 }, direction };
}

/**
 * Power: the probability that the test succeeds with these units when the hypothesis is what is true. Refused: fewer than
 * two units in an arm (TOO_FEW_UNITS) and what {@link expectedArms} refuses.
 */
export function powerOf(
  baseline: Baseline,
  hypothesis: Hypothesis,
  units: ArmUnits,
  plan: TestPlan,
): Inference<{ readonly power: number }> {
  if (!(units.control >= 0 && units.treatment >= 0)) throw new RangeError('Units must be 0 or more.');
  if (!(Number.isFinite(units.control) && Number.isFinite(units.treatment))) return notComputable('OVERFLOW');
  const planned = plannedPair(baseline, hypothesis, units);
  return planned.ok ? powerOfPair(planned.pair, plan, planned.direction) : planned;
}
