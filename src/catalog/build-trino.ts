import type { z } from 'zod';
import { TRINO_DEFAULTS } from '../engine/trino/options.ts';
import { parseDuration } from '../metric-types/duration.ts';
import type { YamlPath } from '../metric-types/metric-kind.ts';
import { buildTrinoAuth } from './build-trino-auth.ts';
import { parseBytes } from './byte-size.ts';
import type { LoadContext } from './load-context.ts';
import type { Located } from './located.ts';
import { parseFields } from './parse-fields.ts';
import { pemFile } from './setting-files.ts';
import { SettingReader } from './setting-reader.ts';
import { show } from './show.ts';
import type { ScanLimit, TrinoConfig } from './trino-config.ts';
import { TRINO_FIELDS } from './trino-schema.ts';

type TrinoYaml = z.output<z.ZodObject<typeof TRINO_FIELDS>>;

/** How a catalog reaches Trino; null: its settings could not be read, which has been reported. */
export function buildTrino(yaml: Located, subject: string, context: LoadContext): TrinoConfig | null {
  const { all } = parseFields(TRINO_FIELDS, yaml, { subject, faults: context.faults });
  if (all === null) return null;
  const read = new SettingReader(yaml, subject, context);
  const word = <Field extends 'user' | 'source' | 'catalog' | 'schema'>(field: Field) =>
    read.value<string | (typeof TRINO_DEFAULTS)[Field]>([field], all[field], {
      parse: plain,
      rule: PLAIN,
      fallback: TRINO_DEFAULTS[field],
    });
  const count = (field: 'concurrency' | 'queue') =>
    read.value([field], all[field], { parse: parseCount, rule: COUNT, fallback: TRINO_DEFAULTS[field] });
  const config: TrinoConfig = {
    kind: 'trino',
    server: origin(['server'], all.server, read),
    catalog: word('catalog'),
    schema: word('schema'),
    user: word('user'),
    auth: buildTrinoAuth(all.auth, { read, warn: context.warn }),
    ca: pemFile(['ca'], all.ca, 'CERTIFICATE', read),
    allowInsecureAuth: all.allowInsecureAuth ?? false,
    impersonate: all.impersonate === undefined ? null : { header: headerOf(all.impersonate.header, read) },
    probe: read.value<string>(['impersonate', 'probe'], all.impersonate?.probe, {
      parse: plain,
      rule: PLAIN,
      fallback: TRINO_DEFAULTS.probe,
    }),
    source: word('source'),
    clientTags: tagsOf(all.clientTags, read),
    session: sessionOf(all.session, read),
    concurrency: count('concurrency'),
    queue: count('queue'),
    timeoutMs: read.value(['timeout'], all.timeout, {
      parse: (text) => (parseDuration(text) ?? 0) * 1000 || null,
      rule: 'must be a duration such as `45s` or `5m`, longer than zero',
      code: 'CAT_WINDOW',
      fallback: TRINO_DEFAULTS.timeoutMs,
    }),
    exchangeMs: TRINO_DEFAULTS.exchangeMs,
    maxPageBytes: TRINO_DEFAULTS.maxPageBytes,
    maxRows: TRINO_DEFAULTS.maxRows,
    trustedOrigins: (all.trustedOrigins ?? []).map((url, i) => origin(['trustedOrigins', i], url, read)),
    scanBudget: scanBudgetOf(all.scanBudget, read),
  };
  checkTransport(config, read);
  return config;
}

const COUNT = 'must be a whole number, 1 or more';
const PLAIN = 'must be printable ASCII';

const parseCount = (text: string): number | null =>
  /^[1-9]\d{0,15}$/.test(text.trim()) && Number.isSafeInteger(Number(text)) ? Number(text) : null;

/** What an HTTP header carries as it is. */
const plain = (text: string): string | null => (/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) ? text : null);

/** `https://host:port` of a URL that has nothing else; a fault does not repeat a URL that may hold a password. */
function origin(path: YamlPath, value: string, read: SettingReader): string {
  const text = read.text(path, value);
  if (text === null) return '';
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    read.fault(path, 'must be an http or https URL', text.includes('@') ? {} : { got: show(text) });
    return '';
  }
  const extra = [
    url.username !== '' || url.password !== '' ? 'a user or password; say them with `user` and `auth`' : null,
    url.pathname !== '/' ? 'a path' : null,
    url.search !== '' || url.hash !== '' ? 'a query or fragment' : null,
  ].find((found) => found !== null);
  if (extra !== undefined) read.fault(path, `must be scheme, host and port only, and holds ${extra}`);
  return url.origin;
}

function headerOf(value: string, read: SettingReader): string {
  return read.value(['impersonate', 'header'], value, {
    // Secrets would be shown as users.
    parse: (text) =>
      /^[\w!#$%&'*+.^`|~-]+$/.test(text) && !/^(authorization|proxy-authorization|cookie)$/i.test(text)
        ? text.toLowerCase()
        : null,
    rule: 'must be the name of a header that holds a user, such as `x-forwarded-user`',
    fallback: '',
  });
}

function tagsOf(tags: TrinoYaml['clientTags'], read: SettingReader): readonly string[] {
  if (tags === undefined) return TRINO_DEFAULTS.clientTags;
  const parse = (text: string) => (text.includes(',') ? null : plain(text));
  return tags.map((tag, i) =>
    read.value(['clientTags', i], tag, { parse, rule: `${PLAIN} without commas`, fallback: '' }),
  );
}

function sessionOf(session: TrinoYaml['session'], read: SettingReader): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(session ?? {}).map(([name, value]) => {
      if (!/^[A-Za-z_][\w]*(\.[A-Za-z_]\w*)?$/.test(name))
        read.fault(['session', name], 'must be named as a session property is, such as `query_priority`');
      return [name, read.text(['session', name], String(value)) ?? ''];
    }),
  );
}

function scanBudgetOf(yaml: TrinoYaml['scanBudget'], read: SettingReader): ScanLimit | null {
  if (yaml === undefined) return null;
  if (yaml.bytes === undefined && yaml.rows === undefined)
    read.fault(['scanBudget'], 'must state `bytes`, `rows` or both');
  return {
    bytes: read.value(['scanBudget', 'bytes'], yaml.bytes, {
      parse: parseBytes,
      rule: 'must be a size such as `500MB`, `50GB` or `1TiB`',
      fallback: null as number | null,
    }),
    rows: read.value(['scanBudget', 'rows'], yaml.rows, {
      parse: parseCount,
      rule: COUNT,
      fallback: null as number | null,
    }),
    unknown: yaml.unknown ?? 'refuse',
  };
}

/** Refuses what would send a secret in the clear, or could not be sent as it is meant. */
function checkTransport(config: TrinoConfig, read: SettingReader): void {
  const { server, trustedOrigins, auth, user, allowInsecureAuth } = config;
  if (auth.kind === 'password' && user.includes(':'))
    read.fault(['user'], 'must hold no colon, which ends the name where it is sent with a password');
  const isOpen = (url: string) => url.startsWith('http:');
  if (auth.kind === 'none') return;
  if (auth.kind === 'certificate') {
    if (isOpen(server)) read.fault(['auth'], 'states a certificate, which only an https `server` asks for');
  } else if (!allowInsecureAuth && [server, ...trustedOrigins].some(isOpen))
    read.fault(
      ['auth'],
      'would send a secret over plain http; use https, or say `allowInsecureAuth: true` where the network is trusted',
    );
}
