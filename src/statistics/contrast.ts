import { computed, type Inference, notComputable, type Sample } from './inference.ts';

/** A linear contrast of two independent means with its standard error and Welch–Satterthwaite degrees of freedom. */
export interface Contrast {
  readonly estimate: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
}

/**
 * mean_T − weight·mean_C. Standard error √(v_T/n_T + weight²·v_C/n_C), degrees of freedom by Satterthwaite (1946) and
 * Welch (1947):
 *
 *   df = (a + b)² / (a²/(n_T − 1) + b²/(n_C − 1)),  a = v_T/n_T,  b = weight²·v_C/n_C
 *
 * written in the shares a/(a + b), b/(a + b), so that no square overflows. One arm may have zero variance, not both.
 */
export function contrast(control: Sample, treatment: Sample, weight = 1): Inference<Contrast> {
  const fewest = Math.min(control.n, treatment.n);
  if (fewest < 2) return notComputable(fewest < 1 ? 'NO_UNITS' : 'TOO_FEW_UNITS');
  const a = treatment.variance / treatment.n;
  const b = weight * weight * (control.variance / control.n);
  const squaredError = a + b;
  if (squaredError === 0) return notComputable('ZERO_VARIANCE');
  const estimate = treatment.mean - weight * control.mean;
  const degreesOfFreedom =
    1 / ((a / squaredError) ** 2 / (treatment.n - 1) + (b / squaredError) ** 2 / (control.n - 1));
  const standardError = Math.sqrt(squaredError);
  return computed({ estimate, standardError, degreesOfFreedom }, estimate, standardError, degreesOfFreedom);
}
