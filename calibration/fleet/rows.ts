import { binomialCdf, binomialUpperTail } from '../../src/statistics/distributions/binomial.ts';
import type { Promised, Scenario } from './scenario.ts';

/** How often a rate that is exactly on its target may fall out of the band, on each side. */
const MISS = 0.001;

/** What came out of a scenario's runs. */
export interface Counts {
  readonly runs: number;
  readonly said: Readonly<Record<string, number>>;
  /** The experiments' verdicts at their last look. */
  readonly final: Readonly<Record<string, number>>;
}

export const NOTHING: Counts = { runs: 0, said: {}, final: {} };

/** One promise and what became of it. */
export interface FleetRow {
  readonly scenario: string;
  readonly promise: string;
  readonly runs: number;
  readonly rate: number;
  /** Where the rate may be: the target and the Monte-Carlo error of so many runs; null is open. */
  readonly band: { readonly low: number | null; readonly high: number | null };
  readonly target: number | null;
  /** null: for the record. */
  readonly pass: boolean | null;
  /** Shares of the experiments' verdicts at the last look. */
  readonly verdicts: Readonly<Record<string, number>>;
}

export function rowsOf({ name, promises }: Scenario, counts: Counts): readonly FleetRow[] {
  const { runs, said, final } = counts;
  return promises.map((promised) => {
    const rate = (said[promised.said] ?? 0) / runs;
    const band = bandOf(promised, runs);
    const pass = (band.low === null || rate >= band.low) && (band.high === null || rate <= band.high);
    return {
      scenario: name,
      promise: promised.promise,
      runs,
      rate,
      band,
      target: promised.target,
      pass: promised.bound === 'NOTED' ? null : pass,
      verdicts: Object.fromEntries(Object.entries(final).map(([verdict, count]) => [verdict, count / runs])),
    };
  });
}

/** Rates that so many runs may give when the true one is on the target, by the exact binomial tails; a control's are beyond it. */
function bandOf({ bound, target }: Promised, runs: number): FleetRow['band'] {
  if (target === null || bound === 'NOTED') return { low: null, high: null };
  const counts = Array.from({ length: runs + 1 }, (_, k) => k);
  const high = () => counts.findLast((k) => binomialUpperTail(k, runs, target) >= MISS)! / runs;
  const low = () => counts.find((k) => binomialCdf(k, runs, target) >= MISS)! / runs;
  switch (bound) {
    case 'AT_MOST':
      return { low: null, high: high() };
    case 'AT_LEAST':
      return { low: low(), high: null };
    case 'ABOUT':
      return { low: low(), high: high() };
    case 'ABOVE':
      return { low: Math.min(1, high() + 1 / runs), high: null };
  }
}

export function addCounts(a: Counts, b: Counts): Counts {
  const sum = (x: Readonly<Record<string, number>>, y: Readonly<Record<string, number>>) =>
    Object.fromEntries(
      [...new Set([...Object.keys(x), ...Object.keys(y)])].map((key) => [key, (x[key] ?? 0) + (y[key] ?? 0)]),
    );
  return { runs: a.runs + b.runs, said: sum(a.said, b.said), final: sum(a.final, b.final) };
}
