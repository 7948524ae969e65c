import type { Outcome } from './play.ts';
import type { Random } from './random.ts';

/** What must hold of the share of experiments in which something is said. */
export interface Promised {
  readonly promise: string;
  /** A verdict that a treatment gets at any look, or what a comparison rule says. */
  readonly said: string;
  /** ABOVE: a negative control, which must be beyond the target for certain. NOTED: for the record. */
  readonly bound: 'AT_MOST' | 'AT_LEAST' | 'ABOUT' | 'ABOVE' | 'NOTED';
  /** A share; null where nothing is asked. */
  readonly target: number | null;
}

/** One kind of experiment, repeated. */
export interface Scenario {
  /** Unique: the seeds hang on it. */
  readonly name: string;
  readonly runs: number;
  /** What is done once; the answer plays one experiment. */
  readonly prepare: () => (random: Random) => Outcome | Promise<Outcome>;
  readonly promises: readonly Promised[];
}
