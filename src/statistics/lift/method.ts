import type { Unknown } from '../../core/vocabulary.ts';
import type { Alternative } from '../alternative.ts';
import type { Inference, Interval, Sample } from '../inference.ts';

export interface LiftOptions {
  /** Confidence level of the interval, e.g. 0.95. */
  readonly level: number;
  readonly alternative?: Alternative;
  /** Distribution of the critical value and the p-value; T by default. */
  readonly reference?: 'T' | 'NORMAL';
}

/** A relative change: treatment/control − 1, with the uncertainty of both arms. */
export interface Lift {
  readonly value: number;
  /** Of the lift (DELTA), of the log ratio (LOG); null where the method has none (FIELLER). */
  readonly standardError: number | null;
  /** Of the critical value; null when it is a normal one. */
  readonly degreesOfFreedom: number | null;
  /** Null when the set of lifts that the data allow is not one bounded interval; `intervalUnknown` says why. */
  readonly interval: Interval | null;
  readonly intervalUnknown: Unknown | null;
  /** Of the absolute test (FIELLER, LOG), of the lift itself (DELTA). */
  readonly pValue: number;
}

export type LiftFunction = (control: Sample, treatment: Sample, options: LiftOptions) => Inference<Lift>;
