import { assertProbability } from './alternative.ts';
import { computed, type Inference, type Interval, notComputable } from './inference.ts';

export interface SequenceInput {
  readonly estimate: number;
  /** Of the fixed-horizon test at this look. */
  readonly standardError: number;
  /** Units of both arms together at this look. */
  readonly units: number;
  readonly alpha: number;
  /** N*: the number of units at which the sequence is tightest. */
  readonly tuningUnits: number;
}

/** One look of a confidence sequence: valid at every look at once, asymptotically. */
export interface SequenceLook {
  /** min(1, 1/e-value): two-sided, always valid. */
  readonly pValue: number;
  /** How many standard errors the interval reaches to either side. */
  readonly criticalValue: number;
  readonly interval: Interval;
}

/** ρ² that makes the sequence tightest at N* units: (−2 ln α + ln(1 − 2 ln α))/N* (Waudby-Smith et al. 2021, eq. 161). */
export function tuningRho2(alpha: number, tuningUnits: number): number {
  assertProbability('alpha', alpha);
  if (!(tuningUnits > 0 && Number.isFinite(tuningUnits))) {
    throw new RangeError(`tuningUnits must be above 0, not ${tuningUnits}.`);
  }
  return (-2 * Math.log(alpha) + Math.log1p(-2 * Math.log(alpha))) / tuningUnits;
}

/**
 * Asymptotic confidence sequence of any estimate with a standard error (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2021,
 * arXiv 2103.06476v7, eq. 9 and 155; GrowthBook's form). With x = N·ρ² and z = estimate/se:
 *
 *   half-width = se·√((x + 1)/x · (2 ln(1/α) + ln(x + 1))),   ln e = x·z²/(2(x + 1)) − ½ ln(x + 1),   p = min(1, 1/e)
 *
 * The e-value stays a logarithm, so no z overflows it.
 */
export function asymptoticSequence(input: SequenceInput): Inference<SequenceLook> {
  const { estimate, standardError, units, alpha, tuningUnits } = input;
  const x = units * tuningRho2(alpha, tuningUnits);
  if (units === 0) return notComputable('NO_UNITS');
  if (standardError === 0) return notComputable('ZERO_VARIANCE');
  const z = estimate / standardError;
  const logE = ((x / (x + 1)) * z * z - Math.log1p(x)) / 2;
  const criticalValue = Math.sqrt(((x + 1) / x) * (Math.log1p(x) - 2 * Math.log(alpha)));
  const half = criticalValue * standardError;
  const [lower, upper] = [estimate - half, estimate + half];
  return computed(
    { pValue: Math.exp(Math.min(0, -logE)), criticalValue, interval: { lower, upper, level: 1 - alpha } },
    z,
    lower,
    upper,
  );
}

/**
 * One-sided always-valid p-value that the effect lies in the given direction: half the two-sided p of the sequence when
 * the estimate points there, else 1 − half. 'less' asks for a treatment below control.
 */
export function oneSidedSequentialP(
  input: SequenceInput & { readonly alternative: 'greater' | 'less' },
): Inference<{ readonly pValue: number }> {
  const look = asymptoticSequence(input);
  if (!look.ok) return look;
  const half = look.pValue / 2;
  const inDirection = input.alternative === 'greater' ? input.estimate > 0 : input.estimate < 0;
  return { ok: true, pValue: inDirection ? half : 1 - half };
}
