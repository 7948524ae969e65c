import { setTimeout as sleep } from 'node:timers/promises';
import { type PlainCancel, startPlainCancels } from './plain-cancels.ts';
import { answerOf } from './play.ts';
import { inParallel } from './pool.ts';
import { createPrng } from './prng.ts';
import { askDirectly, openReal, uniqueSource } from './real.ts';

export interface DisconnectsReport {
  readonly disconnects: number;
  /** Queries that the server had got before the client went. */
  readonly reached: number;
  /** Milliseconds from the disconnect to the end of the query on the server. */
  readonly latest: number;
  readonly median: number;
  /** Milliseconds of the slowest cancel by plain HTTP meanwhile: how late this server was at most. */
  readonly latestPlain: number;
  /** Milliseconds that a query outlived its client by more than the plain cancels of the same moment took. */
  readonly latestBeyondPlain: number;
  /** Milliseconds until the caller had its answer. */
  readonly latestAnswer: number;
  readonly failures: readonly string[];
  readonly elapsedMs: number;
}

export interface DisconnectsOptions {
  readonly server: string;
  readonly disconnects: number;
  readonly atOnce: number;
  readonly seed: number;
  readonly told?: (done: number) => void;
}

/** Milliseconds that a query may outlive its client, beyond what a plain cancel takes at that moment. */
const GRACE_MS = 1_000;
const LATEST_DISCONNECT_MS = 1_500;

/** Takes minutes. The number makes each query findable. */
const longQuery = (mark: number) =>
  `select count(*) as n, sum(extendedprice) as s from tpch.sf100.lineitem where orderkey <> -${mark}`;

interface Left {
  readonly mark: number;
  readonly at: number;
  readonly ended: string;
  readonly answeredMs: number;
}

/**
 * Clients that go away at random moments, and what `system.runtime.queries` says became of their queries. Where the server
 * itself was late, only what the adapter adds to it counts; the report says both.
 */
export async function playDisconnects(options: DisconnectsOptions): Promise<DisconnectsReport> {
  const { server, disconnects, atOnce, seed, told } = options;
  const chance = createPrng(seed);
  const source = uniqueSource('disconnects');
  const engine = await openReal(server, { source, concurrency: atOnce, timeoutMs: 60_000 });
  const started = performance.now();
  // Some before the statement is even sent.
  const moments = Array.from({ length: disconnects }, () =>
    chance.chance(0.1) ? chance.between(0, 10) : chance.between(0, LATEST_DISCONNECT_MS),
  );
  let done = 0;
  const plain = startPlainCancels(server, source, longQuery);
  const left = await inParallel(moments, atOnce, async (moment, index): Promise<Left> => {
    const controller = new AbortController();
    const query = engine.query({ sql: longQuery(1_000_000 + index), parameters: [] }, { signal: controller.signal });
    const answer = answerOf(
      query.then(({ rows }) => rows),
      30_000,
    );
    await sleep(moment);
    const at = Date.now();
    controller.abort();
    const { kind, ...more } = await answer;
    const answeredMs = Date.now() - at;
    done += 1;
    told?.(done);
    return { mark: 1_000_000 + index, at, ended: 'code' in more ? more.code : kind, answeredMs };
  });
  const plainCancels = await plain.stop();
  const ends = await endsOf(server, source);
  await engine.close();
  const stalls = stallsOf(plainCancels, ends);
  const late: number[] = [];
  const beyondPlain: number[] = [];
  const failures: string[] = [];
  for (const { mark, at, ended, answeredMs } of left) {
    const name = `query ${mark}, left ${new Date(at).toISOString()}`;
    if (ended !== 'ENGINE_CANCELLED') failures.push(`${name}: ended in ${ended}`);
    if (answeredMs > GRACE_MS) failures.push(`${name}: its caller was answered ${answeredMs} ms later`);
    for (const { state, endMs } of ends.filter((query) => query.mark === mark)) {
      if (endMs === null) failures.push(`${name}: left ${state}`);
      else {
        const beyond = endMs - at - longestWithin(stalls, at, endMs);
        late.push(endMs - at);
        beyondPlain.push(beyond);
        if (beyond > GRACE_MS)
          failures.push(`${name}: ran on for ${ms(endMs - at)}, ${ms(beyond)} longer than a plain cancel took`);
      }
    }
  }
  late.sort((one, other) => one - other);
  return {
    disconnects,
    reached: late.length,
    latest: late.at(-1) ?? 0,
    median: late[Math.floor(late.length / 2)] ?? 0,
    latestPlain: Math.max(0, ...stalls.map(({ from, to }) => to - from)),
    latestBeyondPlain: Math.max(0, ...beyondPlain),
    latestAnswer: Math.max(0, ...left.map(({ answeredMs }) => answeredMs)),
    failures,
    elapsedMs: performance.now() - started,
  };
}

const ms = (time: number) => `${Math.round(time)} ms`;

interface Stall {
  readonly from: number;
  readonly to: number;
}

/** From when each plain cancel's query was sent until the server had ended it. */
function stallsOf(cancels: readonly PlainCancel[], ends: readonly End[]): readonly Stall[] {
  const endOf = new Map(ends.map(({ mark, endMs }) => [mark, endMs]));
  return cancels.flatMap(({ mark, at }) => {
    const end = endOf.get(mark) ?? null;
    return end === null ? [] : [{ from: at, to: end }];
  });
}

/** Milliseconds of the longest stall that touches a span of time. */
function longestWithin(stalls: readonly Stall[], from: number, to: number): number {
  return Math.max(0, ...stalls.filter((stall) => stall.from <= to && stall.to >= from).map((s) => s.to - s.from));
}

interface End {
  readonly mark: number;
  readonly state: string;
  /** By the server's clock, which is this machine's; null: it runs. */
  readonly endMs: number | null;
}

/** What became of the queries of a source, asked when they have all ended or had their time to. */
async function endsOf(server: string, source: string): Promise<readonly End[]> {
  const until = Date.now() + 5 * GRACE_MS;
  for (;;) {
    const rows = await askDirectly(
      server,
      `select query, state, to_unixtime("end") * 1000 from system.runtime.queries where source = '${source}' and query like '%lineitem%'`,
    );
    const ends = rows.map(([query, state, end]) => ({
      mark: Number(/-(\d+)$/.exec(String(query))?.[1]),
      state: String(state),
      endMs: end === null ? null : Number(end),
    }));
    if (ends.every(({ endMs }) => endMs !== null) || Date.now() > until) return ends;
    await sleep(100);
  }
}

export function disconnectsSummary(report: DisconnectsReport): string {
  const { disconnects, reached, latest, median, latestPlain, latestBeyondPlain, latestAnswer, failures, elapsedMs } =
    report;
  return `${disconnects} disconnects in ${(elapsedMs / 1000).toFixed(1)} s, ${reached} of queries that had reached the server: cancelled there after ${ms(median)} (median), ${ms(latest)} at the latest; plain cancels took up to ${ms(latestPlain)}, the adapter's up to ${ms(latestBeyondPlain)} longer than those; callers answered within ${latestAnswer} ms; ${failures.length} failures`;
}
