import { TRINO_DEFAULTS } from '../../../src/engine/trino/options.ts';
import { openTrino } from '../../../src/engine/trino/trino.ts';
import type { Layout, Place, Strike } from './coordinator.ts';
import { startCoordinator } from './coordinator.ts';
import { FAULTS } from './faults.ts';
import { answerOf, describeAnswer, SECRETS, WHO } from './play.ts';
import { inParallel } from './pool.ts';
import { createPrng, type Prng } from './prng.ts';
import { randomTable, type Table, truthOf } from './table.ts';

export interface RandomReport {
  readonly seed: number;
  readonly requests: number;
  /** Requests by how they ended: `rows`, a code, or what must not be. */
  readonly tally: Readonly<Record<string, number>>;
  /** What must not be, each with the seed that plays it again. */
  readonly failures: readonly string[];
  /** Requests without a fault, and how many of them gave their rows. */
  readonly faultless: { readonly requests: number; readonly rows: number };
  readonly elapsedMs: number;
}

export interface RandomOptions {
  readonly requests: number;
  readonly seed: number;
  /** Requests at once. */
  readonly atOnce: number;
  readonly told?: (done: number) => void;
}

const LIMITS = { timeoutMs: 20_000, exchangeMs: 1_000, maxPageBytes: 300_000, maxRows: 1_000 };
const PATIENCE_MS = 5_000;

/**
 * Those that strike one query: without the ones that take what all queries share, and without columns that change places, which
 * nobody can see where they are of one type.
 */
const STRIKING = FAULTS.filter(({ name }) => !/^coordinator|^token|^columns that change their names/.test(name));

interface RandomRequest {
  readonly seed: number;
  readonly table: Table;
  readonly pages: number;
  readonly layout: Layout;
  readonly strikes: readonly (Strike & { readonly name: string })[];
  /** Milliseconds after which the client goes away; null: it waits. */
  readonly leavesMs: number | null;
}

/** A request with everything about it, from its seed alone. */
export function randomRequest(seed: number): RandomRequest {
  const chance = createPrng(seed);
  const table = randomTable(chance, chance.chance(0.1) ? 0 : chance.between(1, 60), chance.between(1, 6));
  const pages = chance.between(1, 8);
  const layout = chance.pick<Layout>(['queued', 'queued', 'trailing', 'eager', 'single']);
  const strikes = Array.from({ length: chance.between(0, 3) }, () => randomStrike(chance));
  const leavesMs = chance.chance(0.1) ? chance.between(0, 100) : null;
  return { seed, table, pages, layout, strikes, leavesMs };
}

/** A fault at some page or before the first; one that would last strikes for good only now and then. */
function randomStrike(chance: Prng): Strike & { readonly name: string } {
  const { name, act, times } = chance.pick(STRIKING);
  const index = chance.between(-1, 9);
  const at = (place: Place) => (place.kind === 'connect' ? index < 0 : place.index === index);
  return {
    name: `${name} @ ${index}`,
    act,
    at,
    times: Number.isFinite(times) || chance.chance(0.15) ? times : chance.between(1, 2),
  };
}

/** Random requests under random faults, on one engine: every reply equals the faultless one or is a typed error. */
export async function playRandom({ requests, seed, atOnce, told }: RandomOptions): Promise<RandomReport> {
  // Nobody listens there; what asks for it ends in an error.
  const coordinator = await startCoordinator('http://127.0.0.1:9');
  coordinator.tokenFile.text = SECRETS.token;

  coordinator.serve('current_user', { table: WHO, pages: 1, layout: 'queued', strikes: [] });
  const engine = await openTrino({
    ...TRINO_DEFAULTS,
    ...LIMITS,
    server: coordinator.origin,
    auth: { kind: 'jwt', token: () => coordinator.tokenFile.text },
    allowInsecureAuth: true,
    concurrency: atOnce,
  });
  const tally: Record<string, number> = {};
  const failures: string[] = [];
  const faultless = { requests: 0, rows: 0 };
  const started = performance.now();
  let done = 0;
  await inParallel(Array.from({ length: requests }), atOnce, async (_, index) => {
    const request = randomRequest(seed + index);
    const word = `request_${index}_`;
    coordinator.serve(word, request);
    const timeoutMs = request.strikes.some(({ times }) => !Number.isFinite(times)) ? 1_000 : LIMITS.timeoutMs;
    const signal = request.leavesMs === null ? undefined : AbortSignal.timeout(request.leavesMs);
    const query = engine.query({ sql: `select * from ${word}`, parameters: [] }, { timeoutMs, signal });
    const answer = await answerOf(
      query.then(({ rows }) => rows),
      timeoutMs + PATIENCE_MS,
    );
    coordinator.forget(word);
    const ended = describeAnswer(answer, truthOf(request.table));
    tally[ended] = (tally[ended] ?? 0) + 1;
    if (request.strikes.length === 0 && request.leavesMs === null) {
      faultless.requests += 1;
      if (ended === 'rows') faultless.rows += 1;
    }
    if (ended !== 'rows' && answer.kind !== 'typed') {
      failures.push(
        `seed ${request.seed}: ${ended}, ${request.layout}, under ${request.strikes.map(({ name }) => name).join('; ')}`,
      );
    }
    done += 1;
    told?.(done);
  });
  const elapsedMs = performance.now() - started;
  const running = () => coordinator.queries.filter(({ state, asked }) => state === 'running' && asked);
  await coordinator.until(() => running().length === 0, PATIENCE_MS);
  failures.push(...running().map(({ statement }) => `seed ${seed}: left running: ${statement}`));
  await engine.close();
  await coordinator.close();
  return { seed, requests, tally, failures, faultless, elapsedMs };
}

export function randomSummary({ requests, tally, faultless, seed, elapsedMs }: RandomReport): string {
  const endings = Object.entries(tally)
    .sort(([, one], [, other]) => other - one)
    .map(([ended, count]) => `${count} ${ended}`);
  return `${requests} random requests from seed ${seed} in ${(elapsedMs / 1000).toFixed(1)} s: ${endings.join(', ')}; without faults ${faultless.rows} of ${faultless.requests} gave rows`;
}
