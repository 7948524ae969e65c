import { expect, test } from 'vitest';
import { MetricLayerError } from '../../src/core/errors.ts';
import { urlOf } from '../../src/server/address.ts';
import { openWhenReachable } from '../../src/server/open-when-reachable.ts';
import { answerOf } from './support.ts';

const LOCAL = { host: '127.0.0.1', port: 0 };
const down = (message = 'Trino is down.') => new MetricLayerError('ENGINE_UNAVAILABLE', message);

/** Opens as the list says: an error is thrown, the rest is the service. */
function opening(...outcomes: readonly unknown[]) {
  const left = [...outcomes];
  const open = async () => {
    const outcome = left.shift();
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  return { open, left };
}

test('an engine that is there is opened at once, and nothing listens before', async () => {
  const { open } = opening('service');
  const said: string[] = [];
  const opened = await openWhenReachable(open, { address: LOCAL, tell: (line) => said.push(line) });
  expect(opened).toEqual({ service: 'service', address: LOCAL });
  expect(said).toEqual([]);
});

test('until the engine is there the process lives, is not ready, and says so', async () => {
  const said: string[] = [];
  let url = '';
  let release = (_: string) => {};
  const back = new Promise<string>((resolve) => {
    release = resolve;
  });
  const { open } = opening(down(), down(), down('Trino still starts.'));
  const trying = openWhenReachable(async () => (said.length < 2 ? open() : back), {
    // A port that is known before anything listens there.
    address: await freeAddress((address) => {
      url = urlOf(address);
    }),
    tell: (line) => said.push(line),
    everyMs: 20,
  });
  await expect
    .poll(() => said)
    .toEqual(['Trino is down. Trying again every 0.02 s.', 'Trino still starts. Trying again every 0.02 s.']);
  expect(await answerOf(await fetch(`${url}/livez`))).toMatchObject({ status: 200, json: { status: 'alive' } });
  expect(await answerOf(await fetch(`${url}/readyz`))).toMatchObject({
    status: 503,
    json: { status: 'unready', engine: 'down', reason: 'ENGINE_UNAVAILABLE' },
  });
  const asked = await answerOf(await fetch(`${url}/graphql`, { method: 'POST', body: '{}' }));
  expect(asked).toMatchObject({ status: 503, json: { errors: [{ extensions: { code: 'ENGINE_UNAVAILABLE' } }] } });
  expect(asked.text).not.toMatch(/Trino/);
  release('service');
  expect(await trying).toMatchObject({ service: 'service' });
  await expect(fetch(`${url}/livez`)).rejects.toThrow();
});

test.each([
  ['a catalog with faults', new MetricLayerError('CATALOG_INVALID', 'catalog.yaml:1:1')],
  [
    'a file that cannot be opened',
    new MetricLayerError('ENGINE_UNAVAILABLE', 'No file.', { details: { permanent: true } }),
  ],
  ['a refused password', new MetricLayerError('ENGINE_UNAUTHORIZED', 'Wrong password.')],
])('%s is not waited for, at the start or later', async (_, fault) => {
  for (const outcomes of [[fault], [down(), fault]]) {
    const { open, left } = opening(...outcomes, 'service');
    await expect(openWhenReachable(open, { address: LOCAL, tell: () => {}, everyMs: 1 })).rejects.toBe(fault);
    expect(left).toEqual(['service']);
  }
});

async function freeAddress(use: (address: typeof LOCAL) => void): Promise<typeof LOCAL> {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  use({ ...LOCAL, port });
  return { ...LOCAL, port };
}
