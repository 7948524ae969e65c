import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalogJsonSchema } from '../../src/catalog/json-schema.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import type { TrinoConfig } from '../../src/catalog/trino-config.ts';
import { TRINO_DEFAULTS } from '../../src/engine/trino/options.ts';
import { faultsOf, folderOf, good, load, messagesOf, SOURCES, unmark } from './catalog-folder.ts';
import { TLS_FILES } from './tls-files.ts';

const ENV = { SECRET: 'hunter2', EMPTY: '', N: '7', SIZE: '2TiB' };
const variable = (name: string) => `$\{${name}}`;
const HTTPS = 'server: "https://trino.example:8443"';

/** A catalog on Trino with these settings beside the server. */
const withEngine = (settings: string, server = HTTPS) => ({
  'catalog.yaml': `engine: { kind: trino, ${server}${settings === '' ? '' : `, ${settings}`} }\n${SOURCES}`,
  'token.txt': 'from-a-file\n',
  'empty.txt': '\n',
  ...TLS_FILES,
});

function engineOf(settings: string, server?: string): TrinoConfig {
  const { engine } = good(withEngine(settings, server), ENV);
  if (engine.kind !== 'trino') throw new Error('Not on Trino.');
  return engine;
}

describe('the Trino engine of a catalog', () => {
  test('has the defaults of the adapter where it says nothing', () => {
    expect(engineOf('')).toEqual({
      ...TRINO_DEFAULTS,
      kind: 'trino',
      server: 'https://trino.example:8443',
      impersonate: null,
      scanBudget: null,
    });
  });

  test('says all of its settings', () => {
    const settings = `catalog: iceberg, schema: shop, user: svc, auth: { password: "${variable('SECRET')}" }, ca: cert.pem,
  allowInsecureAuth: true, impersonate: { header: X-Forwarded-User, probe: ping }, source: dash, clientTags: [metric-layer, "team:growth"],
  session: { query_priority: 2, join_distribution_type: AUTOMATIC }, concurrency: 8, queue: "${variable('N')}", timeout: 5m,
  trustedOrigins: ["https://other:8443/"], scanBudget: { bytes: 50GB, rows: 10000000000, unknown: allow }`;
    expect(engineOf(settings, 'server: "https://Trino.Example:443/"')).toMatchObject({
      server: 'https://trino.example',
      catalog: 'iceberg',
      schema: 'shop',
      user: 'svc',
      ca: TLS_FILES['cert.pem'],
      allowInsecureAuth: true,
      impersonate: { header: 'x-forwarded-user' },
      probe: 'ping',
      source: 'dash',
      clientTags: ['metric-layer', 'team:growth'],
      session: { query_priority: '2', join_distribution_type: 'AUTOMATIC' },
      concurrency: 8,
      queue: 7,
      timeoutMs: 300_000,
      trustedOrigins: ['https://other:8443'],
      scanBudget: { bytes: 50e9, rows: 1e10, unknown: 'allow' },
    });
  });

  test('refuses unknown scans unless it says otherwise, and takes sizes from the environment', () => {
    expect(engineOf(`scanBudget: { bytes: "${variable('SIZE')}" }`).scanBudget).toEqual({
      bytes: 2 * 2 ** 40,
      rows: null,
      unknown: 'refuse',
    });
  });

  test('keeps the kinds of proof apart', () => {
    const password = engineOf(`auth: { password: "${variable('SECRET')}" }`).auth;
    const token = engineOf(`auth: { token: "${variable('SECRET')}" }`).auth;
    const locked = engineOf('auth: { certificate: cert.pem, key: locked.pem, passphrase: opensesame }').auth;
    expect([password.kind, password.kind === 'password' && password.password()]).toEqual(['password', 'hunter2']);
    expect([token.kind, token.kind === 'jwt' && token.token()]).toEqual(['jwt', 'hunter2']);
    expect(locked.kind === 'certificate' && [locked.certificate, locked.key(), locked.passphrase?.()]).toEqual([
      TLS_FILES['cert.pem'],
      TLS_FILES['locked.pem'],
      'opensesame',
    ]);
    expect(engineOf('auth: { certificate: cert.pem, key: key.pem }').auth).toMatchObject({ passphrase: null });
  });

  test('reads a token file again each time', () => {
    const directory = folderOf(withEngine('auth: { tokenFile: token.txt }'));
    const loaded = loadCatalog(directory, { env: {} });
    const auth = loaded.ok && loaded.catalog.engine.kind === 'trino' ? loaded.catalog.engine.auth : null;
    const token = auth?.kind === 'jwt' ? auth.token : () => '';
    expect(token().trim()).toBe('from-a-file');
    writeFileSync(join(directory, 'token.txt'), 'renewed');
    expect(token()).toBe('renewed');
    rmSync(join(directory, 'token.txt'));
    expect(token).toThrow('ENOENT');
  });
});

