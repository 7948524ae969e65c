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
  waiters: number;
}

/** The query is cancelled on the engine only when the last of its waiters has left; a failed flight is not remembered. */
export function createRunner(engine: Engine): Runner {
  const flights = new Map<string, Flight>();

  function take(statement: CompiledSql, timeoutMs: number | undefined): readonly [string, Flight] {
    const key = JSON.stringify([statement.sql, statement.parameters]);
    const known = flights.get(key);
    if (known !== undefined && !known.abort.signal.aborted) return [key, known];
    const abort = new AbortController();
    const result = engine.query(statement, { signal: abort.signal, timeoutMs });
    const flight: Flight = { result, abort, waiters: 0 };
    flights.set(key, flight);
    const land = () => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    result.then(land, land);
    return [key, flight];
  }

  return {
    async run(statement, { signal, timeoutMs }) {
      if (signal?.aborted) throw cancelled();
      const [, flight] = take(statement, timeoutMs);
      flight.waiters += 1;
      let leave = () => {};
      const left = new Promise<never>((_, reject) => {
        leave = () => reject(cancelled());
        signal?.addEventListener('abort', leave, { once: true });
      });
      try {
        return await Promise.race([flight.result, left]);
      } finally {
        signal?.removeEventListener('abort', leave);
        flight.waiters -= 1;
        if (flight.waiters === 0) flight.abort.abort();
      }
    },
  };
}

const cancelled = () =>
  new MetricLayerError('ENGINE_CANCELLED', 'The query was cancelled because nobody waits for it any more.');
