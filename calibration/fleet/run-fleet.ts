import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Chunk, chunksOf, runChunk } from './chunk.ts';
import { addCounts, type Counts, type FleetRow, NOTHING, rowsOf } from './rows.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios.ts';

export interface FleetOptions {
  /** Runs as a multiple of what each scenario asks for. */
  readonly runsScale: number;
  readonly seed: number;
  readonly onProgress?: (done: number, all: number) => void;
  /** Processes; 0 runs all in this one. By default one a core. The figures are the same. */
  readonly workers?: number;
  /** Only scenarios whose name this takes. */
  readonly only?: (scenario: string) => boolean;
}

/** Plays the fleet and holds every promise against what came out. */
export async function runFleet(options: FleetOptions): Promise<readonly FleetRow[]> {
  const { runsScale, seed, onProgress, only = () => true } = options;
  const played = scenarios().filter(({ name }) => only(name));
  const chunks = played.flatMap((scenario) => chunksOf(scenario, runsScale, seed));
  const counts = new Map<string, Counts>();
  let done = 0;
  const take = (chunk: Chunk, found: Counts) => {
    counts.set(chunk.scenario, addCounts(counts.get(chunk.scenario) ?? NOTHING, found));
    onProgress?.(++done, chunks.length);
  };
  const workers = Math.min(options.workers ?? availableParallelism(), chunks.length);
  await (workers === 0 ? inThisProcess(played, chunks, take) : inProcesses(workers, chunks, take));
  return played.flatMap((scenario) => rowsOf(scenario, counts.get(scenario.name)!));
}

type Take = (chunk: Chunk, counts: Counts) => void;

async function inThisProcess(played: readonly Scenario[], chunks: readonly Chunk[], take: Take): Promise<void> {
  const known = new Map(played.map((scenario) => [scenario.name, scenario]));
  for (const chunk of chunks) take(chunk, await runChunk(known.get(chunk.scenario)!, chunk));
}

/** Whoever is free takes the next chunk. Processes, as a thread would not know how to read TypeScript. */
async function inProcesses(count: number, chunks: readonly Chunk[], take: Take): Promise<void> {
  const left = [...chunks];
  const workers = Array.from({ length: count }, () =>
    fork(pathOf('./worker.ts'), { execArgv: ['--import', 'tsx'], cwd: pathOf('../..') }),
  );
  const busy = workers.map(
    (worker) =>
      new Promise<void>((resolve, reject) => {
        let current: Chunk;
        const next = () => {
          const chunk = left.shift();
          if (chunk === undefined) return resolve();
          current = chunk;
          worker.send(chunk);
        };
        worker.on('message', (counts: Counts) => {
          take(current, counts);
          next();
        });
        worker.on('error', reject);
        worker.on('exit', (code) => reject(new Error(`A process of the fleet ended with ${code}.`)));
        next();
      }),
  );
  try {
    await Promise.all(busy);
  } finally {
    for (const worker of workers) worker.kill();
  }
}

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