describe('faults of the Trino engine', () => {
  const server = (url: string) => withEngine('', `server: ▸"${url}"`);
  test.each([
    ['no server', { 'catalog.yaml': `▸engine: { kind: trino }\n${SOURCES}` }, 'CAT_VALUE'],
    ['a server that is no URL', server('trino:8080'), 'CAT_VALUE'],
    ['a server of another scheme', server('jdbc://trino:8080'), 'CAT_VALUE'],
    ['a password in the URL', server('https://me:hunter2@trino:8443'), 'CAT_VALUE'],
    ['a password in what is no URL', server('trino://me:hunter2@trino'), 'CAT_VALUE'],
    ['a path in the URL', server('https://trino:8443/v1'), 'CAT_VALUE'],
    ['a query in the URL', server('https://trino:8443/?a=b'), 'CAT_VALUE'],
    ['a server that is not set', server(variable('MISSING')), 'CAT_ENV'],
    ['a server that is empty', server(variable('EMPTY')), 'CAT_VALUE'],
    ['an unknown setting', withEngine('▸pasword: x'), 'CAT_UNKNOWN_FIELD'],
    ['no kind of proof', withEngine('auth: ▸{ }'), 'CAT_VALUE'],
    ['two kinds of proof', withEngine(`auth: ▸{ token: "${variable('SECRET')}", password: x }`), 'CAT_VALUE'],
    ['an unknown kind of proof', withEngine('auth: { ▸pasword: hunter2, token: x }'), 'CAT_UNKNOWN_FIELD'],
    ['a proof that is no map', withEngine('auth: ▸hunter2'), 'CAT_TYPE'],
    ['a password that is a number', withEngine('auth: { password: ▸1234567 }'), 'CAT_TYPE'],
    ['a password that is not set', withEngine(`auth: { password: ▸"${variable('MISSING')}" }`), 'CAT_ENV'],
    ['a password that is empty', withEngine(`auth: { password: ▸"${variable('EMPTY')}" }`), 'CAT_VALUE'],
    ['a token with a line break', withEngine('auth: { token: ▸"hunter2\\n" }'), 'CAT_VALUE'],
    ['a token file that is not there', withEngine('auth: { tokenFile: ▸gone.txt }'), 'CAT_READ'],
    ['a token file that is a folder', withEngine('auth: { tokenFile: ▸"." }'), 'CAT_READ'],
    ['a token file without a token', withEngine('auth: { tokenFile: ▸empty.txt }'), 'CAT_VALUE'],
    ['a certificate without a key', withEngine('auth: ▸{ certificate: cert.pem }'), 'CAT_VALUE'],
    ['a key that is a certificate', withEngine('auth: { certificate: cert.pem, key: ▸cert.pem }'), 'CAT_VALUE'],
    ['a key of another', withEngine('auth: { certificate: ▸cert.pem, key: other.pem }'), 'CAT_VALUE'],
    [
      'a wrong passphrase',
      withEngine(`auth: { certificate: ▸cert.pem, key: locked.pem, passphrase: "${variable('SECRET')}" }`),
      'CAT_VALUE',
    ],
    ['a passphrase of nothing', withEngine('auth: { tokenFile: token.txt, passphrase: ▸hunter2 }'), 'CAT_VALUE'],
    ['an authority that is not there', withEngine('ca: ▸gone.pem'), 'CAT_READ'],
    ['an authority that is none', withEngine('ca: ▸token.txt'), 'CAT_VALUE'],
    ['a password over http', withEngine('auth: ▸{ password: hunter2 }', 'server: "http://trino:8080"'), 'CAT_VALUE'],
    ['a token to an http origin', withEngine('auth: ▸{ token: hunter2 }, trustedOrigins: ["http://b"]'), 'CAT_VALUE'],
    [
      'a certificate over http',
      withEngine('allowInsecureAuth: true, auth: ▸{ certificate: cert.pem, key: key.pem }', 'server: "http://trino"'),
      'CAT_VALUE',
    ],
    ['a user with a colon and a password', withEngine('user: ▸"a:b", auth: { password: hunter2 }'), 'CAT_VALUE'],
    ['a user that no header holds', withEngine('user: ▸"a\\nb"'), 'CAT_VALUE'],
    ['an empty user', withEngine('user: ▸""'), 'CAT_VALUE'],
    ['a tag with a comma', withEngine('clientTags: [good, ▸"a,b"]'), 'CAT_VALUE'],
    ['a session property that is none', withEngine('session: { "a b": ▸x }'), 'CAT_VALUE'],
    ['impersonation as a flag', withEngine('impersonate: ▸true'), 'CAT_TYPE'],
    ['impersonation by a secret', withEngine('impersonate: { header: ▸Authorization }'), 'CAT_VALUE'],
    ['impersonation by no header', withEngine('impersonate: { header: ▸"a b" }'), 'CAT_VALUE'],
    ['no concurrency', withEngine('concurrency: ▸0'), 'CAT_VALUE'],
    ['half a place in the queue', withEngine('queue: ▸1.5'), 'CAT_VALUE'],
    ['a timeout without a unit', withEngine('timeout: ▸"60"'), 'CAT_WINDOW'],
    ['no time', withEngine('timeout: ▸0s'), 'CAT_WINDOW'],
    ['an origin with a path', withEngine('trustedOrigins: [▸"https://other/x"]'), 'CAT_VALUE'],
    ['a budget of nothing', withEngine('scanBudget: ▸{ }'), 'CAT_VALUE'],
    ['a budget that is no size', withEngine('scanBudget: { bytes: ▸50 gigs }'), 'CAT_VALUE'],
    ['a budget of no rows', withEngine('scanBudget: { rows: ▸0 }'), 'CAT_VALUE'],
    ['a budget with another word', withEngine('scanBudget: { rows: 1, unknown: ▸warn }'), 'CAT_VALUE'],
  ])('%s', (_, marked, code) => {
    const { files, marks } = unmark(marked);
    expect(faultsOf(files, ENV)).toEqual([`${code} ${marks[0]}`]);
    expect(messagesOf(load(files, ENV)).join('\n')).not.toMatch(/hunter2|1234567/);
  });

  test('a secret may go over http where the catalog says so', () => {
    expect(engineOf('allowInsecureAuth: true, auth: { password: hunter2 }', 'server: "http://trino"').auth.kind).toBe(
      'password',
    );
  });
});

