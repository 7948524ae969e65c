import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { MetricLayerError } from '../../core/errors.ts';
import { isHeaderText } from './headers.ts';
import type { TrinoOptions } from './options.ts';

/** Refuses options that cannot work or are not safe, with BAD_SETTING; nothing has been sent by then. */
export function checkOptions(options: TrinoOptions): void {
  const server = originOf(options.server, 'server');
  const origins = [server, ...options.trustedOrigins.map((origin) => originOf(origin, 'trustedOrigins'))];
  checkSecrecy(options, origins);
  checkCertificates(options);
  for (const [name, text] of headerTexts(options)) {
    if (!isHeaderText(text))
      throw bad(`\`${name}\` has characters or spaces at its ends that an HTTP header cannot carry. Leave them out.`);
  }
  if (options.user === '') throw bad('`user` is empty. Give the user that the queries run as.');
  if (options.clientTags.some((tag) => tag.includes(','))) throw bad('A tag of `clientTags` has a comma in it.');
  for (const [name, value] of Object.entries(options.session)) {
    if (!/^[A-Za-z0-9_.]+$/.test(name)) throw bad(`\`session\`: ${JSON.stringify(name)} is no name of a property.`);
    if (!value.isWellFormed()) throw bad(`\`session.${name}\` holds half of a surrogate pair.`);
  }
}

/** A secret that is sent openly is one no more. */
function checkSecrecy({ auth, user, allowInsecureAuth }: TrinoOptions, origins: readonly URL[]): void {
  if (auth.kind !== 'password' && auth.kind !== 'jwt') return;
  const open = origins.find(({ protocol }) => protocol === 'http:');
  if (open !== undefined && !allowInsecureAuth)
    throw bad(
      `A password or token would be sent to ${open.origin} unencrypted. Use https, or set \`allowInsecureAuth\` if nobody can listen in.`,
    );
  if (auth.kind === 'password' && user.includes(':'))
    throw bad('`user` has a colon in it, which the user of a password cannot have.');
}

/** What Node would find out only when it connects, or not at all: authorities that are none are no authorities to it. */
function checkCertificates({ ca, auth }: TrinoOptions): void {
  if (ca !== null && !isCertificate(ca)) throw bad('`ca` holds no certificate in PEM. Give those of the authorities.');
  if (auth.kind !== 'certificate') return;
  const { certificate: cert, key, passphrase } = auth;
  try {
    createSecureContext({ cert, key, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (error) {
    const reason = error instanceof Error && 'reason' in error ? ` (${error.reason})` : '';
    throw bad(
      `The certificate of \`auth\` cannot be used with its key and passphrase${reason}. Give those of one pair.`,
    );
  }
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

function originOf(text: string, name: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw bad(`\`${name}\` must be a URL such as https://trino.example.com:8443.`);
  if (url.username !== '' || url.password !== '')
    throw bad(`\`${name}\` has a user or password in its URL, where it would be logged. Give them by themselves.`);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw bad(`\`${name}\` must end after the host and port: ${url.origin}.`);
  return url;
}

function headerTexts(options: TrinoOptions): readonly (readonly [string, string])[] {
  return [
    ['user', options.user],
    ['source', options.source],
    ['catalog', options.catalog ?? ''],
    ['schema', options.schema ?? ''],
    ...options.clientTags.map((tag) => ['clientTags', tag] as const),
  ];
}

function bad(message: string): MetricLayerError {
  return new MetricLayerError('BAD_SETTING', message);
}
