import { type Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { type Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** Connections of one engine, kept open between exchanges. */
export interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

export interface Exchange {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly agents: Agents;
  readonly signal: AbortSignal;
  /** Milliseconds from the start to the last byte. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

export interface Reply {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: string;
}

/** An exchange that did not end. `code` is Node's, or one of those below. The errors of Node itself hold too much to be kept. */
export class WireError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'WireError';
    this.code = code;
  }
}

export const EXCHANGE_TIMEOUT = 'EXCHANGE_TIMEOUT';
export const EXCHANGE_TOO_LARGE = 'EXCHANGE_TOO_LARGE';
export const EXCHANGE_NOT_TEXT = 'EXCHANGE_NOT_TEXT';
const EXCHANGE_ABORTED = 'EXCHANGE_ABORTED';

/** One request and its whole reply, whatever the status; redirects are not followed. Throws `WireError` only. */
export function exchange(options: Exchange): Promise<Reply> {
  const { method, url, headers, body, agents, signal, timeoutMs, maxBytes } = options;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new WireError(EXCHANGE_ABORTED, 'Nobody waits for the answer.'));
    const [send, agent] = url.protocol === 'https:' ? [httpsRequest, agents.https] : [httpRequest, agents.http];
    const payload = body === undefined ? undefined : Buffer.from(body, 'utf8');
    const sent = send(url, {
      method,
      agent,
      headers: { ...headers, ...(payload === undefined ? {} : { 'Content-Length': String(payload.length) }) },
    });
    let settled = false;
    const stop = (code: string, message: string) => {
      // By then the connection may be another exchange's.
      if (settled) return;
      settle(() => reject(new WireError(code, message)));
      sent.destroy();
    };
    // What has already arrived is read first: it may be this process that was held up.
    const late = () => setImmediate(stop, EXCHANGE_TIMEOUT, `No whole answer within ${timeoutMs} ms.`);
    const timer = setTimeout(late, Math.min(timeoutMs, 2 ** 31 - 1));
    const abort = () => stop(EXCHANGE_ABORTED, 'Nobody waits for the answer.');
    const settle = (how: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      how();
    };
    const fail = (error: NodeJS.ErrnoException) => settle(() => reject(wireError(error)));

    signal.addEventListener('abort', abort, { once: true });
    sent.on('error', fail);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('error', fail);
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxBytes) stop(EXCHANGE_TOO_LARGE, `An answer of more than ${maxBytes} bytes.`);
        else chunks.push(chunk);
      });
      response.on('close', () => {
        if (!response.complete) stop('ECONNRESET', 'The answer was cut off.');
      });
      response.on('end', () => settle(() => finish(response, Buffer.concat(chunks), { resolve, reject })));
    });
    sent.end(payload);
  });
}

interface Outcome {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: WireError) => void;
}

function finish(response: IncomingMessage, bytes: Buffer, { resolve, reject }: Outcome): void {
  try {
    const body = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] ?? null, body });
  } catch {
    reject(new WireError(EXCHANGE_NOT_TEXT, 'An answer that is not UTF-8.'));
  }
}

/** When every address of a host fails, Node's error has no text of its own. */
function wireError(error: NodeJS.ErrnoException): WireError {
  const code = error.code ?? 'UNKNOWN';
  return new WireError(code, error.message === '' ? code : error.message);
}
