import { MetricLayerError } from '../core/errors.ts';
import type { Engine, QueryResult } from '../engine/engine.ts';
import type { CompiledSql } from '../sql/sql.ts';

/** Runs statements; callers that want the same one at the same time share a single query. */
export interface Runner {
  run(
    statement: CompiledSql,
    options: { readonly signal?: AbortSignal | undefined; readonly timeoutMs?: number | undefined },
  ): Promise<QueryResult>;
}

interface Flight {
  readonly result: Promise<QueryResult>;
  readonly abort: AbortController;
  /** When its first caller's time is over, and the engine gives it up. */
  readonly endsAt: number;
  waiters: number;
}

/**
 * The query is cancelled on the engine only when the last of its waiters has left; a failed flight is not remembered. Nobody
 * waits longer than he said, and nobody joins a flight that has less than half of his own time left.
 */
export function createRunner(engine: Engine): Runner {
  const flights = new Map<string, Flight>();

  function take(statement: CompiledSql, timeoutMs: number | undefined): Flight {
    const key = JSON.stringify([statement.sql, statement.parameters]);
    const known = flights.get(key);
    const now = performance.now();
    const timeLeft = timeoutMs ?? Number.POSITIVE_INFINITY;
    if (known !== undefined && !known.abort.signal.aborted && 2 * (known.endsAt - now) >= timeLeft) return known;
    const abort = new AbortController();
    const result = engine.query(statement, { signal: abort.signal, timeoutMs });
    const flight: Flight = { result, abort, endsAt: now + timeLeft, waiters: 0 };
    flights.set(key, flight);
    const land = () => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    result.then(land, land);
    return flight;
  }

  return {
    async run(statement, { signal, timeoutMs }) {
      if (signal?.aborted) throw cancelled();
      const flight = take(statement, timeoutMs);
      flight.waiters += 1;
      let leave = () => {};
      let timer: NodeJS.Timeout | undefined;
      const left = new Promise<never>((_, reject) => {
        leave = () => reject(cancelled());
        signal?.addEventListener('abort', leave, { once: true });
        if (timeoutMs !== undefined) timer = setTimeout(() => reject(timedOut()), timeoutMs);
      });
      try {
        return await Promise.race([flight.result, left]);
      } finally {
        signal?.removeEventListener('abort', leave);
        clearTimeout(timer);
        flight.waiters -= 1;
        if (flight.waiters === 0) flight.abort.abort();
      }
    },
  };
}

const cancelled = () =>
  new MetricLayerError('ENGINE_CANCELLED', 'The query was cancelled because nobody waits for it any more.');

const timedOut = () =>
  new MetricLayerError(
    'ENGINE_TIMEOUT',
    'The query took longer than it may and was stopped. Ask for less at once, or raise the time limit.',
  );
