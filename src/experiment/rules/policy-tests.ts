import type { Experiment, PolicyName } from '../../catalog/catalog.ts';

/**
 * How a margin, a share of the control mean, is tested against: ESTIMATED counts the error of that mean (Tamhane & Logan 2004);
 * CONSTANT takes it as known, by z (spotify-confidence).
 */
export type MarginForm = 'ESTIMATED' | 'CONSTANT';

/** The tests that a policy's rules look at. */
export interface PolicyTests {
  /** Of the goals' tests, over goals × treatments. */
  readonly goalCorrection: 'HOLM' | 'BONFERRONI';
  readonly marginForm: MarginForm;
  /** Whether a guardrail that is worse, but shown to be within its margin, counts against the treatment. */
  readonly worseWithinMargin: 'ALLOWED' | 'HARM';
}

/**
 * `confidence`: Schultzberg, Ankargren & Frånberg (2024, arXiv 2402.11609), as Spotify's Confidence decides: α is divided over the
 * goals, each guardrail is tested at α, and no goal or guardrail may be shown to deteriorate.
 */
const POLICY_TESTS: Record<PolicyName, PolicyTests> = {
  default: { goalCorrection: 'HOLM', marginForm: 'ESTIMATED', worseWithinMargin: 'ALLOWED' },
  confidence: { goalCorrection: 'BONFERRONI', marginForm: 'CONSTANT', worseWithinMargin: 'HARM' },
};

export function policyOf({ policy = 'default' }: Experiment): PolicyTests & { readonly name: PolicyName } {
  return { name: policy, ...POLICY_TESTS[policy] };
}

/** A correction as a sentence names it. */
export function correctionWords({ goalCorrection }: PolicyTests): string {
  return goalCorrection === 'HOLM' ? 'Holm over the family' : 'Bonferroni over the family';
}
