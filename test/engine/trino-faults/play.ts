import { createServer } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { Row } from '../../../src/engine/engine.ts';
import type { Client, OpenClient } from './clients.ts';
import { type Coordinator, listen, startCoordinator } from './coordinator.ts';
import { FAULTS, type Fault, layoutOf, PHASES, type Phase, placeOf } from './faults.ts';
import { inParallel } from './pool.ts';
import { type Table, truthOf } from './table.ts';

export interface Cell {
  readonly name: string;
  readonly fault: Fault;
  readonly phase: Phase;
}

export const CELLS: readonly Cell[] = FAULTS.flatMap((fault) =>
  PHASES.map((phase) => ({ name: `${fault.name} @ ${phase}`, fault, phase })),
);

/** Those that a client without time limits comes out of. */
export const NAIVE_CELLS: readonly Cell[] = CELLS.filter(({ fault }) => !/drip|hang|endless|for good/.test(fault.name));

/** Rows of a cell's table: each of its four pages has some. */
export const ROWS = 23;

/** How one query of a client ended. `loud` is an error that is not of the typed ones. */
export type Answer =
  | { readonly kind: 'rows'; readonly rows: readonly Row[] }
  | { readonly kind: 'typed'; readonly code: string; readonly error: unknown }
  | { readonly kind: 'loud'; readonly error: unknown }
  | { readonly kind: 'hung' };

export interface CellReport {
  readonly name: string;
  /** `rows`, `WRONG ROWS`, a code, `HUNG` or the text of an error without a code. */
  readonly ended: string;
  /** What is not as it must be; empty: the cell holds. */
  readonly violations: readonly string[];
  readonly elapsedMs: number;
}

export interface PlayOptions {
  readonly table: Table;
  readonly open: OpenClient;
}

export const LIMITS = { timeoutMs: 15_000, exchangeMs: 2_500, maxPageBytes: 300_000, maxRows: 1_000 };
/** Milliseconds of an exchange that is kept waiting. */
const SLOW_MS = 300;
/** Milliseconds of a query under a fault that does not pass: waiting longer shows nothing more. */
const LASTING_MS = 1_000;

/** Milliseconds after its time before a query counts as hung, and for a cancellation to arrive. */
const PATIENCE_MS = 3_000;

export const SECRETS = { password: 'hunter2-p%40ss', token: 'eyJhbGciOi.first-token.c2ln' };

export const WHO: Table = {
  columns: [{ name: 'user', type: 'varchar' }],
  rows: [[{ wire: '"liftql"', truth: 'liftql' }]],
};

/** The answer of a query, or that there is none after the time. */
export async function answerOf(query: Promise<readonly Row[]>, patienceMs: number): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'hung' }), patienceMs);
  });
  const answer = query.then(
    (rows): Answer => ({ kind: 'rows', rows }),
    (error: unknown): Answer => {
      const code = (error as { name?: unknown; code?: unknown } | null) ?? {};
      return code.name === 'MetricLayerError' && /^ENGINE_/.test(String(code.code))
        ? { kind: 'typed', code: String(code.code), error }
        : { kind: 'loud', error };
    },
  );
  try {
    return await Promise.race([answer, hung]);
  } finally {
    clearTimeout(timer);
  }
}

export function describeAnswer(answer: Answer, truth: readonly Row[]): string {
  switch (answer.kind) {
    case 'rows':
      return isDeepStrictEqual(answer.rows, truth) ? 'rows' : 'WRONG ROWS';
    case 'typed':
      return answer.code;
    case 'loud':
      return `untyped: ${String(answer.error)}`;
    case 'hung':
      return 'HUNG';
  }
}

