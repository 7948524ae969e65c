import type { Inference, Sample } from './inference.ts';
import { nonInferiorityTest } from './non-inferiority.ts';

export interface EquivalenceOptions {
  /** Half-width of the band that counts as no effect, relative to the size of the control mean. */
  readonly margin: number;
  /** Error of each of the two one-sided tests. */
  readonly alpha: number;
}

export interface Equivalence {
  /** The larger of the two one-sided p-values. */
  readonly pValue: number;
  readonly holds: boolean;
}

/**
 * Two one-sided tests (Schuirmann 1987): the relative change is shown to lie within ± margin when it is shown to be above
 * −margin and below +margin, each by the non-inferiority test with the margin's uncertainty included.
 */
export function equivalenceTest(
  control: Sample,
  treatment: Sample,
  options: EquivalenceOptions,
): Inference<Equivalence> {
  const above = nonInferiorityTest(control, treatment, { ...options, goodWhen: 'UP' });
  if (!above.ok) return above;
  const below = nonInferiorityTest(control, treatment, { ...options, goodWhen: 'DOWN' });
  if (!below.ok) return below;
  const pValue = Math.max(above.pValue, below.pValue);
  return { ok: true, pValue, holds: pValue < options.alpha };
}
