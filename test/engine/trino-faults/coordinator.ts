import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Table } from './table.ts';

/** Rows as JSON fragments, or any other JSON that a broken server may put in their place. */
export type PageData = readonly (readonly string[])[] | { readonly json: string };

/** One reply of the statement protocol. */
export interface Page extends Readonly<Record<string, unknown>> {
  readonly data?: PageData;
}

/**
 * How a statement's pages lie. `queued`: as Trino does, the rows come after replies without any. `eager`: the reply to the POST
 * has rows. `single`: the reply to the POST has all. `trailing`: as queued, and the last page has no rows.
 */
export type Layout = 'queued' | 'eager' | 'single' | 'trailing';

/** Where in a statement's course an exchange is. */
export type Place =
  | { readonly kind: 'connect' }
  | { readonly kind: 'page'; readonly index: number; readonly middle: number; readonly last: number };

/** A fault that waits for its place. */
export interface Strike {
  readonly at: (place: Place) => boolean;
  /** How often it strikes. */
  readonly times: number;
  readonly act: Act;
}

/** `wire` plays in place of the reply; `page` changes what the reply says. */
export type Act =
  | { readonly kind: 'wire'; readonly play: (exchange: Exchange) => void }
  | {
      readonly kind: 'page';
      readonly change: (page: Page, exchange: Exchange) => Page;
      readonly headers?: OutgoingHttpHeaders;
    };

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly socket: Socket;
  /** What the coordinator would have replied. */
  readonly page: Page;
  readonly body: Buffer;
  /** The page before, where there is one. */
  readonly former: Page | null;
  readonly origin: string;
  /** Origin of the host that must never be asked anything. */
  readonly foreign: string;
  readonly coordinator: Coordinator;
  /** The query ends here, as failed. */
  fail(): void;
  /** Replies as a well coordinator would. */
  pass(): void;
}

export interface Script {
  readonly table: Table;
  /** Pages that the rows are spread over. */
  readonly pages: number;
  readonly layout: Layout;
  readonly strikes: readonly Strike[];
}

export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface ServedQuery {
  readonly id: string;
  readonly statement: string;
  state: 'running' | 'finished' | 'failed' | 'cancelled';
  /** The client has been seen to know an address of it, or was told one in a faulty page: it could cancel. */
  reachable: boolean;
  /** The client has asked for a page of it. */
  asked: boolean;
}

export interface Coordinator {
  readonly origin: string;
  readonly log: readonly LoggedRequest[];
  readonly queries: readonly ServedQuery[];
  /** Requests that were meant for another host, or were no HTTP at all. */
  readonly strays: readonly string[];
  /** Where clients read their token; a fault may renew it. */
  readonly tokenFile: { text: string };
  /** What a statement gets; statements are known by a word that they hold. */
  serve(word: string, script: Script): void;
  /** The next so many cancellations get a 503. */
  refuseCancels(times: number): void;
  /** The statement of this word is done with. */
  forget(word: string): void;
  /** Resolves when the condition holds after some request, or with false after the time. */
  until(condition: () => boolean, milliseconds: number): Promise<boolean>;
  /** Refuses connections and drops those there are. */
  stop(): Promise<void>;
  /** Listens again at the same port. */
  start(): Promise<void>;
  close(): Promise<void>;
}

interface Course extends ServedQuery {
  readonly slug: string;
  readonly pages: readonly ((origin: string) => Page)[];
  readonly strikes: readonly Armed[];
  position: number;
}

type Armed = Strike & { left: number };

export function encodePage({ data, ...rest }: Page): Buffer {
  const head = JSON.stringify(rest);
  if (data === undefined) return Buffer.from(head);
  const rows = 'json' in data ? data.json : `[${data.map((row) => `[${row.join(',')}]`).join(',')}]`;
  return Buffer.from(`${head.slice(0, -1)}${head === '{}' ? '' : ','}"data":${rows}}`);
}

export async function listen(server: ReturnType<typeof createServer>, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has an address of this kind.
  return (server.address() as AddressInfo).port;
}

/**
 * A coordinator that speaks Trino's statement protocol as Trino 476 does and plays faults. The token asked for may be the last
 * one or the next; an older one is gone (410), a later one not there (404). A cancelled query answers with its error.
 */
