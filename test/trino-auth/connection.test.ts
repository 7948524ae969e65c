import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { TrinoOptions } from '../../src/engine/trino/options.ts';
import { later } from '../support/service.ts';
import { foreignAuthority } from './certificates.ts';
import { type Passthrough, startPassthrough } from './passthrough.ts';
import {
  currentUser,
  describeSecure,
  ownCertificate,
  password,
  plainPort,
  refusalOf,
  rightPassword,
  tlsFile,
  tlsPort,
  token,
  withSecure,
} from './secure-trino.ts';
import { sign } from './tokens.ts';

type Given = () => Partial<TrinoOptions> | Promise<Partial<TrinoOptions>>;

const NOT_ENCRYPTED = /No encrypted connection to Trino can be made\. Check `server`, its certificate and `ca`/;
const withPassword = (options: Partial<TrinoOptions>) => ({ auth: password(rightPassword()), ...options });

describeSecure('a server that is not to be trusted, or not there', () => {
  test.each<[string, string, RegExp, string, Given]>([
    [
      'an authority that Node does not know',
      'ENGINE_UNAVAILABLE',
      NOT_ENCRYPTED,
      'UNABLE_TO_VERIFY',
      () => ({ ca: null }),
    ],
    [
      'an authority of the same name and another key',
      'ENGINE_UNAVAILABLE',
      NOT_ENCRYPTED,
      'UNABLE_TO_VERIFY',
      () => ({ ca: foreignAuthority().certificate }),
    ],
    [
      'a certificate for another host',
      'ENGINE_UNAVAILABLE',
      NOT_ENCRYPTED,
      'ERR_TLS_CERT_ALTNAME_INVALID',
      async () => ({ server: `https://127.0.0.2:${(await startPassthrough(tlsPort(), '127.0.0.2')).port}` }),
    ],
    [
      'a port without TLS',
      'ENGINE_UNAVAILABLE',
      NOT_ENCRYPTED,
      'EPROTO',
      () => ({ server: `https://localhost:${plainPort()}` }),
    ],
    [
      'a port where nobody listens',
      'ENGINE_UNAVAILABLE',
      /cannot be reached/,
      'ECONNREFUSED',
      () => ({ server: 'https://localhost:9' }),
    ],
    [
      'a host that there is not',
      'ENGINE_UNAVAILABLE',
      /cannot be reached/,
      'E',
      () => ({ server: 'https://trino.invalid:8443' }),
    ],
    [
      'authorities that are none',
      'BAD_SETTING',
      /`ca` holds no certificate/,
      '',
      () => ({ ca: tlsFile('jwt-public.pem') }),
    ],
  ])('%s is %s', async (_, code, message, cause, given) => {
    const options = withPassword(await given());
    const error = await refusalOf(options);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    if (code === 'BAD_SETTING') return;
    expect(error.message).toContain(`server ${options.server ?? 'https://localhost'}`);
    expect(rootOf(error)).toContain(cause);
  });

  test('plain http to the port of TLS', async () => {
    const error = await refusalOf({ server: `http://localhost:${tlsPort()}` });
    expect(error.code).toBe('ENGINE_UNAVAILABLE');
  });

  test.each<[string, () => Promise<Partial<TrinoOptions>>]>([
    ['a password', async () => ({ auth: password(rightPassword()) })],
    ['a token', async () => ({ auth: token(await sign()) })],
    ['a password, with impersonation', async () => ({ auth: password(rightPassword()), impersonate: true })],
  ])('over plain http %s is refused before anything is sent', async (_, given) => {
    const passage = await startPassthrough(plainPort());
    const error = await refusalOf({ ...(await given()), server: `http://127.0.0.1:${passage.port}` });
    expect(error).toMatchObject({
      code: 'BAD_SETTING',
      message: expect.stringMatching(/unencrypted. Use https, or set `allowInsecureAuth`/),
    });
    expect([passage.connections, passage.sent]).toEqual([0, 0]);
  });

  test('a balancer that ends TLS and does not tell Trino: nothing goes to the plain addresses that Trino gives', async () => {
    const server = await startTlsEnd();
    const origin = `https://localhost:${server.port}`;
    const refused = await refusalOf({ auth: password(rightPassword()), server: origin });
    expect(rootOf(refused)).toContain('Password not allowed for insecure authentication');
    const lost = await refusalOf({ auth: ownCertificate(), server: origin });
    expect(lost).toMatchObject({ code: 'ENGINE_UNAVAILABLE', message: expect.stringMatching(/`trustedOrigins`/) });
    expect(rootOf(lost)).toBe(`nextUri is at http://localhost:${server.port}`);
    expect(server.paths.every((path) => path === '/v1/statement')).toBe(true);
  });
});

