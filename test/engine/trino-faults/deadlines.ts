import type { Engine } from '../../../src/engine/engine.ts';
import { TRINO_DEFAULTS } from '../../../src/engine/trino/options.ts';
import { openTrino } from '../../../src/engine/trino/trino.ts';
import { type Coordinator, startCoordinator } from './coordinator.ts';
import { FAULTS, PHASES, placeOf } from './faults.ts';
import { answerOf, WHO } from './play.ts';
import { inParallel } from './pool.ts';
import { createPrng } from './prng.ts';
import { openReal, uniqueSource } from './real.ts';
import { plainTable } from './table.ts';

export interface DeadlinesReport {
  readonly hung: number;
  /** Milliseconds beyond the deadline. */
  readonly latest: number;
  readonly median: number;
  /** Of a plain timer set for the same moment as a deadline, milliseconds: how late this machine was at most. */
  readonly latestTimer: number;
  /** Beyond the deadline and the plain timer of the same query, at most: what the adapter adds on a machine however loaded. */
  readonly latestBeyondTimer: number;
  readonly failures: readonly string[];
  readonly elapsedMs: number;
}

export interface DeadlinesOptions {
  /** Queries that a scripted coordinator hangs. */
  readonly scripted: number;
  /** Queries of a real Trino that take longer than they may; none without a server. */
  readonly real: number;
  readonly server: string | null;
  readonly seed: number;
}

const HANGS = FAULTS.filter(({ name }) =>
  /^(hang|drip).*, for good$|^503 for good$|^503 with Retry-After: 3600$/.test(name),
);
const PATIENCE_MS = 10_000;
/** Two kinds of callers: exchanges that are given up many times before the deadline, and one that outlasts it. */
const EXCHANGES_MS = [150, 30_000];

/** Queries that never end by themselves, and how long after their deadline each was answered. */
export async function playDeadlines({ scripted, real, server, seed }: DeadlinesOptions): Promise<DeadlinesReport> {
  const chance = createPrng(seed);
  const coordinator = await startCoordinator('http://127.0.0.1:9');
  coordinator.serve('current_user', { table: WHO, pages: 1, layout: 'queued', strikes: [] });
  const engines = await Promise.all(EXCHANGES_MS.map((exchangeMs) => openHung(coordinator, exchangeMs)));
  const trino = server === null ? null : await openReal(server, { source: uniqueSource('deadlines'), concurrency: 4 });
  const started = performance.now();
  const overshoots: { readonly answer: number; readonly timer: number }[] = [];
  const failures: string[] = [];

  async function measure(engine: Engine, sql: string, name: string): Promise<void> {
    const timeoutMs = chance.between(300, 1_000);
    const asked = performance.now();
    const late = () => performance.now() - asked - timeoutMs;
    const timer = new Promise<number>((resolve) => setTimeout(() => resolve(late()), timeoutMs));
    const query = engine.query({ sql, parameters: [] }, { timeoutMs }).then(({ rows }) => rows);
    const answer = await answerOf(query, timeoutMs + PATIENCE_MS);
    overshoots.push({ answer: late(), timer: await timer });
    const ended = answer.kind === 'typed' ? answer.code : answer.kind;
    if (ended !== 'ENGINE_TIMEOUT') failures.push(`${name}: ended in ${ended}`);
  }

  const scriptedQueries = inParallel(Array.from({ length: scripted }), 20, async (_, index) => {
    const fault = HANGS[index % HANGS.length]!;
    const phase = PHASES[Math.floor(index / HANGS.length) % PHASES.length]!;
    const strikes = [{ at: placeOf(fault, phase), times: fault.times, act: fault.act }];
    coordinator.serve(`hung_${index}_`, { table: plainTable(8), pages: 4, layout: 'queued', strikes });
    await measure(engines[index % engines.length]!, `select * from hung_${index}_`, `${fault.name} @ ${phase}`);
  });
  const realQueries = inParallel(Array.from({ length: trino === null ? 0 : real }), 4, (_, index) =>
    measure(trino!, `select count(*) as n from tpch.sf100.lineitem where tax <> -${index}`, `real query ${index}`),
  );
  await Promise.all([scriptedQueries, realQueries]);
  const elapsedMs = performance.now() - started;
  // First, so that nobody waits for the replies that it holds back.
  await coordinator.close();
  await Promise.all([...engines, ...(trino === null ? [] : [trino])].map((engine) => engine.close()));
  const most = (values: readonly number[]) => Math.max(0, ...values);
  const answers = overshoots.map(({ answer }) => answer).sort((one, other) => one - other);
  return {
    hung: answers.length,
    latest: most(answers),
    median: answers[Math.floor(answers.length / 2)] ?? 0,
    latestTimer: most(overshoots.map(({ timer }) => timer)),
    latestBeyondTimer: most(overshoots.map(({ answer, timer }) => answer - timer)),
    failures,
    elapsedMs,
  };
}

function openHung(coordinator: Coordinator, exchangeMs: number): Promise<Engine> {
  return openTrino({ ...TRINO_DEFAULTS, server: coordinator.origin, exchangeMs, concurrency: 20 });
}

export function deadlinesSummary(report: DeadlinesReport): string {
  const { hung, latest, median, latestTimer, latestBeyondTimer, failures, elapsedMs } = report;
  const ms = (value: number) => `${Math.round(value)} ms`;
  return `${hung} hung queries in ${(elapsedMs / 1000).toFixed(1)} s: answered ${ms(median)} after their deadline (median), ${ms(latest)} at the latest; plain timers of this machine were up to ${ms(latestTimer)} late, answers up to ${ms(latestBeyondTimer)} later than those; ${failures.length} failures`;
}
