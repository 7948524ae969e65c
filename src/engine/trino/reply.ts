import { STATUS_CODES } from 'node:http';
import { MetricLayerError } from '../../core/errors.ts';
import { EXCHANGE_NOT_TEXT, EXCHANGE_TOO_LARGE, type Reply, WireError } from './exchange.ts';
import { badAnswer, unavailable } from './failures.ts';
import { parseJson } from './json.ts';
import { PassingFault, retryAfterMs } from './retry.ts';

/** Takes secrets out of a text that an operator will see. */
export type Redact = (text: string) => string;

/** The JSON of a reply. What may pass is thrown as a `PassingFault`, the rest as an error of ours. */
export function bodyOf({ status, retryAfter, body }: Reply, redact: Redact): unknown {
  if (status === 200) return parsed(body);
  const said = `HTTP ${status} ${STATUS_CODES[status] ?? ''}: ${redact(body).slice(0, 500)}`;
  if (status === 429) throw new PassingFault(overloaded(said), retryAfterMs(retryAfter, Date.now()));
  if (status === 502 || status === 503 || status === 504)
    throw new PassingFault(
      unavailable(`Trino cannot be reached at the moment (HTTP ${status}). Try again in a moment.`, said),
      retryAfterMs(retryAfter, Date.now()),
    );
  if (status === 401 || status === 403)
    throw new MetricLayerError(
      'ENGINE_UNAUTHORIZED',
      `Trino refuses the user that this service comes as (HTTP ${status}). Check the engine's user and credentials.`,
      { cause: new Error(said) },
    );
  if (status === 404 || status === 410)
    throw unavailable(
      `Trino does not know the query any more (HTTP ${status}); it may have been restarted. Try again.`,
      said,
    );
  if (status >= 300 && status < 400)
    throw badAnswer(`it sends on to another address (HTTP ${status}), where nothing was sent`, said);
  throw unavailable(`Trino answered with HTTP ${status}. Its log tells why.`, said);
}

/** Empty and garbled bodies happen on the way, mostly when something restarts. */
function parsed(body: string): unknown {
  if (body.trim() === '') throw new PassingFault(badAnswer('it is empty'));
  try {
    return parseJson(body);
  } catch {
    throw new PassingFault(badAnswer('it is no JSON'));
  }
}

function overloaded(said: string): MetricLayerError {
  return new MetricLayerError('ENGINE_OVERLOADED', 'Trino has too many requests to answer. Try again in a moment.', {
    cause: new Error(said),
  });
}

/** An exchange that did not end, as what is to be thrown. */
export function faultOf(error: unknown, maxBytes: number): Error {
  if (!(error instanceof WireError)) return error instanceof Error ? error : new Error(String(error));
  const said = `${error.code}: ${error.message}`;
  if (error.code === EXCHANGE_TOO_LARGE)
    return new MetricLayerError(
      'ENGINE_RESULT_TOO_LARGE',
      `A page of the query's result has more than ${maxBytes} bytes. Ask for fewer groups or a shorter time.`,
    );
  if (error.code === EXCHANGE_NOT_TEXT) return new PassingFault(badAnswer('it is no text', said));
  if (/alert[ _](.*certificate|unknown[ _]ca|access[ _]denied)/i.test(said))
    return new MetricLayerError(
      'ENGINE_UNAUTHORIZED',
      "Trino refuses the certificate that this service comes with, or its lack of one. Check the engine's credentials.",
      { cause: new Error(said) },
    );
  if (/^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|UNABLE_|DEPTH_|SELF_SIGNED|INVALID_CA|HOSTNAME_|EPROTO)/.test(error.code))
    return unavailable('No encrypted connection to Trino can be made. Check `server`, its certificate and `ca`.', said);
  return new PassingFault(unavailable('Trino cannot be reached. Try again in a moment.', said));
}
