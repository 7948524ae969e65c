import { assertProbability } from './alternative.ts';
import { computed, type Inference, notComputable } from './inference.ts';
import type { SequenceLook } from './sequential.ts';

/** Where the sequence is tightest: at this alpha, once the estimate has this much information. */
export interface MixtureTuning {
  readonly alpha: number;
  /** v*: 1/se² of the estimate at the planned end, in the inverse square of the metric's unit. */
  readonly information: number;
}

function assertTuning({ alpha, information }: MixtureTuning): void {
  assertProbability('alpha', alpha);
  if (!(information > 0 && Number.isFinite(information))) {
    throw new RangeError(`The tuning's information must be above 0, not ${information}.`);
  }
}

/**
 * The precision ρ of the mixing distribution N(0, 1/ρ) that makes the interval narrowest at information v*, exactly:
 *
 *   ρ = v* / s  with  s − ln(1 + s) = −2 ln α,   that is  s = −W₋₁(−α²/e) − 1
 *
 * (Howard, Ramdas, McAuliffe & Sekhon 2021, on tuning the two-sided normal mixture; Lambert's W). Solved by Newton's method on the convex left side.
 */
export function mixturePrecision(tuning: MixtureTuning): number {
  assertTuning(tuning);
  const c = -2 * Math.log(tuning.alpha);
  let s = Math.max(Math.sqrt(2 * c), c + Math.log1p(c));
  for (let step = 0; step < 8; step++) s -= ((s - Math.log1p(s) - c) * (1 + s)) / s;
  return tuning.information / s;
}

/** The closed form close to {@link mixturePrecision}: its first step, s = −2 ln α + ln(1 − 2 ln α) (Waudby-Smith et al. 2021, eq. 161). */
export function approximateMixturePrecision(tuning: MixtureTuning): number {
  assertTuning(tuning);
  const c = -2 * Math.log(tuning.alpha);
  return tuning.information / (c + Math.log1p(c));
}

export interface MixtureInput {
  /** On the absolute scale; a relative one by the delta method breaks the error rate for rare events. */
  readonly estimate: number;
  /** Of the fixed-horizon estimate at this look. */
  readonly standardError: number;
  readonly alpha: number;
  /** ρ: precision of the mixing distribution, from {@link mixturePrecision}; fixed before the first look. */
  readonly precision: number;
}

/**
 * One look of the two-sided normal-mixture confidence sequence and its always-valid p-value: the mixture sequential probability
 * ratio test (Robbins 1970; Johari, Koomen, Pekelis & Walsh 2022), called GAVI where the variance is estimated (Howard et al.
 * 2021, two-sided normal mixture). With information v = 1/se² and z = estimate/se,
 *
 *   half-width = se·√((v + ρ)/v · (2 ln(1/α) + ln((v + ρ)/ρ))),   ln Λ = ½ ln(ρ/(ρ + v)) + ½ z²·v/(v + ρ),   p = min(1, 1/Λ)
 *
 * Exact for normal data of known variance, asymptotic otherwise. `asymptoticSequence` is the same with v/ρ = N·ρ², which counts
 * information in units and not in the metric's own unit.
 */
export function mixtureSequence(input: MixtureInput): Inference<SequenceLook> {
  const { estimate, standardError, alpha, precision } = input;
  assertProbability('alpha', alpha);
  if (!(precision > 0 && Number.isFinite(precision))) {
    throw new RangeError(`A mixing precision must be above 0, not ${precision}.`);
  }
  if (standardError === 0) return notComputable('ZERO_VARIANCE');
  const x = 1 / standardError / precision / standardError; // v/ρ
  const z = estimate / standardError;
  const criticalValue = Math.sqrt((1 + 1 / x) * (Math.log1p(x) - 2 * Math.log(alpha)));
  const half = criticalValue * standardError;
  const logBayesFactor = ((z * z) / (1 + 1 / x) - Math.log1p(x)) / 2;
  const [lower, upper] = [estimate - half, estimate + half];
  return computed(
    { pValue: Math.exp(Math.min(0, -logBayesFactor)), criticalValue, interval: { lower, upper, level: 1 - alpha } },
    z,
    lower,
    upper,
  );
}
