import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TRINO_DEFAULTS, type TrinoOptions } from '../../../src/engine/trino/options.ts';
import { openTrino } from '../../../src/engine/trino/trino.ts';

const COMMAND = 'openssl';

const WITHOUT_OPENSSL = (() => {
  try {
    execFileSync(COMMAND, ['version'], { stdio: 'ignore' });
    return false;
  } catch {
    return true;
  }
})();

// Makes its certificates with the openssl command.
describe.skipIf(WITHOUT_OPENSSL)('over https', () => {
  const folder = mkdtempSync(join(tmpdir(), 'liftql-tls-'));
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const authorizations: (string | undefined)[] = [];
  let server: Server;
  let connections = 0;
  let origin: string;

  beforeAll(async () => {
    const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'];
    const names = ['-addext', 'subjectAltName=DNS:localhost'];
    for (const name of ['server', 'client']) {
      const files = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.pem`)];
      execFileSync(COMMAND, [...request, ...names, ...files], { stdio: 'ignore' });
    }
    const tls = { key: read('server.key'), cert: read('server.pem'), ca: read('client.pem') };
    server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, (incoming, response) => {
      authorizations.push(incoming.headers.authorization);
      const { authorized } = incoming.socket as TLSSocket;
      const next = incoming.url === '/v1/statement' ? { nextUri: `${origin}/v1/statement/q/1` } : {};
      const columns = [{ name: 'certificate', type: 'boolean' }];
      incoming.resume();
      response.end(
        JSON.stringify({
          id: 'q',
          columns,
          stats: { state: 'nextUri' in next ? 'RUNNING' : 'FINISHED' },
          ...next,
          ...('nextUri' in next ? {} : { data: [[authorized]] }),
        }),
      );
    });
    server.on('connection', () => {
      connections += 1;
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server?.closeAllConnections();
    server?.close();
    rmSync(folder, { recursive: true });
  });

  const open = (options: Partial<TrinoOptions>) => openTrino({ ...TRINO_DEFAULTS, server: origin, ...options });
  const certificateSeen = async (options: Partial<TrinoOptions>) => {
    const engine = await open({ ca: read('server.pem'), ...options });
    const { rows } = await engine.query({ sql: 'select 1', parameters: [] }).finally(() => engine.close());
    return rows[0]!.certificate;
  };

  test('a server of an unknown authority is told nothing', async () => {
    const asked = authorizations.length;
    const auth = { kind: 'password', password: () => 'hunter2' } as const;
    await expect(open({ auth })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringContaining('`ca`'),
    });
    expect(authorizations).toHaveLength(asked);
  });

  test('a server under another name than its certificate has is told nothing', async () => {
    const asked = authorizations.length;
    const renamed = origin.replace('localhost', '127.0.0.1');
    await expect(open({ server: renamed, ca: read('server.pem') })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
    });
    expect(authorizations).toHaveLength(asked);
  });

  test('exchanges share a connection, and each carries the password', async () => {
    const before = { connections, exchanges: authorizations.length };
    const auth = { kind: 'password', password: () => 'hunter2' } as const;
    expect(await certificateSeen({ auth })).toBe(false);
    expect(connections - before.connections).toBe(1);
    expect(new Set(authorizations.slice(before.exchanges))).toStrictEqual(
      new Set([`Basic ${Buffer.from('liftql:hunter2').toString('base64')}`]),
    );
  });

  test('a certificate stands for the service', async () => {
    const auth = { kind: 'certificate', certificate: read('client.pem'), key: read('client.key') } as const;
    expect(await certificateSeen({ auth })).toBe(true);
  });

  test('plain http on the port of https is told of', async () => {
    await expect(
      open({ server: origin.replace('https', 'http').replace('localhost', '127.0.0.1') }),
    ).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  });
});
