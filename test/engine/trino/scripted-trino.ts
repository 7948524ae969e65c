import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Engine } from '../../../src/engine/engine.ts';
import { TRINO_DEFAULTS, type TrinoOptions } from '../../../src/engine/trino/options.ts';
import { openTrino } from '../../../src/engine/trino/trino.ts';

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What the server does with a request: an answer, no answer ever, or a connection that is cut. */
export type Answer =
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: unknown }
  | 'hang'
  | 'cut';

/** `count`: which request with this method and path it is, from 1. */
export type Script = (request: Request, count: number, origin: string) => Answer | Promise<Answer>;

export interface ScriptedTrino {
  readonly origin: string;
  /** Without the self-check. */
  readonly requests: readonly Request[];
  /** `POST /v1/statement`, and so on, without the self-check. */
  readonly trail: () => readonly string[];
}

/** A server that speaks as the script says; it answers the engine's self-check by itself, as whoever asks or as `currentUser`. */
export async function scriptedTrino(script: Script, currentUser?: string): Promise<ScriptedTrino> {
  const requests: Request[] = [];
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = '', url: path = '', headers } = incoming;
    const request = { method, path, headers, body: Buffer.concat(chunks).toString() };
    if (request.body === 'select current_user as "user"') {
      const rows = [[currentUser ?? headers['x-trino-user']]];
      return send(response, { body: { id: 'self-check', columns: [{ name: 'user', type: 'varchar' }], data: rows } });
    }
    requests.push(request);
    const count = requests.filter((other) => other.method === method && other.path === path).length;
    send(response, await script(request, count, origin));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin, requests, trail: () => requests.map(({ method, path }) => `${method} ${path}`) };
}

function send(response: ServerResponse, answer: Answer): void {
  if (answer === 'hang') return;
  if (answer === 'cut') {
    response.destroy();
    return;
  }
  const { status = 200, headers = {}, body = '' } = answer;
  response.writeHead(status, headers);
  response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(withState(body)));
}

/** Every page of Trino's says how far its query is. */
function withState(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('id' in body) || 'stats' in body) return body;
  return { ...body, stats: { state: 'nextUri' in body ? 'RUNNING' : 'FINISHED' } };
}

/** An engine on that server, closed at the end of the test. */
export async function engineOn({ origin }: { origin: string }, options: Partial<TrinoOptions> = {}): Promise<Engine> {
  const engine = await openTrino({ ...TRINO_DEFAULTS, server: origin, ...options });
  onTestFinished(() => engine.close());
  return engine;
}

export const SELECT = { sql: 'select 1 as n', parameters: [] };

const COLUMNS = [{ name: 'n', type: 'bigint' }];

/** A page of the query `q`; `next`: the token of the page after it. */
export function page(origin: string, next: number | null, fields: Record<string, unknown> = {}): Answer {
  const nextUri = next === null ? {} : { nextUri: `${origin}/v1/statement/q/${next}` };
  return { body: { id: 'q', ...nextUri, stats: { state: next === null ? 'FINISHED' : 'RUNNING' }, ...fields } };
}

/** Rows of one integer each. */
export function rows(...values: readonly unknown[]): Record<string, unknown> {
  return { columns: COLUMNS, data: values.map((value) => [value]) };
}

/** Waits until something is so; fails after five seconds. */
export async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  const until = performance.now() + 5_000;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error('It did not come to pass within five seconds.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
