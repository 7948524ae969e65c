import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CatalogError, openService } from '../../src/server/open-service.ts';
import { codesOf, overHttp, type Served } from '../server/support.ts';
import { folderWith, later } from '../support/service.ts';
import { runOnTrino } from '../support/trino.ts';
import { startPassthrough } from './passthrough.ts';
import {
  describeSecure,
  expectSecretsKept,
  password,
  plainPort,
  rightPassword,
  shownOf,
  tlsPath,
  tlsPort,
  tlsUrl,
} from './secure-trino.ts';
import { sign } from './tokens.ts';

interface Settings {
  readonly server?: string;
  readonly auth?: string;
  readonly ca?: string | null;
  readonly more?: string;
  readonly source?: string;
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: the catalog fills it in
const PASSWORD = '{ password: "${TRINO_PASSWORD}" }';
const IMPERSONATE = 'impersonate: { header: x-forwarded-user }';

/** Half the customers in each arm, and orders of which anna sees a third and nobody else more than bob, who sees all. */
const catalogOf = ({
  server = tlsUrl(),
  auth = PASSWORD,
  ca = tlsPath('ca.pem'),
  more = IMPERSONATE,
  source,
}: Settings) => `
engine:
  kind: trino
  server: ${server}
  catalog: tpch
  schema: tiny
  source: ${source ?? 'liftql'}
  auth: ${auth}
  ${ca === null ? '' : `ca: ${ca}`}
  ${more}
sources:
  assignments:
    kind: assignments
    sql: |
      select custkey, if(mod(custkey, 2) = 0, 'control', 'treatment') as variant, timestamp '1995-01-01 00:00:00' as seen_at
      from customer
    unit: custkey
    variant: variant
    timestamp: seen_at
  orders:
    kind: facts
    sql: select custkey, orderdate from orders where current_user = 'bob' or current_user = 'anna' and mod(custkey, 3) = 1
    unit: custkey
    timestamp: orderdate
metrics:
  orders: { type: mean, source: orders, value: { aggregate: count }, window: { length: 365d } }
experiments:
  parity:
    assignments: assignments
    unit: custkey
    start: 1995-01-01T00:00:00Z
    end: 1995-02-01T00:00:00Z
    variants: { control: { weight: 0.5, control: true }, treatment: { weight: 0.5 } }
    goals: [orders]
`;

const SCORECARD = `{ experiment(key: "parity") { results { nodes { control { units mean } provenance { statements { engineQueryId } } } } } }`;
const NOW = new Date('1999-01-01T00:00:00Z');
const env = () => ({ TRINO_PASSWORD: rightPassword() });

async function open(settings: Settings, environment: Readonly<Record<string, string>> = env()) {
  const service = await openService(folderWith(catalogOf(settings)), { env: environment, clock: () => NOW });
  later(() => service.close());
  return service;
}

const serveOverHttp = async (settings: Settings): Promise<Served> => overHttp(await open(settings));

function askAs(http: Served, headers: Readonly<Record<string, string>>) {
  return http.send('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: SCORECARD }),
  });
}

/** The mean of the control arm for somebody, and as whom Trino ran the queries for it. */
async function seenBy(http: Served, user: string) {
  const { status, json } = await askAs(http, { 'x-forwarded-user': user });
  expect([status, json.errors]).toEqual([200, undefined]);
  const [{ control, provenance }] = json.data.experiment.results.nodes;
  const ids = provenance.statements.map((statement: { engineQueryId: string }) => `'${statement.engineQueryId}'`);
  const users = await runOnTrino(
    `select distinct "user", source from system.runtime.queries where query_id in (${ids.join(', ')})`,
  );
  return { mean: Number(control.mean), users };
}

/** The same by plain SQL. */
async function meanOf(visible: string): Promise<number> {
  const [[mean] = []] = await runOnTrino(`
    select cast(count(o.custkey) as double) / count(distinct c.custkey) from tpch.tiny.customer c left join (
      select custkey from tpch.tiny.orders
      where orderdate >= date '1995-01-01' and orderdate < date '1996-01-01' and ${visible}
    ) o on o.custkey = c.custkey where mod(c.custkey, 2) = 0`);
  return Number(mean);
}

