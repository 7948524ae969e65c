import type { DuckDBConnection, DuckDBInstance, DuckDBPreparedStatement } from '@duckdb/node-api';
import { MetricLayerError } from '../../core/errors.ts';
import type { CompiledSql, Parameter } from '../../sql/sql.ts';
import type { DescribedColumn, Engine, QueryOptions, QueryResult, Row } from '../engine.ts';
import { createLimiter, type Limiter } from '../limiter.ts';
import { cellOf, columnTypeOf } from './cells.ts';
import { duckDbFailure } from './failure.ts';
import { type InstanceOptions, openInstance } from './instance.ts';
import { parseDuckDbExpression } from './parse.ts';

export interface DuckDbOptions extends Omit<InstanceOptions, 'writes'> {
  /** Statements that run at once; the rest wait, at most `queue` of them. */
  readonly concurrency?: number;
  readonly queue?: number;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const INTERRUPT_EVERY_MS = 20;

/**
 * Opens embedded DuckDB on the user's data, read-only: once the configured database and files are attached, access to
 * anything outside is shut off for good and the configuration locked. Prepared statements only; one connection a query.
 */
export async function openDuckDb(options: DuckDbOptions): Promise<Engine> {
  const { instance, failures } = await openInstance(options);
  return new DuckDbEngine(
    instance,
    failures,
    options.path !== null,
    createLimiter(options.concurrency ?? 4, options.queue ?? 256),
  );
}

class DuckDbEngine implements Engine {
  readonly dialect = 'DUCKDB';
  readonly #instance: DuckDBInstance;
  readonly #failures: ReadonlyMap<string, string>;
  readonly #hasWarehouse: boolean;
  readonly #limiter: Limiter;

  constructor(
    instance: DuckDBInstance,
    failures: ReadonlyMap<string, string>,
    hasWarehouse: boolean,
    limiter: Limiter,
  ) {
    this.#instance = instance;
    this.#failures = failures;
    this.#hasWarehouse = hasWarehouse;
    this.#limiter = limiter;
  }

  async query(statement: CompiledSql, options: QueryOptions = {}): Promise<QueryResult> {
    const timeout = AbortSignal.timeout(Math.ceil(options.timeoutMs ?? DEFAULT_TIMEOUT_MS));
    const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
    const running = this.#limiter.run(signal, () =>
      this.#withConnection(async (connection) => {
        // A query that is only about to start forgets an interrupt: it is repeated until the query has ended.
        let interrupting: NodeJS.Timeout | undefined;
        const stop = () => {
          interrupting = setInterval(() => connection.interrupt(), INTERRUPT_EVERY_MS);
          connection.interrupt();
        };
        signal.addEventListener('abort', stop, { once: true });
        const started = performance.now();
        try {
          signal.throwIfAborted();
          const prepared = await connection.prepare(statement.sql);
          for (const [i, value] of statement.parameters.entries()) bind(prepared, i + 1, value);
          signal.throwIfAborted();
          const reader = await prepared.runAndReadAll();
          const names = reader.columnNames();
          const rows = reader
            .getRows()
            .map((row) => Object.fromEntries(row.map((value, i) => [names[i]!, cellOf(value)])) as Row);
          return {
            rows,
            elapsedMs: performance.now() - started,
            engineQueryId: null,
            scannedRows: null,
            scannedBytes: null,
          };
        } catch (error) {
          throw duckDbFailure(error, timeout.aborted ? 'timeout' : signal.aborted ? 'cancelled' : 'failed');
        } finally {
          signal.removeEventListener('abort', stop);
          clearInterval(interrupting);
        }
      }),
    );
    return running.catch((error: unknown) => {
      // Whoever was still in the queue was given up for the same reason.
      const gaveUp = error instanceof MetricLayerError && error.code === 'ENGINE_CANCELLED';
      throw gaveUp && timeout.aborted ? duckDbFailure(error, 'timeout') : error;
    });
  }

  async describe(statement: CompiledSql): Promise<readonly DescribedColumn[]> {
    return this.#withConnection(async (connection) => {
      try {
        const prepared = await connection.prepare(statement.sql);
        return Array.from({ length: prepared.columnCount }, (_, i) => {
          const type = prepared.columnType(i);
          return { name: prepared.columnName(i), type: columnTypeOf(type), engineType: String(type) };
        });
      } catch (error) {
        throw duckDbFailure(error, 'failed', this.#fileFailure(error));
      }
    });
  }

  async parseExpression(text: string) {
    return this.#withConnection((connection) => parseDuckDbExpression(connection, text));
  }

  async close(): Promise<void> {
    this.#instance.closeSync();
  }

  /** "Table does not exist" is true of a file that could not be mounted, but not the reason. */
  #fileFailure(error: unknown): string | undefined {
    const message = error instanceof Error ? error.message : '';
    return [...this.#failures].find(([name]) => message.includes(name) && /does not exist/i.test(message))?.[1];
  }

  async #withConnection<T>(use: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.#instance.connect();
    try {
      if (this.#hasWarehouse) await connection.run('use warehouse');
      return await use(connection);
    } finally {
      connection.closeSync();
    }
  }
}

/** The driver takes whole numbers for 64-bit integers, however large; those that are none go as doubles. */
function bind(prepared: DuckDBPreparedStatement, index: number, value: Parameter): void {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
    prepared.bindDouble(index, value);
  else prepared.bindValue(index, value);
}