describe('a secret', () => {
  const warningsOf = (auth: string) => good(withEngine(`auth: ${auth}`), ENV).warnings;

  test.each([
    '{ password: hunter2 }',
    `{ token: "${'$'}{MISSING:-hunter2}" }`,
    '{ certificate: cert.pem, key: locked.pem, passphrase: opensesame }',
  ])('that stands in the file is warned of, and not shown: %s', (auth) => {
    expect(warningsOf(auth)).toEqual([
      expect.stringMatching(
        /^catalog\.yaml:1:\d+: `auth\.(password|token|passphrase)` of the engine stands in the file/,
      ),
    ]);
    expect(warningsOf(auth).join()).not.toMatch(/hunter2|opensesame/);
  });

  test.each([`{ password: "${variable('SECRET')}" }`, '{ tokenFile: token.txt }'])(
    'from elsewhere is not: %s',
    (auth) => {
      expect(warningsOf(auth)).toEqual([]);
    },
  );

  test('is in nothing that prints, copies or hashes a catalog', () => {
    for (const auth of [
      `{ password: "${variable('SECRET')}" }`,
      `{ token: "${variable('SECRET')}" }`,
      '{ certificate: cert.pem, key: key.pem }',
    ]) {
      const catalog = good(withEngine(`auth: ${auth}`), ENV);
      const text = JSON.stringify(catalog) + JSON.stringify({ ...catalog.engine });
      expect(text).not.toMatch(/hunter2|PRIVATE KEY/);
    }
  });

  test('does not change the hash; what is read does', () => {
    const hashOf = (settings: string, env: Readonly<Record<string, string>> = ENV) =>
      good(withEngine(settings), env).hash;
    const one = hashOf(`auth: { password: "${variable('SECRET')}" }`);
    expect(hashOf(`auth: { password: "${variable('SECRET')}" }`, { SECRET: 'other' })).toBe(one);
    expect(hashOf('timeout: 5m, concurrency: 9, scanBudget: { bytes: 1GB }')).toBe(one);
    expect(new Set([one, ...['catalog: a', 'schema: a', 'user: a'].map((settings) => hashOf(settings))]).size).toBe(4);
  });
});

test('the JSON Schema knows the settings', () => {
  const text = JSON.stringify(catalogJsonSchema());
  for (const word of ['tokenFile', 'impersonate', 'scanBudget', 'trustedOrigins', 'clientTags', 'allowInsecureAuth'])
    expect(text).toContain(`"${word}"`);
});