let sources = 0;
const newSource = () => {
  sources += 1;
  return `liftql-path-${process.pid}-${Date.now()}-${sources}`;
};
const usersOf = (source: string) =>
  runOnTrino(`select "user", count(*) from system.runtime.queries where source = '${source}' group by 1 order by 1`);

describeSecure('a catalog on a Trino that demands proofs', () => {
  test.each<[string, () => Promise<string>]>([
    ['a password of the environment', async () => PASSWORD],
    ['a token file', async () => `{ tokenFile: ${join(folderWith({ token: `${await sign()}\n` }), 'token')} }`],
    ['a certificate', async () => `{ certificate: ${tlsPath('client.pem')}, key: ${tlsPath('client.key')} }`],
  ])('with %s: everybody sees over HTTP what Trino shows them', async (_, auth) => {
    const source = newSource();
    const http = await serveOverHttp({ auth: await auth(), source });
    expect((await http.send('/readyz')).json).toMatchObject({ status: 'ready', engine: 'ok' });
    const names = ['anna', 'bob', 'eve', 'anna', 'bob', 'anna'];
    // At once, so that they would share what may be shared.
    const seen = await Promise.all(names.map((name) => seenBy(http, name)));
    const expected = new Map([
      ['anna', await meanOf('mod(custkey, 3) = 1')],
      ['bob', await meanOf('true')],
      ['eve', 0],
    ]);
    expect(new Set(expected.values()).size).toBe(3);
    for (const [i, name] of names.entries()) {
      expect(seen[i]!.mean).toBeCloseTo(expected.get(name)!, 9);
      expect(seen[i]!.users).toEqual([[name, source]]);
    }
    const users = (await usersOf(source)).map(([user]) => user);
    // The service's own queries, and the probe of the start.
    expect(users).toEqual(['anna', 'bob', 'eve', 'liftql', 'liftql-probe']);
    expectSecretsKept([http.service.catalog(), http.service.engine, http.log()], {
      user: 'liftql',
      auth: password(rightPassword()),
    });
  });

  test.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ['no header', {}, /header x-forwarded-user names, and it is missing/],
    ['an empty one', { 'x-forwarded-user': '' }, /is empty/],
    ['two in one', { 'x-forwarded-user': 'anna, bob' }, /comma/],
    ['not ASCII', { 'x-forwarded-user': 'zoë' }, /printable ASCII/],
    ['too long', { 'x-forwarded-user': 'a'.repeat(201) }, /200 characters/],
    ["Trino's header", { 'x-trino-user': 'anna' }, /missing/],
    ['a password of their own', { authorization: `Basic ${btoa('anna:x')}` }, /missing/],
  ])('refused before anything runs: %s', async (_, headers, message) => {
    const source = newSource();
    const http = await serveOverHttp({ source });
    const before = await usersOf(source);
    const { status, json } = await askAs(http, headers);
    expect([status, json.errors[0].extensions.code]).toEqual([401, 'UNAUTHENTICATED']);
    expect(json.errors[0].message).toMatch(message);
    expect(await usersOf(source)).toEqual(before);
  });

  test('refused before anything runs: the header twice', async () => {
    const http = await serveOverHttp({});
    const body = JSON.stringify({ query: SCORECARD });
    const lines = ['POST /graphql HTTP/1.1', 'host: localhost', 'connection: close', 'content-type: application/json'];
    lines.push('x-forwarded-user: anna', 'X-Forwarded-User: bob', `content-length: ${body.length}`, '', body);
    const socket = connect(Number(new URL(http.url).port), '127.0.0.1');
    socket.end(lines.join('\r\n'));
    let text = '';
    for await (const chunk of socket) text += chunk;
    expect(text).toMatch(/^HTTP\/1\.1 401 .*more than once.*UNAUTHENTICATED/s);
  });

  test("headers of Trino's that a client sends do not get there", async () => {
    const http = await serveOverHttp({});
    const { json } = await askAs(http, {
      'x-forwarded-user': 'anna',
      'x-trino-user': 'root',
      'x-trino-original-user': 'root',
      'x-trino-role': 'system=ROLE{admin}',
      authorization: `Basic ${btoa('root:root')}`,
    });
    expect(json.data.experiment.results.nodes[0].control.mean).toBeCloseTo(await meanOf('mod(custkey, 3) = 1'), 9);
  });

  test('a token that ends while the service runs: clients are told no more than they need, and its file renews it', async () => {
    const file = join(folderWith({ token: await sign({ expiresIn: 6 }) }), 'token');
    const http = await serveOverHttp({ auth: `{ tokenFile: ${file} }` });
    await sleep(6_100);
    const refused = await askAs(http, { 'x-forwarded-user': 'anna' });
    expect([refused.status, ...new Set(codesOf(refused))]).toEqual([200, 'ENGINE_UNAUTHORIZED']);
    expect(refused.text).not.toMatch(/JWT|401|localhost|expired/);
    expect(shownOf(http.log())).toMatch(/JWT expired/);
    const ready = await http.send('/readyz');
    expect([ready.status, ready.json]).toEqual([
      503,
      expect.objectContaining({ status: 'unready', reason: 'ENGINE_UNAUTHORIZED' }),
    ]);
    writeFileSync(file, await sign());
    expect((await seenBy(http, 'anna')).users).toEqual([['anna', 'liftql']]);
  });

  test('a server that goes away is told from one that refuses', async () => {
    const passage = await startPassthrough(tlsPort());
    const http = await serveOverHttp({ server: `https://localhost:${passage.port}` });
    passage.close();
    const failed = await askAs(http, { 'x-forwarded-user': 'anna' });
    expect([...new Set(codesOf(failed))]).toEqual(['ENGINE_UNAVAILABLE']);
    expect(failed.text).not.toMatch(/localhost|ECONN/);
  });
});

