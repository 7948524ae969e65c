import type { Inference } from '../inference.ts';
import type { Baseline } from './baseline.ts';
import { type DetectableEffect, detectableEffect } from './detectable-effect.ts';
import { type DifferenceHypothesis, powerOf } from './hypothesis.ts';
import type { SampleSizePlan } from './sample-size.ts';

/** What a number of units buys. */
export interface PowerPoint {
  /** Units of control; the treatment has `ratio` times as many. */
  readonly units: number;
  /** Power for the hypothesis. */
  readonly power: Inference<{ readonly power: number }>;
  /** Smallest effect found with the plan's power, in the direction of the hypothesis. */
  readonly detectable: Inference<DetectableEffect>;
}

/** Power and minimum detectable effect at each of the numbers of control units, in their order. */
export function powerCurve(
  baseline: Baseline,
  hypothesis: DifferenceHypothesis,
  plan: SampleSizePlan,
  units: readonly number[],
): PowerPoint[] {
  const direction = hypothesis.effect * baseline.mean < 0 ? 'DOWN' : 'UP';
  return units.map((control) => {
    const arms = { control, treatment: control * (plan.ratio ?? 1) };
    return {
      units: control,
      power: powerOf(baseline, hypothesis, arms, plan),
      detectable: detectableEffect(baseline, arms, { ...plan, direction }),
    };
  });
}

/** Whole numbers of units for a curve, evenly spaced from `from` to `to`, both included, without repeats. */
export function curveUnits(from: number, to: number, points: number): number[] {
  if (!(from >= 0 && to >= from && points >= 2)) throw new RangeError('A curve needs 0 ≤ from ≤ to and two points.');
  const grid = Array.from({ length: points }, (_, i) => Math.round(from + ((to - from) * i) / (points - 1)));
  return [...new Set(grid)];
}
