import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type DuckDBPreparedStatement } from '@duckdb/node-api';
import { MetricLayerError } from '../../core/errors.ts';
import type { CompiledSql, Parameter } from '../../sql/sql.ts';
import type { DescribedColumn, Engine, QueryOptions, QueryResult, Row } from '../engine.ts';
import { createLimiter, type Limiter } from '../limiter.ts';
import { cellOf, columnTypeOf } from './cells.ts';
import { allowances, mountFiles, type SourceFile } from './files.ts';
import { parseDuckDbExpression } from './parse.ts';

export interface DuckDbOptions {
  /** Database file, opened read-only; null: only the files given. */
  readonly path: string | null;
  readonly files?: readonly SourceFile[];
  readonly threads?: number | null;
  readonly memoryLimit?: string | null;
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
  const instance = await DuckDBInstance.create(':memory:', {
    ...(options.threads ? { threads: String(options.threads) } : {}),
    ...(options.memoryLimit ? { memory_limit: options.memoryLimit } : {}),
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  try {
    // The host's zone must not decide what a day is; spills must have somewhere to go. DuckDB lets statements read and write
    // that folder, so it is one of this engine's own; it is made when it is needed.
    const spills = join(tmpdir(), `liftql-${randomUUID()}`);
    await connection.run(`set global TimeZone = 'UTC'; set global temp_directory = ${quoted(spills)}`);
    if (options.path !== null) await attach(connection, options.path);
    const files = options.files ?? [];
    const failures = await mountFiles(connection, files);
    const { paths, directories } = allowances(files);
    await connection.run(`set global allowed_paths = [${paths.map(quoted).join(', ')}]`);
    await connection.run(`set global allowed_directories = [${directories.map(quoted).join(', ')}]`);
    await connection.run('set global enable_external_access = false; set global lock_configuration = true');
    return new DuckDbEngine(
      instance,
      failures,
      options.path !== null,
      createLimiter(options.concurrency ?? 4, options.queue ?? 256),
    );
  } catch (error) {
    instance.closeSync();
    throw error;
  } finally {
    connection.closeSync();
  }
}

async function attach(connection: DuckDBConnection, path: string): Promise<void> {
  try {
    await connection.run(`attach '${path.replaceAll("'", "''")}' as warehouse (read_only)`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const remedy = /lock/i.test(reason)
      ? 'Another process has it open for writing; stop that process or give this one a copy.'
      : 'Check engine.path, and that the file is a DuckDB database of a version that this one can read.';
    throw new MetricLayerError(
      'ENGINE_UNAVAILABLE',
      `The database ${path} cannot be opened: ${reason.split('\n')[0]} ${remedy}`,
      { cause: error, details: { permanent: true } },
    );
  }
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
          throw failure(error, timeout.aborted ? 'timeout' : signal.aborted ? 'cancelled' : 'failed');
        } finally {
          signal.removeEventListener('abort', stop);
          clearInterval(interrupting);
        }
      }),
    );
    return running.catch((error: unknown) => {
      // Whoever was still in the queue was given up for the same reason.
      const gaveUp = error instanceof MetricLayerError && error.code === 'ENGINE_CANCELLED';
      throw gaveUp && timeout.aborted ? failure(error, 'timeout') : error;
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
        throw failure(error, 'failed', this.#fileFailure(error));
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

function failure(error: unknown, how: 'timeout' | 'cancelled' | 'failed', reason?: string): MetricLayerError {
  const said = reason ?? (error instanceof Error ? error.message : String(error));
  if (how === 'timeout')
    return new MetricLayerError(
      'ENGINE_TIMEOUT',
      'The query took longer than it may and was stopped. Ask for less at once, or raise the time limit.',
      { cause: error },
    );
  if (how === 'cancelled')
    return new MetricLayerError('ENGINE_CANCELLED', 'The query was cancelled because nobody waits for it any more.', {
      cause: error,
    });
  return new MetricLayerError('ENGINE_FAILED', 'The engine could not run the query.', {
    cause: error,
    details: { reason: said.split('\n')[0], ...(/^Out of Memory/i.test(said) ? { lacks: 'memory' } : {}) },
  });
}
