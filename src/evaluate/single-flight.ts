import { MetricLayerError } from '../core/errors.ts';
import type { Engine, QueryOptions, QueryResult, ScanEstimate } from '../engine/engine.ts';
import type { CompiledSql } from '../sql/sql.ts';

/** Runs statements; callers that want the same one for the same user at the same time share a single query. */
export interface Runner {
  run(statement: CompiledSql, options: QueryOptions): Promise<QueryResult>;
  /** Absent: the engine has no estimates. */
  readonly estimate?: ((statement: CompiledSql, options: QueryOptions) => Promise<ScanEstimate>) | undefined;
}

type Ask<Result> = (statement: CompiledSql, options: QueryOptions) => Promise<Result>;

/** A runner over an engine. */
export function createRunner(engine: Engine): Runner {
  return {
    run: sharing((statement, options) => engine.query(statement, options)),
    estimate:
      engine.estimate === undefined ? undefined : sharing((statement, options) => engine.estimate!(statement, options)),
  };
}

interface Flight<Result> {
  readonly result: Promise<Result>;
  readonly abort: AbortController;
  /** When its first caller's time is over, and the engine gives it up. */
  readonly endsAt: number;
  waiters: number;
}

/**
 * The query is cancelled on the engine only when the last of its waiters has left; a failed flight is not remembered. Nobody
 * waits longer than he said, and nobody joins a flight that has less than half of his own time left, or that is another
 * user's: an engine may show each user other rows. Labels are those of whoever came first.
 */
function sharing<Result>(ask: Ask<Result>): Ask<Result> {
  const flights = new Map<string, Flight<Result>>();

  function take(statement: CompiledSql, { timeoutMs, user, labels }: QueryOptions): Flight<Result> {
    const key = JSON.stringify([statement.sql, statement.parameters, user ?? null]);
    const known = flights.get(key);
    const now = performance.now();
    const timeLeft = timeoutMs ?? Number.POSITIVE_INFINITY;
    if (known !== undefined && !known.abort.signal.aborted && 2 * (known.endsAt - now) >= timeLeft) return known;
    const abort = new AbortController();
    const result = ask(statement, { signal: abort.signal, timeoutMs, user, labels });
    const flight: Flight<Result> = { result, abort, endsAt: now + timeLeft, waiters: 0 };
    flights.set(key, flight);
    const land = () => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    result.then(land, land);
    return flight;
  }

  return async (statement, options) => {
    const { signal, timeoutMs } = options;
    if (signal?.aborted) throw cancelled();
    const flight = take(statement, options);
    flight.waiters += 1;
    let leave = () => {};
    let timer: NodeJS.Timeout | undefined;
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(cancelled());
      if (signal?.aborted) leave();
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
  };
}

const cancelled = () =>
  new MetricLayerError('ENGINE_CANCELLED', 'The query was cancelled because nobody waits for it any more.');

const timedOut = () =>
  new MetricLayerError(
    'ENGINE_TIMEOUT',
    'The query took longer than it may and was stopped. Ask for less at once, or raise the time limit.',
  );
