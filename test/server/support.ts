import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { afterAll } from 'vitest';
import type { Engine, QueryOptions, QueryResult } from '../../src/engine/engine.ts';
import { createRunner } from '../../src/evaluate/single-flight.ts';
import type { MetricService } from '../../src/graphql/context.ts';
import { urlOf } from '../../src/server/address.ts';
import { createHttpServer, type HttpServer } from '../../src/server/http-server.ts';
import { listen } from '../../src/server/listen.ts';
import type { CompiledSql } from '../../src/sql/sql.ts';
import { type CatalogFiles, folderWith, serve, type TestService } from '../support/service.ts';

export const NOW = '2026-05-01T00:00:00Z';

const CATALOG = `
engine: { kind: duckdb }
sources:
  assignments:
    kind: assignments
    file: assignments.csv
    unit: user_id
    variant: variant
    timestamp: at
    dimensions: { country: {} }
  events: { kind: facts, file: events.csv, unit: user_id, timestamp: at }
  returns: { kind: facts, file: returns.csv, unit: user_id, timestamp: at }
metrics:
  revenue: { type: mean, source: events, value: { column: amount, aggregate: sum }, window: { length: 7d }, goodWhen: up }
  buyers: { type: proportion, source: events, value: { where: 'amount > 0' }, window: { length: 7d }, goodWhen: up }
  returned: { type: mean, source: returns, value: { aggregate: count }, window: { length: 7d }, goodWhen: down }
experiments:
  button:
    unit: user_id
    assignments: assignments
    timezone: UTC
    start: 2026-03-01T00:00:00Z
    end: 2026-04-01T00:00:00Z
    variants: { control: { weight: 0.5, control: true }, treatment: { weight: 0.5 } }
    goals: [revenue, buyers]
    guardrails: { returned: { margin: 10% } }
`;

const users = Array.from({ length: 60 }, (_, i) => i);
const day = (i: number) => `2026-03-${String(2 + (i % 20)).padStart(2, '0')}T12:00:00Z`;
const lines = (header: string, rows: readonly string[]) => `${[header, ...rows].join('\n')}\n`;

/** A catalog and the CSVs that it reads: 60 users, half of them treated, two of three with an event. */
export const TINY: Readonly<Record<string, string>> = {
  'catalog.yaml': CATALOG,
  'assignments.csv': lines(
    'user_id,variant,at,country',
    users.map((i) => `u${i},${i % 2 === 0 ? 'control' : 'treatment'},${day(i)},${['DE', 'FR', 'SE'][i % 3]}`),
  ),
  'events.csv': lines(
    'user_id,at,amount',
    users.filter((i) => i % 3 > 0).map((i) => `u${i},${day(i).replace('T12', 'T18')},${5 + (i % 7) + (i % 2)}.5`),
  ),
  'returns.csv': lines(
    'user_id,at',
    users.filter((i) => i % 5 === 0).map((i) => `u${i},${day(i).replace('T12', 'T20')}`),
  ),
};

const undo: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the request decides the shape
  readonly json: any;
}

export interface Served {
  readonly url: string;
  readonly http: HttpServer;
  readonly service: MetricService;
  /** What was logged, one object a line. */
  readonly log: () => readonly Readonly<Record<string, unknown>>[];
  ask(query: string, variables?: unknown, more?: Readonly<Record<string, unknown>>): Promise<Answer>;
  send(path: string, init?: RequestInit): Promise<Answer>;
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const json = /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : null;
  return { status: response.status, headers: response.headers, text, json };
}

/** The service behind a real socket on a port that was free; gone after the tests of the file. */
export async function overHttp(service: MetricService, timeoutMs?: number): Promise<Served> {
  const sink = new PassThrough();
  const http = await createHttpServer(service, {
    logger: pino(sink),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  undo.push(() => http.app.close());
  const url = urlOf(await listen(http.app, { host: '127.0.0.1', port: 0 }));
  const logged: string[] = [];
  sink.on('data', (chunk: Buffer) => logged.push(...chunk.toString().trim().split('\n')));
  const send = async (path: string, init?: RequestInit) => answerOf(await fetch(`${url}${path}`, init));
  return {
    url,
    http,
    service,
    log: () => logged.map((line) => JSON.parse(line)),
    send,
    ask: (query, variables, more = {}) =>
      send('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables, ...more }),
      }),
  };
}

export async function serveTiny(
  changes: Readonly<Record<string, string>> = {},
): Promise<Served & { readonly directory: string; readonly service: TestService }> {
  const directory = folderWith({ ...TINY, ...changes } satisfies CatalogFiles);
  const service = await serve(directory, NOW);
  return { ...(await overHttp(service)), directory, service };
}

/** The same service on another engine. */
export function onEngine(
  service: MetricService,
  query: (statement: CompiledSql, options: QueryOptions) => Promise<QueryResult>,
): MetricService {
  const engine: Engine = {
    ...service.engine,
    dialect: 'DUCKDB',
    query: (statement, options = {}) => query(statement, options),
  } as Engine; // the rest is not called
  return { ...service, engine, runner: createRunner(engine) };
}

export const codesOf = ({ json }: Answer): readonly unknown[] =>
  (json?.errors ?? []).map((error: { extensions?: { code?: unknown } }) => error.extensions?.code);
