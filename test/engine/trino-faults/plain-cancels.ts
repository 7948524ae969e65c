import { setTimeout as sleep } from 'node:timers/promises';

/** A query that a client without the adapter sent and cancelled as soon as the server had answered. */
export interface PlainCancel {
  readonly mark: number;
  /** When it was sent, by the clock of this machine. */
  readonly at: number;
}

export interface PlainCancels {
  /** Sends no more; the cancels so far. */
  stop(): Promise<readonly PlainCancel[]>;
}

const PAUSE_MS = 50;

/**
 * One query after another, each sent and cancelled by plain HTTP: how long the server itself takes to end a query at that
 * moment, beside which the adapter's cancels are judged. A server that stands still (a collection of its garbage, a busy
 * machine) is late for both.
 */
export function startPlainCancels(server: string, source: string, statement: (mark: number) => string): PlainCancels {
  const headers = { 'X-Trino-User': 'observer', 'X-Trino-Source': source };
  const sent: PlainCancel[] = [];
  let stopped = false;
  const cancelOne = async () => {
    const mark = 2_000_000 + sent.length;
    sent.push({ mark, at: Date.now() });
    const start = await fetch(new URL('/v1/statement', server), { method: 'POST', body: statement(mark), headers });
    // The server has a query only once its first page is asked for.
    const first = await fetch(await nextOf(start), { headers });
    await (await fetch(await nextOf(first), { method: 'DELETE', headers })).arrayBuffer();
  };
  const running = (async () => {
    while (!stopped) {
      await cancelOne();
      await sleep(PAUSE_MS);
    }
  })();
  return {
    async stop() {
      stopped = true;
      await running;
      return sent;
    },
  };
}

async function nextOf(reply: Response): Promise<string> {
  const { nextUri } = (await reply.json()) as { readonly nextUri: string }; // Trino's own, on a connection without faults
  return nextUri;
}
