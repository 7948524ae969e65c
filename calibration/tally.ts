import { seededRandom } from './random.ts';
import type { Outcome, Simulation } from './simulation.ts';

/** One find over the runs to which it applies; a refusal counts as 0, that is as no event. */
export interface Tally {
  readonly runs: number;
  readonly refused: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  /** In the order of the runs; empty where not kept. */
  readonly values: readonly number[];
}

/** All finds of a simulation, by name. */
export interface Tallies {
  readonly runs: number;
  readonly finds: Readonly<Record<string, Tally>>;
}

const NOTHING: Tally = { runs: 0, refused: 0, sum: 0, sumOfSquares: 0, values: [] };

/** The find, empty where no run had it. */
export function tallyOf({ finds }: Tallies, find: string): Tally {
  return finds[find] ?? NOTHING;
}

/** Runs from `first` on of one chunk, which has a random stream of its own. */
export function runChunk({ name, keep = [], prepare }: Simulation, chunk: number, runs: number, seed: number): Tallies {
  const random = seededRandom(seed, `${name}/${chunk}`);
  const once = prepare();
  const finds: Record<string, { -readonly [K in keyof Tally]: Tally[K] } & { values: number[] }> = {};
  for (let run = 0; run < runs; run++) {
    const outcome: Outcome = once(random);
    for (const find in outcome) {
      const found = outcome[find];
      if (found === undefined) continue;
      finds[find] ??= { ...NOTHING, values: [] };
      const tally = finds[find];
      const value = Number(found);
      tally.runs++;
      if (found === null) tally.refused++;
      tally.sum += value;
      tally.sumOfSquares += value * value;
      if (found !== null && keep.includes(find)) tally.values.push(value);
    }
  }
  return { runs, finds };
}

/** Chunks put together, in their order: sums of doubles depend on it. */
export function mergeTallies(chunks: readonly Tallies[]): Tallies {
  const names = [...new Set(chunks.flatMap(({ finds }) => Object.keys(finds)))];
  const finds = names.map((name) => {
    const parts = chunks.map((chunk) => tallyOf(chunk, name));
    const total = (of: (tally: Tally) => number) => parts.reduce((sum, tally) => sum + of(tally), 0);
    const tally: Tally = {
      runs: total(({ runs }) => runs),
      refused: total(({ refused }) => refused),
      sum: total(({ sum }) => sum),
      sumOfSquares: total(({ sumOfSquares }) => sumOfSquares),
      values: parts.flatMap(({ values }) => values),
    };
    return [name, tally] as const;
  });
  return { runs: chunks.reduce((sum, { runs }) => sum + runs, 0), finds: Object.fromEntries(finds) };
}

/** One piece of work. */
export interface Chunk {
  readonly simulation: string;
  readonly index: number;
  readonly runs: number;
}

/** The chunks of a share of a simulation's runs, rounded up. A smaller share is a beginning of the whole. */
export function chunksOf({ name, runs, chunk }: Simulation, scale = 1): Chunk[] {
  const all = Math.ceil(runs * scale);
  return Array.from({ length: Math.ceil(all / chunk) }, (_, index) => {
    return { simulation: name, index, runs: Math.min(chunk, all - index * chunk) };
  });
}

/** All chunks in this thread. */
export function runSimulation(simulation: Simulation, seed: number, scale = 1): Tallies {
  return mergeTallies(chunksOf(simulation, scale).map(({ index, runs }) => runChunk(simulation, index, runs, seed)));
}