describeSecure('a catalog that cannot be served', () => {
  const wrong = { TRINO_PASSWORD: 'not-the-password' };
  test.each<[string, string, RegExp, () => Settings, Readonly<Record<string, string>>?]>([
    ['a wrong password', 'ENGINE_UNAUTHORIZED', /HTTP 401.*Check `engine\.user` and `engine\.auth`/, () => ({}), wrong],
    [
      'a user who may not impersonate',
      'ENGINE_UNAUTHORIZED',
      /User reader cannot impersonate user liftql-probe\. Let reader impersonate users/,
      () => ({ more: `${IMPERSONATE}\n  user: reader` }),
    ],
    [
      'no ca',
      'ENGINE_UNAVAILABLE',
      /No encrypted connection.*Check `engine\.server` and `engine\.ca`/,
      () => ({ ca: null }),
    ],
    [
      'plain http',
      'CATALOG_INVALID',
      /catalog\.yaml:8:.*would send a secret over plain http; use https/,
      () => ({ server: `http://localhost:${plainPort()}` }),
    ],
    ['no password', 'CATALOG_INVALID', /catalog\.yaml:8:.*TRINO_PASSWORD/, () => ({}), {}],
    [
      'a key of another certificate',
      'CATALOG_INVALID',
      /catalog\.yaml:8:.*cannot be used with its key and passphrase/,
      () => ({ auth: `{ certificate: ${tlsPath('client.pem')}, key: ${tlsPath('jwt-private.pem')} }` }),
    ],
    ['a ca that is none', 'CATALOG_INVALID', /catalog\.yaml:9:/, () => ({ ca: tlsPath('jwt-public.pem') })],
  ])('%s is %s', async (_, code, message, settings, environment) => {
    const error = await open(settings(), environment).then(
      () => expect.fail('It was served.'),
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(error instanceof CatalogError).toBe(code === 'CATALOG_INVALID');
    for (const secret of [rightPassword(), 'not-the-password', btoa(`liftql:${rightPassword()}`)])
      expect(shownOf(error).includes(secret)).toBe(false);
  });
});
