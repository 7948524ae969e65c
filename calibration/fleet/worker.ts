import { type Chunk, runChunk } from './chunk.ts';
import { scenarios } from './scenarios.ts';

/** A process that plays the chunks it is sent, one at a time, until its parent lets go of it. */
const known = new Map(scenarios().map((scenario) => [scenario.name, scenario]));

process.on('message', async (chunk: Chunk) => {
  // what fails here is unhandled on purpose: it ends the process, and with it the fleet
  process.send!(await runChunk(known.get(chunk.scenario)!, chunk));
});
