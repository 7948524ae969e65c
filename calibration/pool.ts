import { Worker } from 'node:worker_threads';
import type { Simulation } from './simulation.ts';
import { type Chunk, chunksOf, mergeTallies, type Tallies } from './tally.ts';

export interface PoolOptions {
  readonly seed: number;
  readonly workers: number;
  /** Share of every simulation's runs. */
  readonly scale: number;
  /** Called after each chunk with what is there of its simulation. */
  readonly onProgress?: (simulation: Simulation, soFar: Tallies, isDone: boolean) => void;
}

/**
 * All simulations over worker threads, by name. A chunk has a seed of its own and chunks are put together in their order, so the
 * figures do not depend on how many workers there are or which is first.
 */
export async function runAll(
  simulations: readonly Simulation[],
  { seed, workers, scale, onProgress }: PoolOptions,
): Promise<ReadonlyMap<string, Tallies>> {
  const queue = simulations.flatMap((simulation) => chunksOf(simulation, scale));
  const work = new Map(
    simulations.map((simulation) => [simulation.name, { simulation, chunks: [] as Tallies[], left: 0 }]),
  );
  for (const { simulation } of queue) work.get(simulation)!.left++;
  const done = new Map<string, Tallies>();

  const finish = ({ simulation, index }: Chunk, tallies: Tallies) => {
    const own = work.get(simulation)!;
    own.chunks[index] = tallies;
    own.left--;
    const isDone = own.left === 0;
    const soFar = mergeTallies(own.chunks.flat());
    if (isDone) {
      done.set(simulation, soFar);
      own.chunks = [];
    }
    onProgress?.(own.simulation, soFar, isDone);
  };

  /** One worker takes chunks until none is left. */
  const employ = () =>
    new Promise<void>((resolve, reject) => {
      const chunk = queue.shift();
      if (chunk === undefined) return resolve();
      const worker = new Worker(new URL('./start-worker.mjs', import.meta.url), { execArgv: [] });
      let current = chunk;
      worker.on('error', reject);
      worker.on('message', (tallies: Tallies) => {
        finish(current, tallies);
        const next = queue.shift();
        if (next === undefined) return void worker.terminate().then(() => resolve(), reject);
        current = next;
        worker.postMessage({ chunk: next, seed });
      });
      worker.postMessage({ chunk, seed });
    });

  await Promise.all(Array.from({ length: Math.max(1, workers) }, employ));
  return done;
}