/** Plays one fault at one phase against a client: on a coordinator and a foreign host of its own. */
export async function playCell(cell: Cell, { table, open }: PlayOptions): Promise<CellReport> {
  const { fault, phase, name } = cell;
  const foreignRequests: string[] = [];
  const foreign = createServer(({ method, url, headers }, response) => {
    foreignRequests.push(`${method} ${url}${headers.authorization === undefined ? '' : ' with credentials'}`);
    response.end('{}');
  });
  foreign.on('connection', () => foreignRequests.push('connection'));
  const foreignPort = await listen(foreign);
  const coordinator = await startCoordinator(`http://127.0.0.1:${foreignPort}`);
  coordinator.tokenFile.text = SECRETS.token;
  const strike = { at: placeOf(fault, phase), times: fault.times, act: fault.act };
  coordinator.serve('struck', { table, pages: 4, layout: layoutOf(fault, phase), strikes: [strike] });
  // The adapter asks who it is before anything else.
  coordinator.serve('current_user', { table: WHO, pages: 1, layout: 'queued', strikes: [] });
  coordinator.serve('after', { table, pages: 4, layout: 'queued', strikes: [] });
  const lasts = !Number.isFinite(fault.times) && fault.endings[phase].includes('ENGINE_TIMEOUT');
  const timeoutMs = lasts ? LASTING_MS : LIMITS.timeoutMs;
  const truth = truthOf(table);
  const violations: string[] = [];
  const started = performance.now();
  let client: Client | null = null;
  try {
    const exchangeMs = fault.slow ? SLOW_MS : LIMITS.exchangeMs;
    client = await open(coordinator, {
      ...LIMITS,
      exchangeMs,
      auth: FAULTS.indexOf(fault) % 2 === 0 ? 'password' : 'jwt',
    });
    const answer = await answerOf(client.query('select * from struck', timeoutMs), timeoutMs + PATIENCE_MS);
    const elapsedMs = performance.now() - started;
    const ended = describeAnswer(answer, truth);
    const endings: readonly string[] = fault.endings[phase];
    if (!endings.includes(ended)) violations.push(`ended in ${ended}, not in ${endings.join(' or ')}`);
    if ('error' in answer) violations.push(...client.secretsIn(answer.error));
    if (client.cancels && !fault.takesCoordinator) violations.push(...(await leftRunning(coordinator)));
    await coordinator.start();
    violations.push(...(await nextQuery(client, coordinator, truth)));
    if (foreignRequests.length > 0) violations.push(`foreign host was asked: ${foreignRequests.join(', ')}`);
    if (coordinator.strays.length > 0) violations.push(`stray requests: ${coordinator.strays.join(', ')}`);
    return { name, ended, violations, elapsedMs };
  } finally {
    await client?.close();
    await coordinator.close();
    foreign.close();
    foreign.closeAllConnections();
  }
}

/** A query that the client could have cancelled and that runs on. */
async function leftRunning(coordinator: Coordinator): Promise<string[]> {
  const running = () => coordinator.queries.filter(({ state, reachable }) => state === 'running' && reachable);
  const gone = await coordinator.until(() => running().length === 0, PATIENCE_MS);
  return gone ? [] : [`${running().length} queries left running`];
}

/** What the fault left behind is seen by the next query: a place taken, a connection out of step, a session that stuck. */
async function nextQuery(client: Client, coordinator: Coordinator, truth: readonly Row[]): Promise<string[]> {
  const before = coordinator.log.length;
  const ended = describeAnswer(
    await answerOf(client.query('select * from after', LIMITS.timeoutMs), LIMITS.timeoutMs + PATIENCE_MS),
    truth,
  );
  const leaked = coordinator.log
    .slice(before)
    .filter(({ headers }) => /leaked/.test(JSON.stringify(headers)))
    .map(({ method }) => `${method} of the next query carries the session of the first`);
  return [...(ended === 'rows' ? [] : [`the next query ended in ${ended}`]), ...leaked.slice(0, 1)];
}

/** Plays the cells, some at once; told of each that ends. */
export function playCells(cells: readonly Cell[], options: PlayOptions, told: (report: CellReport) => void = () => {}) {
  return inParallel(cells, 48, async (cell) => {
    const report = await playCell(cell, options);
    told(report);
    return report;
  });
}
