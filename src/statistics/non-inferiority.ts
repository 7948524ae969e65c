import { assertProbability, criticalValue, intervalFor, pValueOf } from './alternative.ts';
import { contrast } from './contrast.ts';
import { computed, type Inference, type Interval, notComputable, type Sample } from './inference.ts';
import { fiellerSet } from './lift/fieller.ts';

export interface NonInferiorityOptions {
  /** Tolerated worsening relative to the size of the control mean: 0.02 is 2 %. Not negative. */
  readonly margin: number;
  /** Which direction is better. */
  readonly goodWhen: 'UP' | 'DOWN';
  /** One-sided error. */
  readonly alpha: number;
}

/** Whether a worsening of the margin or more is ruled out. */
export interface NonInferiority {
  /** One-sided. */
  readonly pValue: number;
  /**
   * The largest worsening that the data leave open at this alpha, relative to |control mean|: positive is worse, negative
   * says that the treatment is better by at least that much. The test holds exactly when it is below the margin. Null
   * when no relative worsening can be bounded (the control mean is not distinguishable from zero).
   */
  readonly bound: number | null;
  readonly holds: boolean;
}

/** Throws unless the margin is a finite number, 0 or more. */
export function assertMargin(margin: number): void {
  if (!(Number.isFinite(margin) && margin >= 0)) throw new RangeError(`A margin must be 0 or more, not ${margin}.`);
}

/**
 * One-sided Welch t test against a relative margin, whose own uncertainty (it is a share of an estimated mean) is included:
 *
 *   H0: the treatment is worse by the margin or more;  t = (m_T − w·m_C)/√(v_T/n_T + w²·v_C/n_C),  w = 1 ∓ margin
 *
 * with Welch–Satterthwaite degrees of freedom of the two terms (Hasler, Vonk & Hothorn 2008; Tamhane & Logan 2004). For a
 * negative control mean the margin is taken of its size, so that a worsening stays a worsening. A zero control mean has no
 * relative margin: ZERO_BASELINE.
 */
export function nonInferiorityTest(
  control: Sample,
  treatment: Sample,
  options: NonInferiorityOptions,
): Inference<NonInferiority> {
  const { margin, goodWhen, alpha } = options;
  assertMargin(margin);
  assertProbability('alpha', alpha);
  if (control.mean === 0) return notComputable('ZERO_BASELINE');
  const worse = (goodWhen === 'UP' ? -1 : 1) * Math.sign(control.mean);
  const test = contrast(control, treatment, 1 + worse * margin);
  if (!test.ok) return test;
  const statistic = test.estimate / test.standardError;
  const pValue = pValueOf(statistic, test.degreesOfFreedom, goodWhen === 'UP' ? 'greater' : 'less');
  return computed({ pValue, bound: openWorsening(control, treatment, worse, alpha), holds: pValue < alpha }, statistic);
}

/**
 * The margin at which the test is exactly at alpha: the one-sided Fieller limit, with the degrees of freedom of the
 * contrast at that margin, found by iterating on them (they change little with the margin).
 */
function openWorsening(control: Sample, treatment: Sample, worse: number, alpha: number): number | null {
  let worsening = 0;
  for (let step = 0; step < 50; step++) {
    const test = contrast(control, treatment, 1 + worse * worsening);
    if (!test.ok) return null;
    const { bounds } = fiellerSet(control, treatment, criticalValue(1 - alpha, test.degreesOfFreedom, 'greater'));
    if (bounds === null) return null;
    const next = worse > 0 ? bounds.upper : -bounds.lower;
    if (!Number.isFinite(next)) return null;
    if (Math.abs(next - worsening) <= 1e-14 * Math.abs(next)) return next;
    worsening = next;
  }
  return worsening;
}

/** Result of the test against a margin taken as a constant. */
export interface ConstantMarginNonInferiority {
  readonly difference: number;
  /** The difference under the null hypothesis: ∓ margin·m_C. */
  readonly nullDifference: number;
  readonly pValue: number;
  /** One-sided at level 1 − alpha; the bound on the good side is null. */
  readonly interval: Interval;
  readonly holds: boolean;
}

/**
 * Spotify's form (spotify-confidence, ZTest with non-inferiority margins): one-sided z test of the difference against
 * ∓ margin·m_C, the margin taken as a constant of the signed control mean. For comparison; it ignores the margin's error.
 */
export function constantMarginNonInferiority(
  control: Sample,
  treatment: Sample,
  options: NonInferiorityOptions,
): Inference<ConstantMarginNonInferiority> {
  const { margin, goodWhen, alpha } = options;
  assertMargin(margin);
  assertProbability('alpha', alpha);
  const test = contrast(control, treatment);
  if (!test.ok) return test;
  const alternative = goodWhen === 'UP' ? 'greater' : 'less';
  const nullDifference = (goodWhen === 'UP' ? -margin : margin) * control.mean;
  const statistic = (test.estimate - nullDifference) / test.standardError;
  const half = criticalValue(1 - alpha, Number.POSITIVE_INFINITY, alternative) * test.standardError;
  const [lower, upper] = [test.estimate - half, test.estimate + half];
  const pValue = pValueOf(statistic, Number.POSITIVE_INFINITY, alternative);
  return computed(
    {
      difference: test.estimate,
      nullDifference,
      pValue,
      interval: intervalFor(lower, upper, 1 - alpha, alternative),
      holds: pValue < alpha,
    },
    statistic,
    lower,
    upper,
  );
}
