import type { ArmMoments } from '../plan/answer.ts';
import type { Sample } from '../statistics/inference.ts';

/** The two arms of a line as they came from the warehouse; an arm without units has zero moments. */
export interface Arms {
  readonly control: ArmMoments;
  readonly treatment: ArmMoments;
  /** The same by stratum, where the line is stratified; null or absent: it is not. */
  readonly strata?: readonly StratumArms[] | null;
}

/** Both arms of a line in one stratum. */
export interface StratumArms {
  /** The phase of the experiment that its units were exposed in; null: the allocation never changed. */
  readonly phase: number | null;
  readonly control: ArmMoments;
  readonly treatment: ArmMoments;
}

/** Both arms, as every test of two samples takes them. */
export interface Pair {
  readonly control: Sample;
  readonly treatment: Sample;
}
