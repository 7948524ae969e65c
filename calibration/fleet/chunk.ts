import { randomOf } from './random.ts';
import { addCounts, type Counts, NOTHING } from './rows.ts';
import type { Scenario } from './scenario.ts';

/** A piece of a scenario: its runs from `first` up to `before`. */
export interface Chunk {
  readonly scenario: string;
  readonly first: number;
  readonly before: number;
  readonly seed: number;
}

const RUNS_A_CHUNK = 25;

export function chunksOf({ name, runs }: Scenario, runsScale: number, seed: number): readonly Chunk[] {
  const all = Math.max(1, Math.round(runs * runsScale));
  return Array.from({ length: Math.ceil(all / RUNS_A_CHUNK) }, (_, i) => ({
    scenario: name,
    first: i * RUNS_A_CHUNK,
    before: Math.min(all, (i + 1) * RUNS_A_CHUNK),
    seed,
  }));
}

/** Every run draws from a generator of its own number: the figures do not depend on who does which. */
export async function runChunk(scenario: Scenario, { first, before, seed }: Chunk): Promise<Counts> {
  const once = scenario.prepare();
  let counts = NOTHING;
  for (let run = first; run < before; run++) {
    const { said, final } = await once(randomOf(seed, scenario.name, run));
    counts = addCounts(counts, {
      runs: 1,
      said: Object.fromEntries([...said].map((word) => [word, 1])),
      final: final === null ? {} : { [final]: 1 },
    });
  }
  return counts;
}