export async function startCoordinator(foreign: string): Promise<Coordinator> {
  let closed = false;
  const scripts = new Map<string, Script>();
  const armed = new Map<Script, Armed[]>();
  const courses = new Map<string, Course>();
  const queries: ServedQuery[] = [];
  const log: LoggedRequest[] = [];
  const strays: string[] = [];
  let waiting: (() => void)[] = [];
  let refusing = 0;
  let port = 0;
  let server = open();
  port = await listen(server);

  function open() {
    const opened = createServer((request, response) => void handle(request, response));
    opened.keepAliveTimeout = 60_000;
    opened.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') strays.push(`no HTTP: ${error.code}`);
      socket.destroy();
    });
    return opened;
  }

  const coordinator: Coordinator = {
    get origin() {
      return `http://127.0.0.1:${port}`;
    },
    log,
    queries,
    strays,
    tokenFile: { text: '' },
    serve(word, script) {
      scripts.set(word, script);
      armed.set(
        script,
        script.strikes.map((strike) => ({ ...strike, left: strike.times })),
      );
    },
    refuseCancels(times) {
      refusing = times;
    },
    forget(word) {
      armed.delete(scripts.get(word)!);
      scripts.delete(word);
    },
    async until(condition, milliseconds) {
      const end = AbortSignal.timeout(milliseconds);
      while (!condition()) {
        if (end.aborted) return false;
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          end.addEventListener('abort', () => resolve(), { once: true });
        });
      }
      return true;
    },
    async stop() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
    async start() {
      if (closed || server.listening) return;
      server = open();
      await listen(server, port);
      // One that comes back after the play is over would listen for ever.
      if (closed) await coordinator.stop();
    },
    async close() {
      closed = true;
      await coordinator.stop();
    },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that goes away is part of the play.
    response.on('error', () => {});
    const body = await text(request).catch(() => null);
    if (body === null) return;
    const { method = '', url: path = '', headers } = request;
    log.push({ method, path, headers });
    if (headers.host !== `127.0.0.1:${port}`) {
      strays.push(`${method} ${headers.host}${path}`);
    }
    const [, version, kind, phase, id, slug, token] = path.split('/');
    if (version === 'v1' && kind === 'info') reply(response, 200, '{"starting":false,"nodeVersion":{"version":"476"}}');
    else if (path === '/v1/statement' && method === 'POST') post(request, response, body);
    else {
      const course = courses.get(id ?? '');
      if (version !== 'v1' || kind !== 'statement' || course === undefined || course.slug !== slug) {
        reply(response, 404, 'Query not found');
      } else if (method === 'DELETE') cancel(course, response);
      else {
        course.reachable = true;
        course.asked = true;
        get(course, Number(token) + (phase === 'queued' ? 0 : EXECUTING), request, response);
      }
    }
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  }

  function post(request: IncomingMessage, response: ServerResponse, statement: string): void {
    const word = [...scripts.keys()].find((candidate) => statement.includes(candidate));
    const script = word === undefined ? undefined : scripts.get(word);
    if (script === undefined) {
      reply(response, 400, `No script for ${statement}`);
      return;
    }
    const strikes = armed.get(script)!;
    const course = createCourse(statement, script, strikes);
    const strike = due(strikes, { kind: 'connect' });
    if (strike === null) {
      courses.set(course.id, course);
      queries.push(course);
      servePage(course, 0, request, response);
    } else play(course, 0, strike.act, request, response, { accepted: false });
  }

  function get(course: Course, index: number, request: IncomingMessage, response: ServerResponse): void {
    if (course.state === 'cancelled') {
      const error = failure('USER_CANCELED', 'USER_ERROR', 3);
      reply(response, 200, encodePage({ id: course.id, stats: stats('FAILED'), error }), JSON_HEADERS);
    } else if (index < course.position) reply(response, 410, 'Gone');
    else if (index > course.position + 1 || index >= course.pages.length) reply(response, 404, 'Not found');
    else servePage(course, index, request, response);
  }

  function cancel(course: Course, response: ServerResponse): void {
    if (refusing > 0) {
      refusing -= 1;
      reply(response, 503, 'Try again');
      return;
    }
    if (course.state === 'running') course.state = 'cancelled';
    response.writeHead(204).end();
  }

  function servePage(course: Course, index: number, request: IncomingMessage, response: ServerResponse): void {
    course.position = index;
    const last = course.pages.length - 1;
    if (index === last && course.state === 'running') course.state = 'finished';
    const place = { kind: 'page', index, middle: Math.min(middleOf(course.pages.length), last), last } as const;
    const strike = due(course.strikes, place);
    if (strike === null) pass(course, index, request, response);
    else play(course, index, strike.act, request, response, { accepted: true });
  }

  function pass(course: Course, index: number, request: IncomingMessage, response: ServerResponse): void {
    const page = course.pages[index]!(originOf(request));
    reply(response, 200, encodePage(page), JSON_HEADERS);
  }

  function play(
    course: Course,
    index: number,
    act: Act,
    request: IncomingMessage,
    response: ServerResponse,
    { accepted }: { accepted: boolean },
  ): void {
    const page = course.pages[index]!(originOf(request));
    const exchange: Exchange = {
      request,
      response,
      socket: request.socket,
      page,
      body: encodePage(page),
      former: index === 0 ? null : course.pages[index - 1]!(originOf(request)),
      origin: coordinator.origin,
      foreign,
      coordinator,
      fail: () => {
        if (course.state !== 'cancelled') course.state = 'failed';
      },
      pass: () => {
        if (accepted) pass(course, index, request, response);
        else reply(response, 200, encodePage(page), JSON_HEADERS);
      },
    };
    if (act.kind === 'wire') act.play(exchange);
    else {
      const said = act.change(page, exchange);
      if (said.nextUri !== undefined && said.nextUri === page.nextUri && said.id === page.id) course.reachable = true;
      reply(response, 200, encodePage(said), { ...JSON_HEADERS, ...act.headers });
    }
  }

  return coordinator;
}

