import type { LiftMethod } from '../core/vocabulary.ts';
import { type Inference, notComputable, type Sample } from './inference.ts';
import { deltaLift } from './lift/delta.ts';
import { fiellerLift } from './lift/fieller.ts';
import { logLift } from './lift/log.ts';
import type { Lift, LiftFunction, LiftOptions } from './lift/method.ts';

/** The lift methods by name; a new one is a file in `lift/` and a line here. */
const LIFT_FUNCTIONS = {
  FIELLER: fiellerLift,
  LOG: logLift,
  DELTA: deltaLift,
} satisfies Record<LiftMethod, LiftFunction>;

/**
 * Relative change of treatment over control by the named method. Refuses a zero control mean (ZERO_BASELINE), two arms
 * without variance (ZERO_VARIANCE), and for LOG means of different sign (NOT_APPLICABLE). Ask {@link liftDefined} first
 * where a lift is shown to people.
 */
export function lift(
  control: Sample,
  treatment: Sample,
  options: LiftOptions & { readonly method: LiftMethod },
): Inference<Lift> {
  return LIFT_FUNCTIONS[options.method](control, treatment, options);
}

/**
 * Whether a relative change means anything: both means must be other than zero and of one sign. Both negative is defined
 * and flagged, as a positive lift is then a fall.
 */
export function liftDefined(control: Sample, treatment: Sample): Inference<{ readonly bothNegative: boolean }> {
  if (control.mean === 0) return notComputable('ZERO_BASELINE');
  const sameSign = Math.sign(control.mean) === Math.sign(treatment.mean);
  return sameSign ? { ok: true, bothNegative: control.mean < 0 } : notComputable('NOT_APPLICABLE');
}
