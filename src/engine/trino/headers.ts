import type { QueryLabels } from '../engine.ts';
import { unauthorized } from './authorization.ts';
import type { TrinoOptions } from './options.ts';

/** Names of HTTP headers and their values. */
export type Headers = Readonly<Record<string, string>>;

/** Headers of every exchange of a query: who asks, and the proof of it. */
export function identityHeaders(user: string, authorization: string | null): Headers {
  return {
    'User-Agent': 'liftql',
    Accept: 'application/json',
    'X-Trino-User': user,
    ...(authorization === null ? {} : { Authorization: authorization }),
  };
}

export interface StatementContext {
  readonly labels: QueryLabels;
  /** Milliseconds that are left for the query. */
  readonly remainingMs: number;
}

type StatementOptions = Pick<TrinoOptions, 'catalog' | 'schema' | 'source' | 'clientTags' | 'session'>;

/** Headers that go with the statement, beside the identity. The cluster's time zone must not decide what a day is. */
export function statementHeaders(options: StatementOptions, { labels, remainingMs }: StatementContext): Headers {
  const trace = visible(labels.requestId);
  return {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Trino-Source': options.source,
    ...(options.clientTags.length === 0 ? {} : { 'X-Trino-Client-Tags': options.clientTags.join(',') }),
    'X-Trino-Client-Info': clientInfo(labels),
    ...(trace === '' ? {} : { 'X-Trino-Trace-Token': trace }),
    'X-Trino-Time-Zone': 'UTC',
    'X-Trino-Client-Capabilities': 'PARAMETRIC_DATETIME',
    ...(options.catalog === null ? {} : { 'X-Trino-Catalog': options.catalog }),
    ...(options.schema === null ? {} : { 'X-Trino-Schema': options.schema }),
    'X-Trino-Session': sessionHeader(options.session, remainingMs),
  };
}

const LIMIT = 'query_max_run_time';

/** The operator's properties, and a limit on the server too: a query that was lost on the way must not run on for good. */
function sessionHeader(session: StatementOptions['session'], remainingMs: number): string {
  const own = session[LIMIT];
  const ownMs = own === undefined ? null : durationMs(own);
  const keeps = own !== undefined && (ownMs === null || ownMs <= remainingMs);
  const limit = keeps ? own : `${Math.max(1, Math.ceil(remainingMs / 1000))}s`;
  return Object.entries({ ...session, [LIMIT]: limit })
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join(',');
}

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A duration of Trino's, such as `1.5h`; null where it is none. */
function durationMs(text: string): number | null {
  const [, amount, unit] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/.exec(text) ?? [];
  const scale = unit === undefined ? undefined : UNITS[unit];
  return scale === undefined ? null : Number(amount) * scale;
}

/** JSON in ASCII, of at most 2,000 characters. */
function clientInfo({ requestId, purpose }: QueryLabels): string {
  const text = JSON.stringify({ requestId: requestId?.slice(0, 128), purpose: purpose?.slice(0, 128) });
  return text.replaceAll(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Labels are for people to find a query by: what a header cannot hold is left out. */
function visible(label: string | undefined): string {
  return (label ?? '').replaceAll(/[^\x21-\x7e]/g, '').slice(0, 128);
}

/** Whether a header carries this text to the server unchanged. */
export function isHeaderText(text: string): boolean {
  return /^[\x20-\x7e\xa1-\xff]*$/.test(text) && text === text.trim();
}

/** The user that a query runs as; with impersonation there must be one. */
export function userOf(
  options: Pick<TrinoOptions, 'user' | 'impersonate'>,
  requested: string | null | undefined,
): string {
  if (!options.impersonate) return options.user;
  if (requested === undefined || requested === null || requested === '')
    throw unauthorized(
      'The request says of no user, and queries run on Trino as the user of the request. Sign in first.',
    );
  if (!isHeaderText(requested))
    throw unauthorized("The user's name has characters or spaces that cannot be told to Trino. Have it changed.");
  return requested;
}
