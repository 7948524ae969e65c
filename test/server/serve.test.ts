import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { describe, expect, test, vi } from 'vitest';
import { readAddress, urlOf } from '../../src/server/address.ts';
import { createHttpServer } from '../../src/server/http-server.ts';
import { listen } from '../../src/server/listen.ts';
import { createLogger } from '../../src/server/logger.ts';
import { shutDown, stopOnSignal } from '../../src/server/shut-down.ts';
import { folderWith } from '../support/service.ts';
import { serveTiny, TINY } from './support.ts';

function liftql(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, ...env },
  });
}

/** How a call ended and what it said. */
async function ended(child: ChildProcess) {
  const [out, err, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'exit')]);
  return { code, out, err };
}

async function taken(): Promise<{ readonly port: number; close(): void }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

describe('an address', () => {
  test.each([
    [{}, {}, { host: '127.0.0.1', port: 4000 }],
    [{}, { HOST: '0.0.0.0', PORT: '80' }, { host: '0.0.0.0', port: 80 }],
    [
      { host: '::1', port: '0' },
      { HOST: '0.0.0.0', PORT: 'x' },
      { host: '::1', port: 0 },
    ],
    [{}, { HOST: '', PORT: '' }, { host: '127.0.0.1', port: 4000 }],
  ])('%j with env %j is %j', (flags, env, expected) => {
    expect(readAddress(flags, env)).toEqual(expected);
  });

  test.each(['', 'x', '-1', '65536', '1.5', '1e3', ' 80', '0x50'])('port "%s" is refused', (port) => {
    expect(() => readAddress({ port }, {})).toThrow(/^--port is ".*", which is not a port\./);
  });

  test.each([
    [{ host: '0.0.0.0', port: 1 }, 'http://127.0.0.1:1'],
    [{ host: '::', port: 1 }, 'http://[::1]:1'],
    [{ host: 'here', port: 1 }, 'http://here:1'],
  ])('%j is reached at %s', (address, url) => {
    expect(urlOf(address)).toBe(url);
  });

  test('that is taken is told in a sentence', async () => {
    const { service } = await serveTiny();
    const { port, close } = await taken();
    const http = await createHttpServer(service, { logger: createLogger() });
    await expect(listen(http.app, { host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringMatching(`^Port ${port} of 127.0.0.1 is in use. `),
    });
    await shutDown(http);
    close();
  });
});

describe.concurrent('liftql serve', () => {
  test('serves a folder, says what to try, and ends with 0 on SIGTERM', async () => {
    const child = liftql(['serve', folderWith(TINY), '--port', '0']);
    const end = ended(child);
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stdout! })) {
      said.push(line);
      if (line.includes('Experiments')) break;
    }
    const greeting = said.join('\n');
    const url = /http:\/\/127\.0\.0\.1:\d+(?=\/graphql)/.exec(greeting)![0];
    const [body] = /(?<= -d ')\{.*\}(?=')/.exec(greeting)!;
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(await response.json()).toMatchObject({
      data: { experiment: { summary: { treatments: [{ variant: { key: 'treatment' } }] } } },
    });
    expect(greeting).toMatch(/Experiments {2}button$/);
    child.kill('SIGTERM');
    expect(await end).toMatchObject({ code: 0, err: '' });
  });

  test.each([
    [
      'a port that is none',
      ['serve', 'metrics', '--port', '70000'],
      {},
      2,
      /^--port is "70000", which is not a port\. .*\n$/,
    ],
    ['a PORT that is none', ['serve', 'metrics'], { PORT: 'abc' }, 2, /^PORT is "abc", which is not a port\. .*\n$/],
    [
      'a folder that is not there',
      ['serve', '/nowhere/at-all', '--port', '0'],
      {},
      78,
      /^.*cannot be read: it does not exist\.\n$/,
    ],
    [
      'a limit that is none',
      ['serve', folderWith(TINY), '--port', '0'],
      { LIFTQL_MAX_CELLS: 'many' },
      1,
      /^LIFTQL_MAX_CELLS holds "many", .*\n$/,
    ],
    [
      'a host that is none of ours',
      ['serve', folderWith(TINY), '--port', '0', '--host', '192.0.2.1'],
      {},
      1,
      /^192\.0\.2\.1 is not an address of this machine\. .*\n$/,
    ],
    [
      'demo data that cannot be made',
      ['serve', '--port', '0'],
      { LIFTQL_DEMO_DB: '/dev/null/demo.duckdb' },
      1,
      /^Making .*\nThe demo's data could not be made in .*\n$/,
    ],
  ])('%s is one sentence and an exit code', async (_, args, env, code, sentence) => {
    const end = await ended(liftql(args, env));
    expect(end).toMatchObject({ code, out: '' });
    expect(end.err).toMatch(sentence);
  });

  test('tells every fault of a catalog', async () => {
    const catalog = 'metrics:\n  a: { type: mea }\n  b: { agregation: 1 }\n';
    const { code, err } = await ended(liftql(['serve', folderWith(catalog), '--port', '0']));
    expect(code).toBe(78);
    expect(err.trim().split('\n')).toEqual([
      expect.stringMatching(/^catalog\.yaml:2:\d+: /),
      expect.stringMatching(/^catalog\.yaml:3:\d+: /),
    ]);
  });

  test('tells that its port is in use', async () => {
    const { port, close } = await taken();
    const { code, out, err } = await ended(liftql(['serve', folderWith(TINY), '--port', String(port)]));
    close();
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^Port \d+ of 127\.0\.0\.1 is in use\. .*\n$/);
  });
});

test('a second signal does not wait for the first one to be done', () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation((() => {}) as unknown as typeof process.exit); // the test goes on
  const others = { SIGTERM: process.listeners('SIGTERM'), SIGINT: process.listeners('SIGINT') };
  process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT');
  try {
    let stops = 0;
    stopOnSignal(
      () => {
        stops += 1;
        return new Promise(() => {});
      },
      () => {},
    );
    process.emit('SIGTERM', 'SIGTERM');
    expect([stops, exit.mock.calls]).toEqual([1, []]);
    process.emit('SIGINT', 'SIGINT');
    expect([stops, exit.mock.calls]).toEqual([1, [[130]]]);
  } finally {
    process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT');
    for (const listener of others.SIGTERM) process.on('SIGTERM', listener);
    for (const listener of others.SIGINT) process.on('SIGINT', listener);
    exit.mockRestore();
  }
});