const JSON_HEADERS = { 'content-type': 'application/json' };

/** Pages 0 and 1 are Trino's `queued` ones; from 2 on `executing`, whose tokens start at 0. */
const EXECUTING = 2;

/** A page with rows before and after it, where there are so many. */
const middleOf = (pages: number) => (pages > 4 ? 4 : Math.floor(pages / 2));

const originOf = (request: IncomingMessage) => `http://${request.headers.host}`;

function due(strikes: readonly Armed[], place: Place): Strike | null {
  const strike = strikes.find(({ left, at }) => left > 0 && at(place));
  if (strike === undefined) return null;
  strike.left -= 1;
  return strike;
}

function reply(
  response: ServerResponse,
  status: number,
  body: string | Buffer,
  headers: OutgoingHttpHeaders = {},
): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers }).end(body);
}

/** Trino's statistics of a query, as far as clients read them. */
export function stats(state: string) {
  return {
    state,
    queued: state === 'QUEUED',
    scheduled: state === 'RUNNING' || state === 'FINISHED',
    nodes: 1,
    totalSplits: 8,
    queuedSplits: 0,
    runningSplits: 0,
    completedSplits: 8,
    cpuTimeMillis: 12,
    wallTimeMillis: 20,
    queuedTimeMillis: 1,
    elapsedTimeMillis: 25,
    processedRows: 1000,
    processedBytes: 8000,
    physicalInputBytes: 8000,
    peakMemoryBytes: 0,
    spilledBytes: 0,
  };
}

/** An error as Trino says it, with a stack trace that no client should be shown. */
export function failure(name: string, type: string, code: number, message = `The cluster says ${name}`) {
  return {
    message,
    errorCode: code,
    errorName: name,
    errorType: type,
    failureInfo: {
      type: 'io.trino.spi.TrinoException',
      message,
      suppressed: [],
      stack: ['io.trino.Secret.main(Secret.java:1)'],
    },
  };
}

let created = 0;

function createCourse(statement: string, { table, pages, layout }: Script, strikes: readonly Armed[]): Course {
  created += 1;
  const id = `20261123_000000_${String(created).padStart(5, '0')}_fault`;
  const slug = `y${created.toString(36)}${'0'.repeat(12)}`;
  const columns = table.columns.map(({ name, type }) => ({
    name,
    type,
    typeSignature: { rawType: type, arguments: [] },
  }));
  const size = Math.max(1, Math.ceil(table.rows.length / pages));
  const slices = Array.from({ length: pages }, (_, i) =>
    table.rows.slice(i * size, (i + 1) * size).map((row) => row.map(({ wire }) => wire)),
  );
  const empty = [{ state: 'QUEUED' }, { state: 'QUEUED' }, { state: 'PLANNING' }];
  const full = slices.map((data) => ({ state: 'RUNNING', columns, data }));
  const steps: readonly { state: string; columns?: typeof columns; data?: string[][] }[] = {
    queued: [...empty, ...full],
    trailing: [...empty, ...full, { state: 'RUNNING', columns }],
    eager: full,
    single: [{ state: 'RUNNING', columns, data: slices.flat() }],
  }[layout];
  const addressOf = (index: number, origin: string) =>
    index < EXECUTING
      ? `${origin}/v1/statement/queued/${id}/${slug}/${index}`
      : `${origin}/v1/statement/executing/${id}/${slug}/${index - EXECUTING}`;
  return {
    id,
    slug,
    statement,
    state: 'running',
    reachable: false,
    asked: false,
    position: 0,
    strikes,
    pages: steps.map(({ state, columns: known, data }, index) => (origin: string) => {
      const last = index === steps.length - 1;
      return {
        id,
        infoUri: `${origin}/ui/query.html?${id}`,
        ...(last ? {} : { nextUri: addressOf(index + 1, origin) }),
        ...(known === undefined ? {} : { columns: known }),
        ...(data === undefined ? {} : { data }),
        stats: stats(last ? 'FINISHED' : state),
        warnings: [],
      };
    }),
  };
}
