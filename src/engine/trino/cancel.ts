import { setTimeout as sleep } from 'node:timers/promises';
import { type Agents, exchange } from './exchange.ts';
import type { Headers } from './headers.ts';
import { pauseMs } from './retry.ts';

const TRIES = 3;
const TIMEOUT_MS = 5_000;

/** Cancellations on their way: apart from the queries that they are for, which have ended by then. */
export interface Canceller {
  /** Asks Trino to stop the query of this page, with the headers of its user. Does not wait and does not fail. */
  cancel(nextUri: string, headers: () => Headers): void;
  /** Keeps an eye on something that may yet turn into a cancellation. */
  watch(work: Promise<unknown>): void;
  /** Waits until nothing is pending, but no longer than so many milliseconds. */
  settle(timeoutMs: number): Promise<void>;
}

export function createCanceller(agents: Agents): Canceller {
  const pending = new Set<Promise<unknown>>();
  const watch = (work: Promise<unknown>) => {
    const watched: Promise<unknown> = work.catch(() => {}).finally(() => pending.delete(watched));
    pending.add(watched);
  };
  return {
    cancel: (nextUri, headers) => watch(remove(new URL(nextUri), headers, agents)),
    watch,
    async settle(timeoutMs) {
      const controller = new AbortController();
      const late = sleep(timeoutMs, true, { signal: controller.signal }).catch(() => true);
      while (pending.size > 0) {
        if ((await Promise.race([late, Promise.all(pending).then(() => false)])) === true) break;
      }
      controller.abort();
    },
  };
}

async function remove(url: URL, headers: () => Headers, agents: Agents): Promise<void> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  for (let tried = 1; tried <= TRIES && !signal.aborted; tried += 1) {
    const status = await exchange({
      method: 'DELETE',
      url,
      headers: headers(),
      agents,
      signal,
      timeoutMs: TIMEOUT_MS,
      maxBytes: 1_000_000,
    }).then(
      (reply) => reply.status,
      () => 0,
    );
    // Whatever else is said now will be said again.
    if (![0, 429, 502, 503, 504].includes(status)) return;
    await sleep(pauseMs(tried, Math.random()), undefined, { signal }).catch(() => {});
  }
}
