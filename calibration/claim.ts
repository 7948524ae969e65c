import { BAND_Z, type Figure, type Measure } from './measure.ts';
import type { Tallies } from './tally.ts';

/** Where a figure must be; null is open on that side. */
export interface Band {
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * A band and how it changes with the runs. RATE: a share's, stated at a number of runs whose Monte-Carlo error it contains.
 * DISTANCE: goes with 1/√runs. FIXED: does not change.
 */
export type Target = Band &
  ({ readonly kind: 'RATE' | 'DISTANCE' | 'MEAN'; readonly runs: number } | { readonly kind: 'FIXED' });

/** One promise and the figure that keeps or breaks it: a row of the report. */
export interface Claim {
  readonly what: string;
  readonly promise: string;
  readonly measure: Measure;
  /** null: for the record. */
  readonly target: Target | null;
  /** A method known to be wrong, which the target must catch: its figure must be outside, and at or above this. */
  readonly negativeControl?: { readonly atLeast: number };
}

/** MISSED: out of the target, or a negative control that is not caught. */
export type Verdict = 'MET' | 'MISSED' | 'CAUGHT' | 'NOTED';

/** A claim with what came out. */
export interface Finding {
  readonly what: string;
  readonly promise: string;
  readonly figure: Figure;
  /** For a negative control, where its figure must be. */
  readonly target: Band | null;
  readonly verdict: Verdict;
}

/**
 * The true share whose Monte-Carlo band at `runs` ends at this bound: the p with p ∓ z·√(p(1 − p)/runs) = bound, the inner
 * end of Wilson's interval (1927) about it.
 */
function trueShare(bound: number, side: 1 | -1, runs: number): number {
  const z2 = BAND_Z * BAND_Z;
  const half = BAND_Z * Math.sqrt((bound * (1 - bound)) / runs + z2 / (4 * runs * runs));
  return (bound + z2 / (2 * runs) - side * half) / (1 + z2 / runs);
}

/** A share's bound, stated at some runs, for other runs: the Monte-Carlo band about the same true share. */
function shareBound(bound: number, side: 1 | -1, stated: number, runs: number): number {
  const share = trueShare(bound, side, stated);
  return Math.min(1, Math.max(0, share + side * BAND_Z * Math.sqrt((share * (1 - share)) / runs)));
}

/** The target's band for the runs of a figure. `part` is the share of the simulation's runs to which the figure applies. */
export function bandFor(target: Target, figure: Figure, part = 1): Band {
  if (target.kind === 'FIXED') return { low: target.low, high: target.high };
  const stated = target.runs * part;
  const moved = (bound: number | null, side: 1 | -1) => {
    if (bound === null || figure.runs === stated) return bound;
    switch (target.kind) {
      case 'RATE':
        return shareBound(bound, side, stated, figure.runs);
      case 'DISTANCE':
        return bound * Math.sqrt(stated / figure.runs);
      case 'MEAN':
        // its own Monte-Carlo error, less what it would be at the stated runs
        return bound + (figure.band!.high - figure.value) * side * (1 - Math.sqrt(figure.runs / stated));
    }
  };
  return { low: moved(target.low, -1), high: moved(target.high, 1) };
}

const within = (value: number, { low, high }: Band) =>
  (low === null || value >= low) && (high === null || value <= high);

/** The claim held against what was simulated. */
export function findingOf({ what, promise, measure, target, negativeControl }: Claim, tallies: Tallies): Finding {
  const figure = measure(tallies);
  if (target === null) return { what, promise, figure, target: null, verdict: 'NOTED' };
  const band = bandFor(target, figure, figure.runs / tallies.runs);
  if (negativeControl === undefined) {
    return { what, promise, figure, target: band, verdict: within(figure.value, band) ? 'MET' : 'MISSED' };
  }
  if (target.kind !== 'RATE' || target.high === null) throw new Error(`${what}: a negative control must miss a rate.`);
  const low = Math.max(bandFor({ ...target, low: negativeControl.atLeast, high: null }, figure).low!, band.high!);
  const caught = figure.value >= low && !within(figure.value, band);
  return { what, promise, figure, target: { low, high: null }, verdict: caught ? 'CAUGHT' : 'MISSED' };
}
