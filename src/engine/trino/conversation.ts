import { MetricLayerError } from '../../core/errors.ts';
import type { QueryLabels } from '../engine.ts';
import { type Answer, startAnswer } from './answer.ts';
import { authorizationOf, redactorOf } from './authorization.ts';
import type { Canceller } from './cancel.ts';
import { type Agents, type Exchange, exchange } from './exchange.ts';
import { trinoFailure } from './failures.ts';
import { identityHeaders, statementHeaders } from './headers.ts';
import type { LastWords } from './last-words.ts';
import { type Lifetime, untilAborted } from './lifetime.ts';
import type { TrinoOptions } from './options.ts';
import { readPage, readPosition } from './page.ts';
import { bodyOf, faultOf, type Redact } from './reply.ts';
import { PassingFault, withRetries } from './retry.ts';
import { type Step, walk } from './walk.ts';

/** What all conversations of an engine have in common. */
export interface Wire {
  readonly options: TrinoOptions;
  readonly agents: Agents;
  readonly canceller: Canceller;
  readonly lastWords: LastWords;
  readonly tries: number;
}

export interface Inquiry {
  readonly statement: string;
  /** Who the query runs as. */
  readonly user: string;
  readonly labels: QueryLabels;
  readonly lifetime: Lifetime;
}

/**
 * One query from its statement to the last page. A query that is left before its end, for whatever reason, is cancelled on
 * Trino in the background. Reads have no effects, so that a statement whose answer got lost is sent again; the lost query
 * is then stopped by its `query_max_run_time` or by Trino's `query.client.timeout`.
 */
export async function converse(wire: Wire, { statement, user, labels, lifetime }: Inquiry): Promise<Answer> {
  const { options, canceller, lastWords, tries } = wire;
  const { signal } = lifetime;
  const server = new URL(options.server);
  const origins = new Set([server.origin, ...options.trustedOrigins.map((origin) => new URL(origin).origin)]);
  const answer = startAnswer(options.maxRows);
  const visited = new Set<string>();
  let queryId: string | null = null;
  let last: string | null = null;

  async function send(step: Step): Promise<Received> {
    const authorization = authorizationOf(options);
    const identity = identityHeaders(user, authorization);
    const redact = redactorOf(authorization);
    const receiving =
      step.kind === 'next'
        ? receive(wire, redact, { method: 'GET', url: new URL(step.url), headers: identity, signal })
        : lastWords.run(signal, (later) => {
            const context = { labels, remainingMs: lifetime.remainingMs() };
            const headers = { ...identity, ...statementHeaders(options, context) };
            const url = new URL('/v1/statement', server);
            return receive(wire, redact, { method: 'POST', url, headers, body: step.statement, signal: later });
          });
    return receiving.catch((error: unknown) => {
      const refused = error instanceof MetricLayerError && error.code === 'ENGINE_UNAUTHORIZED';
      // A token that ran out may have been renewed meanwhile.
      throw refused && authorizationOf(options) !== authorization ? new PassingFault(error, 0) : error;
    });
  }

  async function take(step: Step): Promise<string | null> {
    const { body, redact } = await withRetries(() => send(step), { tries, signal, onFault: lifetime.blame });
    lifetime.blame(null);
    const position = readPosition(body, { id: queryId, origins, visited });
    queryId = position.id;
    last = position.nextUri ?? last;
    if (position.nextUri !== null) visited.add(position.nextUri);
    const page = readPage(body, position);
    if (page.error !== null) {
      last = page.nextUri;
      throw trinoFailure(page.error, page.id, redact);
    }
    answer.add(page);
    signal.throwIfAborted();
    return page.nextUri;
  }

  function leave(): void {
    if (last !== null) canceller.cancel(last, () => identityHeaders(user, authorizationOf(options)));
    last = null;
  }

  const walking = walk(statement, take).then(() => answer.finish());
  canceller.watch(walking.catch(leave));
  try {
    return await untilAborted(walking, signal);
  } catch (error) {
    leave();
    throw error;
  }
}

interface Received {
  readonly body: unknown;
  readonly redact: Redact;
}

async function receive(
  { agents, options: { exchangeMs, maxPageBytes } }: Wire,
  redact: Redact,
  request: Pick<Exchange, 'method' | 'url' | 'headers' | 'body' | 'signal'>,
): Promise<Received> {
  try {
    const reply = await exchange({ ...request, agents, timeoutMs: exchangeMs, maxBytes: maxPageBytes });
    return { body: bodyOf(reply, redact), redact };
  } catch (error) {
    throw faultOf(error, maxPageBytes);
  }
}
