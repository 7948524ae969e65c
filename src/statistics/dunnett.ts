import { type Alternative, assertProbability, intervalFor } from './alternative.ts';
import { type Contrast, contrast } from './contrast.ts';
import { dunnettSf, dunnettUpperQuantile, type Maximum } from './distributions/dunnett.ts';
import { computed, type Inference, type Interval, notComputable, type Sample } from './inference.ts';

export interface DunnettOptions {
  /** Level at which all intervals cover at once, e.g. 0.95. */
  readonly level: number;
  readonly alternative?: Alternative;
  /**
   * SEPARATE (default): each arm has its own variance, each comparison its own Welch degrees of freedom (Hasler & Hothorn
   * 2008). POOLED: one variance for all arms, Σn − arms degrees of freedom (Dunnett 1955).
   */
  readonly variances?: 'SEPARATE' | 'POOLED';
  /** NORMAL takes the variances as known (large samples); T by default. */
  readonly reference?: 'T' | 'NORMAL';
}

/** One treatment against the control that all treatments share. */
export interface DunnettComparison {
  /** Treatment minus control. */
  readonly difference: number;
  readonly standardError: number;
  /** null for normal reference. */
  readonly degreesOfFreedom: number | null;
  /** difference/standardError. */
  readonly statistic: number;
  /** Adjusted: the probability that any of the comparisons is as extreme when no treatment differs from control. */
  readonly pValue: number;
  /** Simultaneous; excludes 0 exactly when pValue < 1 − level. */
  readonly interval: Interval;
}

/**
 * Many treatments against one control (Dunnett 1955, single-step): adjusted p-values and simultaneous intervals that hold
 * the family's error and, by knowing that the comparisons share their control, are less wide than Bonferroni's. The
 * correlation of comparisons i and j is λ_i·λ_j with
 *
 *   λ_i² = (v_C/n_C)/(v_C/n_C + v_i/n_i),   for one variance  n_i/(n_i + n_C)
 *
 * In the order of `treatments`. A comparison that cannot be computed is refused with `contrast`'s reasons and is not counted
 * in the family, as in `adjustPValues`; with one comparison left, this is Welch's test.
 */
export function dunnettTest(
  control: Sample,
  treatments: readonly Sample[],
  options: DunnettOptions,
): Inference<DunnettComparison>[] {
  const { variances = 'SEPARATE' } = options;
  if (variances === 'POOLED') {
    const controlError = (_: Contrast, i: number) => Math.sqrt(treatments[i]!.n / (treatments[i]!.n + control.n));
    return comparisons(pooledContrasts(control, treatments), controlError, options);
  }
  return dunnettTestOfPairs(
    treatments.map((treatment) => ({ control, treatment })),
    options,
  );
}

/**
 * The same, with the control as each comparison has it: where each pair was adjusted by its own regression (CUPED). The
 * controls are the same units, so that comparisons are correlated as if they were one. Variances are SEPARATE.
 */
export function dunnettTestOfPairs(
  pairs: readonly { readonly control: Sample; readonly treatment: Sample }[],
  options: Omit<DunnettOptions, 'variances'>,
): Inference<DunnettComparison>[] {
  const { contrasts, controlError } = contrastsOf(pairs);
  return comparisons(contrasts, controlError, options);
}

/** The adjusted two-sided p-values of {@link dunnettTestOfPairs} alone, without the search for their critical value; null: not computable. */
export function dunnettPValues(
  pairs: readonly { readonly control: Sample; readonly treatment: Sample }[],
): (number | null)[] {
  const { contrasts, controlError } = contrastsOf(pairs);
  const lambdas = lambdasOf(contrasts, controlError);
  return contrasts.map((arm) => (arm.ok ? pValueOf(arm, { lambdas, df: arm.degreesOfFreedom, twoSided: true }) : null));
}

type ControlError = (arm: Contrast, i: number) => number;

function contrastsOf(pairs: readonly { readonly control: Sample; readonly treatment: Sample }[]) {
  const controlError: ControlError = (arm, i) => {
    const { variance, n } = pairs[i]!.control;
    return Math.min(1, Math.sqrt(variance / n) / arm.standardError);
  };
  return { contrasts: pairs.map(({ control, treatment }) => contrast(control, treatment)), controlError };
}

/** λ of each comparison that can be computed. */
function lambdasOf(contrasts: readonly Inference<Contrast>[], controlError: ControlError): number[] {
  return contrasts.flatMap((arm, i) => (arm.ok ? [controlError(arm, i)] : []));
}

function pValueOf({ estimate, standardError }: Contrast, maximum: Maximum, alternative: Alternative = 'two-sided') {
  const statistic = estimate / standardError;
  const directed =
    alternative === 'two-sided' ? Math.abs(statistic) : alternative === 'greater' ? statistic : -statistic;
  return Number.isFinite(statistic) ? dunnettSf(directed, maximum) : 0;
}

function comparisons(
  contrasts: readonly Inference<Contrast>[],
  controlError: ControlError,
  { level, alternative = 'two-sided', reference = 'T' }: DunnettOptions,
): Inference<DunnettComparison>[] {
  assertProbability('level', level);
  const lambdas = lambdasOf(contrasts, controlError);
  const twoSided = alternative === 'two-sided';
  const critical = new Map<number, number>();
  const criticalOf = (maximum: Maximum) => {
    const found = critical.get(maximum.df) ?? dunnettUpperQuantile(1 - level, maximum);
    critical.set(maximum.df, found);
    return found;
  };
  return contrasts.map((arm) => {
    if (!arm.ok) return arm;
    const { estimate: difference, standardError } = arm;
    const df = reference === 'NORMAL' ? Number.POSITIVE_INFINITY : arm.degreesOfFreedom;
    const statistic = difference / standardError;
    const half = criticalOf({ lambdas, df, twoSided }) * standardError;
    const [lower, upper] = [difference - half, difference + half];
    if (Number.isNaN(statistic)) return notComputable('OVERFLOW');
    const result: DunnettComparison = {
      difference,
      standardError,
      degreesOfFreedom: reference === 'NORMAL' ? null : df,
      statistic,
      pValue: pValueOf(arm, { lambdas, df, twoSided }, alternative),
      interval: intervalFor(lower, upper, level, alternative),
    };
    return computed(result, statistic, lower, upper);
  });
}

/** The contrasts with one variance for all arms that have two units or more; its degrees of freedom are Σ(n − 1). */
function pooledContrasts(control: Sample, treatments: readonly Sample[]): Inference<Contrast>[] {
  const arms = [control, ...treatments].filter(({ n }) => n >= 2);
  const degreesOfFreedom = arms.reduce((sum, { n }) => sum + (n - 1), 0);
  const variance = arms.reduce((sum, arm) => sum + arm.variance * ((arm.n - 1) / degreesOfFreedom), 0);
  return treatments.map((arm) => {
    const fewest = Math.min(control.n, arm.n);
    if (fewest < 2) return notComputable(fewest < 1 ? 'NO_UNITS' : 'TOO_FEW_UNITS');
    if (variance === 0) return notComputable('ZERO_VARIANCE');
    const estimate = arm.mean - control.mean;
    const standardError = Math.sqrt(variance / arm.n + variance / control.n);
    return computed({ estimate, standardError, degreesOfFreedom }, estimate, standardError);
  });
}
