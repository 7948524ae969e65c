import { parentPort } from 'node:worker_threads';
import { FAMILIES } from './families.ts';
import { type Chunk, runChunk } from './tally.ts';

const simulations = new Map(FAMILIES.flatMap(({ simulations }) => simulations).map((one) => [one.name, one]));

parentPort!.on('message', ({ chunk, seed }: { chunk: Chunk; seed: number }) => {
  const simulation = simulations.get(chunk.simulation);
  if (simulation === undefined) throw new Error(`There is no simulation ${chunk.simulation}.`);
  parentPort!.postMessage(runChunk(simulation, chunk.index, chunk.runs, seed));
});
