import { expect, test } from 'vitest';
import { playRandom, randomSummary } from './random.ts';

/** The full number is run by `run.ts`; a seed that failed is played again with `TRINO_FAULTS_SEED=… TRINO_FAULTS_REQUESTS=1`. */
const requests = Number(process.env.TRINO_FAULTS_REQUESTS ?? 1_000);
const seed = Number(process.env.TRINO_FAULTS_SEED ?? 20_261_123);

test('random requests under random faults end in the right rows or a typed error', async () => {
  const report = await playRandom({ requests, seed, atOnce: 64 });
  console.log(randomSummary(report));
  expect(report.failures).toEqual([]);
  expect(report.faultless.rows).toBe(report.faultless.requests);
  // An adapter that always failed would be right otherwise.
  if (requests >= 100) expect(report.tally.rows).toBeGreaterThan(requests / 3);
}, 300_000);
