import { assertProbability } from '../alternative.ts';
import { contrast } from '../contrast.ts';
import { noncentralTSf } from '../distributions/noncentral-t.ts';
import { normalSf, normalUpperQuantile, tUpperQuantile } from '../distributions.ts';
import { type Inference, notComputable, type Sample } from '../inference.ts';
import { tuningRho2 } from '../sequential.ts';

/**
 * The test that a plan is for:
 * - WELCH: the t test with Welch–Satterthwaite degrees of freedom of the planned arms; what the scorecard uses.
 * - STUDENT: t with n_C + n_T − 2 degrees of freedom (statsmodels' TTestIndPower, tea-tasting).
 * - NORMAL: z with unpooled variances (statsmodels' NormalIndPower, Spotify, Eppo).
 * - SEQUENCE: the asymptotic confidence sequence tuned at the planned units, read there (Waudby-Smith et al. 2021, eq. 9 and
 *   161); as it may also stop earlier, the power is a lower bound.
 */
export type PlannedTest = 'WELCH' | 'STUDENT' | 'NORMAL' | 'SEQUENCE';

/** A test and its error. */
export interface TestPlan {
  /** WELCH by default. */
  readonly test?: PlannedTest;
  /** Error of the test: of both directions together when sided is 2. */
  readonly alpha: number;
  readonly sided: 1 | 2;
  /**
   * Rejections that count as success: those in the direction of the effect (by default), or in either one, as statsmodels
   * counts them. They differ only where power is near alpha.
   */
  readonly success?: 'EFFECT_SIDE' | 'EITHER_SIDE';
}

/** A planned contrast m_T − weight·m_C: the arms as they are expected to be, with real numbers of units. */
export interface PlannedPair {
  readonly control: Sample;
  readonly treatment: Sample;
  readonly weight: number;
}

/** Critical value of the sequence at the units it is tuned for, one for all units: √((x + 1)/x·(2 ln(1/α) + ln(x + 1))), x = N*·ρ². */
function sequenceCriticalValue({ alpha, sided }: TestPlan): number {
  if (sided === 1 && alpha >= 0.5) throw new RangeError(`A one-sided sequence needs alpha below 0.5, not ${alpha}.`);
  const twoSided = sided === 2 ? alpha : 2 * alpha;
  const x = tuningRho2(twoSided, 1);
  return Math.sqrt(((x + 1) / x) * (Math.log1p(x) - 2 * Math.log(twoSided)));
}

/** The critical value of the plan's test; df matters for the t tests only. */
export function plannedCriticalValue(plan: TestPlan, df: number): number {
  assertProbability('alpha', plan.alpha);
  const tail = plan.alpha / plan.sided;
  switch (plan.test ?? 'WELCH') {
    case 'SEQUENCE':
      return sequenceCriticalValue(plan);
    case 'NORMAL':
      return normalUpperQuantile(tail);
    case 'WELCH':
    case 'STUDENT':
      return tUpperQuantile(tail, df);
  }
}

const isT = ({ test = 'WELCH' }: TestPlan) => test === 'WELCH' || test === 'STUDENT';

/** Probability of success when the effect is `shift` standard errors from the null value; negative is the wrong direction. */
export function successAt(plan: TestPlan, shift: number, df: number): number {
  const critical = plannedCriticalValue(plan, df);
  const beyond = (delta: number) => (isT(plan) ? noncentralTSf(critical, df, delta) : normalSf(critical - delta));
  const counted = plan.success === 'EITHER_SIDE' && plan.sided === 2 ? beyond(shift) + beyond(-shift) : beyond(shift);
  return Math.min(1, counted);
}

/** Standard error of the planned contrast and the degrees of freedom of the plan's test. */
export function plannedError(
  { control, treatment, weight }: PlannedPair,
  { test = 'WELCH' }: TestPlan,
): Inference<{ readonly distance: number; readonly standardError: number; readonly df: number }> {
  const expected = contrast(control, treatment, weight);
  if (!expected.ok) return expected;
  const df = test === 'STUDENT' ? control.n + treatment.n - 2 : expected.degreesOfFreedom;
  // two units an arm have at least one degree of freedom, but for rounding
  return { ok: true, distance: expected.estimate, standardError: expected.standardError, df: Math.max(1, df) };
}

/** Power of the plan's test on the expected arms. `direction` is the sign of the contrast that counts as success. */
export function powerOfPair(
  pair: PlannedPair,
  plan: TestPlan,
  direction: 1 | -1,
): Inference<{ readonly power: number }> {
  const error = plannedError(pair, plan);
  if (!error.ok) return error;
  const shift = (direction * error.distance) / error.standardError;
  if (!Number.isFinite(shift)) return notComputable('OVERFLOW');
  return { ok: true, power: successAt(plan, shift, error.df) };
}
