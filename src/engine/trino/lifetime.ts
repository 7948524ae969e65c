import type { MetricLayerError } from '../../core/errors.ts';
import { cancelledFailure, timeoutFailure } from './failures.ts';

/** How long a query may live: until its time is up, its caller goes away or the engine is closed, whichever comes first. */
export interface Lifetime {
  /** Its reason is the error to throw. */
  readonly signal: AbortSignal;
  remainingMs(): number;
  /** Remembers what keeps the query waiting, for the case that its time is up meanwhile; null: nothing does. */
  blame(fault: MetricLayerError | null): void;
  abort(reason: MetricLayerError): void;
  /** To be called when the query has ended, however it did. */
  end(): void;
}

export function startLifetime(timeoutMs: number, caller: AbortSignal | undefined): Lifetime {
  const controller = new AbortController();
  const until = performance.now() + timeoutMs;
  let blamed: MetricLayerError | null = null;
  const timer = setTimeout(() => controller.abort(timeoutFailure(blamed)), Math.min(timeoutMs, 2 ** 31 - 1));
  const leave = () => controller.abort(cancelledFailure(caller?.reason));
  if (caller?.aborted) leave();
  caller?.addEventListener('abort', leave, { once: true });
  return {
    signal: controller.signal,
    remainingMs: () => Math.max(0, until - performance.now()),
    blame: (fault) => {
      blamed = fault;
    },
    abort: (reason) => controller.abort(reason),
    end: () => {
      clearTimeout(timer);
      caller?.removeEventListener('abort', leave);
    },
  };
}

/** What the promise gives, unless the signal is aborted first: then its reason, at once. */
export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    signal.removeEventListener('abort', stop!);
  }
}
