import { assertNever, MetricLayerError } from '../../core/errors.ts';
import type { TrinoOptions } from './options.ts';

/** The header that proves who this service is, read anew each time; null: none is needed. */
export function authorizationOf({ auth, user }: Pick<TrinoOptions, 'auth' | 'user'>): string | null {
  switch (auth.kind) {
    case 'none':
    case 'certificate':
      return null;
    case 'password':
      return `Basic ${Buffer.from(`${user}:${secretOf(auth.password, 'password')}`, 'utf8').toString('base64')}`;
    case 'jwt':
      return `Bearer ${tokenOf(secretOf(auth.token, 'token'))}`;
    default:
      return assertNever(auth);
  }
}

function secretOf(read: () => string, what: string): string {
  let secret: string;
  try {
    secret = read();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw unauthorized(`The ${what} for Trino cannot be read (${code}). Check where it is kept.`);
  }
  if (secret === '') throw unauthorized(`The ${what} for Trino is empty. Check where it is kept.`);
  return secret;
}

/** Files end in line breaks, tokens do not. */
function tokenOf(text: string): string {
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token))
    throw unauthorized('The token for Trino holds characters that no token has. Check where it is kept.');
  return token;
}

/** Takes an authorization out of a text, whole or in its parts. */
export function redactorOf(authorization: string | null): (text: string) => string {
  if (authorization === null) return (text) => text;
  const [scheme, proof] = authorization.split(' ') as [string, string];
  const decoded = scheme === 'Basic' ? Buffer.from(proof, 'base64').toString('utf8') : '';
  const password = decoded.slice(decoded.indexOf(':') + 1);
  const secrets = [proof, decoded, password].filter((secret) => secret !== '');
  return (text) => secrets.reduce((shown, secret) => shown.replaceAll(secret, '[secret]'), text);
}

export function unauthorized(message: string): MetricLayerError {
  return new MetricLayerError('ENGINE_UNAUTHORIZED', message);
}
