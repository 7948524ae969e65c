import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { CompiledSql } from '../../sql/sql.ts';
import type { DescribedColumn, Engine, QueryOptions, QueryResult, ScanEstimate } from '../engine.ts';
import { createLimiter, type Limiter } from '../limiter.ts';
import type { Answer } from './answer.ts';
import { createCanceller } from './cancel.ts';
import { columnTypeOf } from './cells.ts';
import { checkOptions } from './check-options.ts';
import { converse, type Wire } from './conversation.ts';
import { estimateOf } from './estimate.ts';
import type { Agents } from './exchange.ts';
import { closedFailure } from './failures.ts';
import { userOf } from './headers.ts';
import { createLastWords } from './last-words.ts';
import { type Lifetime, startLifetime } from './lifetime.ts';
import { statementText } from './literals.ts';
import type { TrinoOptions } from './options.ts';
import { checkServer } from './self-check.ts';

const TRIES = 10;
const CLOSING_MS = 5_000;
const LAST_WORD_MS = 10_000;
/** Connections beside those of the queries that may run. */
const SPARE = 4;

/**
 * Opens a Trino cluster. Throws BAD_SETTING for options that cannot work or would give a secret away, ENGINE_UNAVAILABLE when
 * the server does not answer, ENGINE_UNAUTHORIZED when it refuses the user or does not impersonate as it is asked to.
 */
export async function openTrino(options: TrinoOptions): Promise<Engine> {
  checkOptions(options);
  // What is left over from queries that ended must not take the connections of those that run.
  const spare = options.concurrency + SPARE;
  const agents = openAgents(options, options.concurrency + spare);
  const cancelling = openAgents(options, spare);
  const canceller = createCanceller(cancelling);
  const lastWords = createLastWords(spare, LAST_WORD_MS);
  const wire: Wire = { options, agents, canceller, lastWords, tries: TRIES };
  const disconnect = async () => {
    await canceller.settle(CLOSING_MS);
    for (const agent of [agents.http, agents.https, cancelling.http, cancelling.https]) agent.destroy();
  };
  try {
    await checkServer(wire);
  } catch (error) {
    await disconnect();
    throw error;
  }
  return new TrinoEngine(wire, createLimiter(options.concurrency, options.queue), disconnect);
}

function openAgents({ ca, auth }: TrinoOptions, maxSockets: number): Agents {
  const pool = { keepAlive: true, maxSockets };
  const certificate =
    auth.kind === 'certificate'
      ? {
          cert: auth.certificate,
          key: auth.key,
          ...(auth.passphrase === undefined ? {} : { passphrase: auth.passphrase }),
        }
      : {};
  return {
    http: new HttpAgent(pool),
    https: new HttpsAgent({ ...pool, ...(ca === null ? {} : { ca }), ...certificate }),
  };
}

class TrinoEngine implements Engine {
  readonly dialect = 'TRINO';
  readonly #wire: Wire;
  readonly #limiter: Limiter;
  readonly #disconnect: () => Promise<void>;
  readonly #running = new Set<Lifetime>();
  #closing: Promise<void> | null = null;

  constructor(wire: Wire, limiter: Limiter, disconnect: () => Promise<void>) {
    this.#wire = wire;
    this.#limiter = limiter;
    this.#disconnect = disconnect;
  }

  /**
   * `scannedRows` and `scannedBytes` are Trino's `processedRows` and `processedBytes`: what the scans handed on to the rest
   * of the query after the filters that the tables' connector takes over, bytes as the connector counts them (Iceberg: as stored).
   */
  async query(statement: CompiledSql, options: QueryOptions = {}): Promise<QueryResult> {
    const user = userOf(this.#wire.options, options.user);
    const { elapsedMs, queryId, rows, processedRows, processedBytes } = await this.#ask(statementText(statement), {
      ...options,
      user,
    });
    return { rows, elapsedMs, engineQueryId: queryId, scannedRows: processedRows, scannedBytes: processedBytes };
  }

  async estimate(statement: CompiledSql, options: QueryOptions = {}): Promise<ScanEstimate> {
    const user = userOf(this.#wire.options, options.user);
    const text = `explain (type io, format json) ${statementText(statement)}`;
    const { rows, columns } = await this.#ask(text, { ...options, user });
    return estimateOf(rows[0]?.[columns[0]?.name ?? '']);
  }

  /** Asked as the user of the service, also where queries impersonate: descriptions are for catalogs, not for requests. */
  async describe({ sql, parameters }: CompiledSql): Promise<readonly DescribedColumn[]> {
    const text = statementText({ sql: `select * from (${sql}\n) limit 0`, parameters });
    const { columns } = await this.#ask(text, { user: this.#wire.options.user, labels: { purpose: 'describe' } });
    return columns.map(({ name, type }) => ({ name, type: columnTypeOf(type), engineType: type }));
  }

  async parseExpression() {
    return null;
  }

  /** Running queries end with ENGINE_CANCELLED and are cancelled on Trino, which is waited for a few seconds. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    for (const lifetime of this.#running) lifetime.abort(closedFailure());
    await this.#disconnect();
  }

  async #ask(
    statement: string,
    { user, labels = {}, signal, timeoutMs }: QueryOptions & { readonly user: string },
  ): Promise<Answer & { readonly elapsedMs: number }> {
    if (this.#closing !== null) throw closedFailure();
    const lifetime = startLifetime(timeoutMs ?? this.#wire.options.timeoutMs, signal);
    this.#running.add(lifetime);
    try {
      return await this.#limiter.run(lifetime.signal, async () => {
        const started = performance.now();
        const answer = await converse(this.#wire, { statement, user, labels, lifetime });
        return { ...answer, elapsedMs: performance.now() - started };
      });
    } catch (error) {
      // The limiter does not know why a query is given up that still waits.
      throw lifetime.signal.aborted ? lifetime.signal.reason : error;
    } finally {
      this.#running.delete(lifetime);
      lifetime.end();
    }
  }
}
