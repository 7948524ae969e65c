import type { Claim } from './claim.ts';
import type { Random } from './random.ts';

/** What one run found, by name: whether something happened, or a number. null: refused. Absent: does not apply to this run. */
export type Outcome = Readonly<Record<string, boolean | number | null | undefined>>;

/** Many runs of one experiment that never was. */
export interface Simulation {
  /** Unique: the seed hangs on it. */
  readonly name: string;
  readonly runs: number;
  /** Share of the runs in the short version, where the usual one is too slow, or too few to tell a negative control. */
  readonly short?: number;
  /** Runs that share a seed and are done in one go. Fixed, so that the figures do not depend on the number of workers. */
  readonly chunk: number;
  /** Finds that are kept one by one, for a distribution or a plot. */
  readonly keep?: readonly string[];
  /** What is done once a chunk; the answer does one run. */
  readonly prepare: () => (random: Random) => Outcome;
  readonly claims: readonly Claim[];
}

/** Simulations about one thing: a table of the report. */
export interface Family {
  readonly title: string;
  /** Under the title: what was drawn and how. */
  readonly note: string;
  readonly simulations: readonly Simulation[];
}
