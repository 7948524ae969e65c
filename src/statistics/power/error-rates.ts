import type { Correction } from '../../core/vocabulary.ts';
import { assertProbability } from '../alternative.ts';

/**
 * Alpha with which one test of a family of m is to be planned, so that it is found whatever the others say: α/m for the
 * corrections whose first step is Bonferroni's (DUNNETT is a little more powerful, HOLM, HOCHBERG and BENJAMINI_HOCHBERG are more powerful when others are
 * found too, never less), 1 − (1 − α)^(1/m) for SIDAK, α/(m·Σ1/i) for BENJAMINI_YEKUTIELI.
 */
export function plannedAlpha(alpha: number, family: number, correction: Correction): number {
  assertProbability('alpha', alpha);
  if (!(Number.isInteger(family) && family >= 1)) throw new RangeError(`A family needs 1 test or more, not ${family}.`);
  switch (correction) {
    case 'NONE':
      return alpha;
    case 'SIDAK':
      return -Math.expm1(Math.log1p(-alpha) / family);
    case 'BENJAMINI_YEKUTIELI': {
      const harmonic = Array.from({ length: family }, (_, i) => 1 / (i + 1)).reduce((sum, term) => sum + term, 0);
      return alpha / (family * harmonic);
    }
    case 'BONFERRONI':
    case 'DUNNETT':
    case 'HOLM':
    case 'HOCHBERG':
    case 'BENJAMINI_HOCHBERG':
      return alpha / family;
  }
}

export interface DecisionErrors {
  readonly alpha: number;
  /** Probability that the decision ships when it should: some goal has its effect, no guardrail is worse. */
  readonly power: number;
  readonly goals: number;
  readonly guardrails: number;
  readonly treatments: number;
  readonly correction: Correction;
}

/** Errors with which the single tests are to be planned. */
export interface TestErrors {
  /** Of each goal's test, two-sided. */
  readonly goalAlpha: number;
  /** Of each guardrail's non-inferiority test, one-sided. */
  readonly guardrailAlpha: number;
  /** Power of every test. */
  readonly power: number;
}

/**
 * Errors of the single tests under the rule "ship if a goal is better and every guardrail is non-inferior" (Schultzberg,
 * Ankargren & Frånberg 2024, arXiv 2402.11609): alpha is divided over the goals, of which one suffices (union–intersection),
 * not over the guardrails, which all must hold (intersection–union); the false negative rate is divided over the guardrails
 * and the one goal, as any of them can miss: β/(guardrails + 1), by the union bound; β/guardrails when there is no goal. Both
 * alphas are divided over the treatments.
 */
export function testErrors(decision: DecisionErrors): TestErrors {
  const { alpha, power, goals, guardrails, treatments, correction } = decision;
  assertProbability('power', power);
  const counts = [goals, guardrails].every((count) => Number.isInteger(count) && count >= 0);
  if (!counts || goals + guardrails === 0) throw new RangeError('A decision needs a goal or a guardrail.');
  const misses = guardrails + (goals > 0 ? 1 : 0);
  return {
    goalAlpha: plannedAlpha(alpha, Math.max(1, goals) * treatments, correction),
    guardrailAlpha: plannedAlpha(alpha, treatments, correction),
    power: 1 - (1 - power) / misses,
  };
}
