import { afterEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/engine/engine.ts';
import { TRINO_DEFAULTS } from '../../../src/engine/trino/options.ts';
import { openTrino } from '../../../src/engine/trino/trino.ts';
import { type Coordinator, type Exchange, startCoordinator } from './coordinator.ts';
import { deadlinesSummary, playDeadlines } from './deadlines.ts';
import { disconnectsSummary, playDisconnects } from './disconnects.ts';
import { FAULTS, type Phase, placeOf } from './faults.ts';
import { WHO } from './play.ts';
import { TRINO_URL } from './real.ts';
import { plainTable } from './table.ts';

const PATIENCE_MS = 5_000;
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

interface Held {
  readonly coordinator: Coordinator;
  readonly engine: Engine;
  /** Replies that are held back, in the order of their requests. */
  readonly held: readonly Exchange[];
}

/** A coordinator that holds back its replies at a phase, so many times. */
async function holding(phase: Phase, times = 9): Promise<Held> {
  const coordinator = await startCoordinator('http://127.0.0.1:9');
  const held: Exchange[] = [];
  const at = placeOf(FAULTS[0]!, phase);
  const act = { kind: 'wire', play: (exchange: Exchange) => void held.push(exchange) } as const;
  coordinator.serve('current_user', { table: WHO, pages: 1, layout: 'queued', strikes: [] });
  coordinator.serve('held', { table: plainTable(8), pages: 4, layout: 'queued', strikes: [{ at, times, act }] });
  coordinator.serve('other', { table: plainTable(8), pages: 4, layout: 'queued', strikes: [] });
  const engine = await openTrino({
    ...TRINO_DEFAULTS,
    server: coordinator.origin,
    auth: { kind: 'password', password: () => 'hunter2' },
    allowInsecureAuth: true,
    concurrency: 1,
  });
  // The coordinator first, so that nobody waits for what it holds back.
  opened.push(coordinator, engine);
  return { coordinator, engine, held };
}

const HELD = { sql: 'select * from held', parameters: [] };
const OTHER = { sql: 'select * from other', parameters: [] };
const cancellations = ({ log }: Coordinator) => log.filter(({ method }) => method === 'DELETE');

describe('a client that goes away', () => {
  test.each<Phase>(['first reply', 'middle page'])('cancels its query: %s', async (phase) => {
    const { coordinator, engine, held } = await holding(phase);
    const controller = new AbortController();
    const query = engine.query(HELD, { signal: controller.signal });
    const ended = expect(query).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
    expect(await coordinator.until(() => held.length > 0, PATIENCE_MS)).toBe(true);
    controller.abort();
    // The caller does not wait for the reply that is held back.
    await ended;
    for (const exchange of held) exchange.pass();
    expect(await coordinator.until(() => cancellations(coordinator).length > 0, PATIENCE_MS)).toBe(true);
    expect(coordinator.queries.filter(({ statement }) => statement === HELD.sql)).toMatchObject([
      { state: 'cancelled' },
    ]);
    const [submitted] = coordinator.log;
    expect(cancellations(coordinator)[0]!.headers).toMatchObject({
      authorization: submitted!.headers.authorization,
      'x-trino-user': submitted!.headers['x-trino-user'],
    });
  });

  test('at the last page leaves nothing behind', async () => {
    const { coordinator, engine, held } = await holding('last page');
    const controller = new AbortController();
    const query = engine.query(HELD, { signal: controller.signal });
    const ended = expect(query).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
    expect(await coordinator.until(() => held.length > 0, PATIENCE_MS)).toBe(true);
    controller.abort();
    await ended;
    expect((await engine.query(OTHER)).rows).toHaveLength(8);
  });

  test('before its query is sent sends nothing', async () => {
    const { coordinator, engine } = await holding('first reply');
    const before = coordinator.log.length;
    await expect(engine.query(HELD, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ENGINE_CANCELLED',
    });
    expect(coordinator.log.slice(before)).toEqual([]);
  });

  test('while its query waits for a place sends nothing and gives the place up', async () => {
    const { coordinator, engine, held } = await holding('middle page');
    const first = engine.query(HELD);
    expect(await coordinator.until(() => held.length > 0, PATIENCE_MS)).toBe(true);
    const controller = new AbortController();
    const second = engine.query(OTHER, { signal: controller.signal });
    const ended = expect(second).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
    controller.abort();
    await ended;
    held[0]!.pass();
    expect((await first).rows).toHaveLength(8);
    expect(coordinator.queries.filter(({ statement }) => statement === OTHER.sql)).toEqual([]);
    expect((await engine.query(OTHER)).rows).toHaveLength(8);
  });

  test('is tried to be cancelled again where the cancellation fails', async () => {
    const { coordinator, engine, held } = await holding('middle page');
    coordinator.refuseCancels(1);
    const controller = new AbortController();
    const ended = expect(engine.query(HELD, { signal: controller.signal })).rejects.toMatchObject({
      code: 'ENGINE_CANCELLED',
    });
    expect(await coordinator.until(() => held.length > 0, PATIENCE_MS)).toBe(true);
    controller.abort();
    await ended;
    const cancelled = () => coordinator.queries.some(({ state }) => state === 'cancelled');
    expect(await coordinator.until(cancelled, PATIENCE_MS)).toBe(true);
    expect(cancellations(coordinator)).toHaveLength(2);
  });

  test('and an engine that is closed cancels what runs', async () => {
    const { coordinator, engine, held } = await holding('middle page');
    const ended = expect(engine.query(HELD)).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
    expect(await coordinator.until(() => held.length > 0, PATIENCE_MS)).toBe(true);
    await engine.close();
    await ended;
    expect(coordinator.queries.filter(({ state }) => state === 'running')).toEqual([]);
  });
});

// Statements that were given up are still waited for; they must not take the connections of those that follow.
test('a coordinator that hung and is well again is used at once', async () => {
  const { engine } = await holding('first reply', 1_000);
  for (let round = 0; round < 20; round += 1) {
    await expect(engine.query(HELD, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
  }
  expect((await engine.query(OTHER, { timeoutMs: 3_000 })).rows).toHaveLength(8);
});

test('hung queries are answered at their deadline', async () => {
  const report = await playDeadlines({ scripted: 60, real: 0, server: null, seed: 1 });
  console.log(deadlinesSummary(report));
  expect(report.failures).toEqual([]);
  expect(report.latestBeyondTimer).toBeLessThanOrEqual(250);
});

describe.skipIf(TRINO_URL === null)('on a real Trino', () => {
  test('the queries of clients that went away end', async () => {
    const report = await playDisconnects({ server: TRINO_URL!, disconnects: 60, atOnce: 8, seed: 1 });
    console.log(disconnectsSummary(report));
    expect(report.failures).toEqual([]);
    expect(report.reached).toBeGreaterThan(0);
  }, 120_000);

  test('queries that take too long are answered at their deadline', async () => {
    const report = await playDeadlines({ scripted: 0, real: 12, server: TRINO_URL, seed: 2 });
    console.log(deadlinesSummary(report));
    expect(report.failures).toEqual([]);
    expect(report.latestBeyondTimer).toBeLessThanOrEqual(250);
  });
});
