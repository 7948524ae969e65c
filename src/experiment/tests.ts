import type { GoodWhen, SequentialMethod } from '../core/vocabulary.ts';
import { contrast } from '../statistics/contrast.ts';
import { equivalenceTest } from '../statistics/equivalence.ts';
import { type Inference, notComputable } from '../statistics/inference.ts';
import { type NonInferiority, nonInferiorityTest } from '../statistics/non-inferiority.ts';
import { asymptoticSequence, oneSidedSequentialP } from '../statistics/sequential.ts';
import { type Comparison, fixedTest, sequenceInput, tuningUnits } from './comparison.ts';

type Direction = Exclude<GoodWhen, 'NEITHER'>;

/** Which way is better; a goal or guardrail always has one. */
export function directionOf({ row }: Comparison): Direction | null {
  return row.metric.goodWhen === 'NEITHER' ? null : row.metric.goodWhen;
}

/** Whether treatment is worse than control: one-sided, always valid on the absolute scale, before any correction. */
export function harmP(comparison: Comparison): number | null {
  const { analysis } = comparison.row;
  const direction = directionOf(comparison);
  const test = fixedTest(comparison, analysis.level);
  if (!test.ok || direction === null) return null;
  const result = oneSidedSequentialP({
    ...sequenceInput(comparison, test, analysis.harmAlpha),
    alternative: direction === 'UP' ? 'less' : 'greater',
  });
  return result.ok ? result.pValue : null;
}

/** Whether treatment and control differ, as the decision to ship takes it: fixed, or always-valid under continuous monitoring. */
export function shipP(comparison: Comparison): number | null {
  const { analysis } = comparison.row;
  const test = fixedTest(comparison, analysis.level);
  if (!test.ok) return null;
  if (decisionSequence(comparison) === 'NONE') return test.pValue;
  const look = asymptoticSequence(sequenceInput(comparison, test, analysis.alpha));
  return look.ok ? look.pValue : null;
}

/** How the tests of the decision to ship stay valid. */
export function decisionSequence({ row }: Comparison): SequentialMethod {
  return row.experiment.monitoring === 'CONTINUOUS' ? 'ASYMPTOTIC' : 'NONE';
}

/** Whether a worsening of the margin or more is ruled out, at alpha one-sided; always-valid under continuous monitoring. */
export function notWorseThan(comparison: Comparison, margin: number | null, alpha: number): Inference<NonInferiority> {
  const direction = directionOf(comparison);
  const { samples } = comparison;
  if (margin === null) return notComputable('NO_MARGIN');
  if (direction === null) return notComputable('NOT_APPLICABLE');
  if (!samples.ok) return samples;
  const fixed = nonInferiorityTest(samples.control, samples.treatment, { margin, goodWhen: direction, alpha });
  if (!fixed.ok || decisionSequence(comparison) === 'NONE') return fixed;
  const worse = (direction === 'UP' ? -1 : 1) * Math.sign(samples.control.mean);
  const shifted = contrast(samples.control, samples.treatment, 1 + worse * margin);
  if (!shifted.ok) return shifted;
  const look = oneSidedSequentialP({
    estimate: shifted.estimate,
    standardError: shifted.standardError,
    units: samples.control.n + samples.treatment.n,
    alpha: Math.min(2 * alpha, 0.5),
    tuningUnits: tuningUnits(comparison),
    alternative: direction === 'UP' ? 'greater' : 'less',
  });
  return look.ok ? { ok: true, pValue: look.pValue, bound: null, holds: look.pValue < alpha } : look;
}

/** Whether the relative change is shown to lie within ± margin (two one-sided tests at alpha). */
export function withinMargin(
  { samples }: Comparison,
  margin: number | null,
  alpha: number,
): Inference<{ readonly pValue: number; readonly holds: boolean }> {
  if (margin === null) return notComputable('NO_MARGIN');
  return samples.ok ? equivalenceTest(samples.control, samples.treatment, { margin, alpha }) : samples;
}
