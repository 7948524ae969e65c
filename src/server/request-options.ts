import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { parseBytes } from '../catalog/byte-size.ts';
import type { EngineConfig } from '../catalog/catalog.ts';
import { MetricLayerError } from '../core/errors.ts';
import type { RequestOptions } from '../graphql/context.ts';
import { HttpError } from './http-error.ts';

/** The header that names a request, and its answer. */
export const REQUEST_ID = 'x-request-id';
/** The header by which a request may lower what it may read. */
const SCAN_BUDGET = 'x-liftql-scan-budget';
const LONGEST_USER = 200;

/** The request's own id where it is one; else a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const id = headers[REQUEST_ID];
  return typeof id === 'string' && /^[\w.:/+=@-]{1,128}$/.test(id) ? id : randomUUID();
}

/**
 * Who asks, and how much may be read, by the headers of a request. Only the header that the catalog names is believed, and only
 * if it is there once; that nobody but the authenticating proxy can set it is for the operator to see to.
 */
export function requestOptionsOf(
  request: Pick<IncomingMessage, 'headers' | 'rawHeaders'>,
  engine: EngineConfig,
): Pick<RequestOptions, 'user' | 'scanBudgetBytes'> {
  const header = engine.kind === 'trino' ? engine.impersonate?.header : undefined;
  return {
    ...(header === undefined ? {} : { user: userOf(request, header) }),
    scanBudgetBytes: scanBudgetOf(request.headers[SCAN_BUDGET]),
  };
}

/** Why a text cannot be a user, as a predicate; null: it can. */
export function userFault(text: string): string | null {
  if (text === '') return 'is empty';
  if (text.length > LONGEST_USER) return `has more than ${LONGEST_USER} characters`;
  // A proxy that joins two headers puts a comma between them.
  if (text.includes(',')) return 'holds a comma, and may be several';
  return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) ? null : 'holds other than printable ASCII';
}

function userOf({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>, header: string): string {
  const values = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]!.toLowerCase() === header);
  const [user] = values;
  const refuse = (what: string) =>
    new HttpError(401, 'UNAUTHENTICATED', `Queries run as the user that the header ${header} names, and it ${what}.`);
  if (user === undefined) throw refuse('is missing');
  if (values.length > 1) throw refuse('is there more than once');
  const fault = userFault(user);
  if (fault !== null) throw refuse(fault);
  return user;
}

function scanBudgetOf(text: string | readonly string[] | undefined): number | null {
  if (text === undefined) return null;
  const bytes = parseBytes(String(text));
  if (bytes !== null) return bytes;
  throw new HttpError(400, 'BAD_USER_INPUT', `The header ${SCAN_BUDGET} is not a size. Write it as 10GB.`);
}

/** The same of a command line. */
export function optionsOfFlags(
  { user, scanBudget }: { readonly user?: string | undefined; readonly scanBudget?: string | undefined },
  engine: EngineConfig,
): Pick<RequestOptions, 'user' | 'scanBudgetBytes'> {
  const impersonates = engine.kind === 'trino' && engine.impersonate !== null;
  if (user === undefined && impersonates)
    throw new MetricLayerError(
      'UNAUTHENTICATED',
      'Queries of this catalog run as the user who asks: name one with --user.',
    );
  if (user !== undefined && !impersonates)
    throw new MetricLayerError('BAD_USER_INPUT', '--user names nobody here: the catalog has no `engine.impersonate`.');
  const fault = user === undefined ? null : userFault(user);
  if (fault !== null) throw new MetricLayerError('BAD_USER_INPUT', `The user of --user ${fault}.`);
  const bytes = scanBudget === undefined ? null : parseBytes(scanBudget);
  if (scanBudget !== undefined && bytes === null)
    throw new MetricLayerError(
      'BAD_USER_INPUT',
      `--scan-budget is "${scanBudget}", which is not a size. Write it as 10GB.`,
    );
  return { user, scanBudgetBytes: bytes };
}