/** What stands at the end of the causes. */
function rootOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined
    ? rootOf(error.cause)
    : error instanceof Error
      ? error.message
      : String(error);
}

/** Takes TLS off, as balancers do, and passes requests on to the port that asks for nothing, as they came. */
async function startTlsEnd(): Promise<{ readonly port: number; readonly paths: readonly string[] }> {
  const paths: string[] = [];
  const server = createServer({ key: tlsFile('server.key'), cert: tlsFile('server.crt') }, (asked, answered) => {
    paths.push(asked.url ?? '');
    const { method, headers, url: path } = asked;
    const on = request({ host: '127.0.0.1', port: plainPort(), method, path, headers }, (reply) => {
      answered.writeHead(reply.statusCode ?? 500, reply.headers);
      reply.pipe(answered);
    });
    asked.pipe(on);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  later(() => server.close());
  // A server that listens on TCP has an address of this kind.
  return { port: (server.address() as AddressInfo).port, paths };
}

const throughPassage = ({ port }: Passthrough): Partial<TrinoOptions> => ({ server: `https://localhost:${port}` });

/** Requests to a port while something goes on. */
async function requestsTo(port: number, work: () => Promise<unknown>): Promise<number> {
  let requests = 0;
  const count = (message: unknown) => {
    const { request: sent } = message as { readonly request: ClientRequest }; // as node documents the channel
    if (sent.getHeader('host') === `localhost:${port}`) requests += 1;
  };
  subscribe('http.client.request.start', count);
  try {
    await work();
  } finally {
    unsubscribe('http.client.request.start', count);
  }
  return requests;
}

const MANY_PAGES = { sql: 'select * from tpch.tiny.lineitem', parameters: [] };

describeSecure('connections over TLS', () => {
  test.each<[string, () => Promise<Partial<TrinoOptions>>]>([
    ['a password', async () => ({ auth: password(rightPassword()) })],
    ['a token', async () => ({ auth: token(await sign()) })],
    ['a certificate', async () => ({ auth: ownCertificate() })],
  ])('with %s, one after the other: many pages, one connection', async (_, given) => {
    const passage = await startPassthrough(tlsPort());
    await withSecure({ ...throughPassage(passage), ...(await given()) }, async (engine) => {
      const requests = await requestsTo(passage.port, async () => {
        expect((await engine.query(MANY_PAGES)).rows).toHaveLength(60_175);
        for (let i = 0; i < 20; i += 1) expect(await currentUser(engine)).toBe('liftql');
      });
      expect(requests).toBeGreaterThan(60);
      expect(passage.connections).toBe(1);
    });
  });

  test('at once: no more than may run', async () => {
    const passage = await startPassthrough(tlsPort());
    const options = withPassword({ ...throughPassage(passage), concurrency: 4 });
    await withSecure(options, async (engine) => {
      const requests = await requestsTo(passage.port, () =>
        Promise.all(Array.from({ length: 40 }, () => currentUser(engine))),
      );
      expect(requests).toBeGreaterThan(100);
      expect(passage.connections).toBeLessThanOrEqual(4);
    });
  });

  test('that were ended meanwhile are made again', async () => {
    const passage = await startPassthrough(tlsPort());
    await withSecure(withPassword(throughPassage(passage)), async (engine) => {
      for (let i = 0; i < 5; i += 1) {
        passage.drop();
        expect(await currentUser(engine)).toBe('liftql');
      }
      expect(passage.connections).toBe(6);
    });
  });

  test('a certificate is asked for again when the connection is made again', async () => {
    const passage = await startPassthrough(tlsPort());
    await withSecure({ ...throughPassage(passage), auth: ownCertificate() }, async (engine) => {
      for (let i = 0; i < 5; i += 1) {
        passage.drop();
        expect(await currentUser(engine)).toBe('liftql');
      }
    });
  });
});
