import { request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { MetricLayerError } from '../../src/core/errors.ts';
import { type Pretence, pretendTrino } from '../support/pretend-trino.ts';
import { codesOf, overHttp, serveTiny } from './support.ts';

const UNITS = '{ experiment(key: "button") { assignments { units } } }';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function served(pretence: Pretence = {}) {
  const tiny = await serveTiny();
  const { service, asked } = pretendTrino(tiny.service, pretence);
  const http = await overHttp(service);
  const post = (headers: Readonly<Record<string, string>> = {}, query = UNITS) =>
    http.send('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query }),
    });
  return { ...http, post, asked };
}

describe('the id of a request', () => {
  test('is the one it came with, in the answer and on the engine', async () => {
    const { post, asked } = await served();
    const answer = await post({ 'x-request-id': 'req:7f/A=b@c.d-e_f' });
    expect(answer.headers.get('x-request-id')).toBe('req:7f/A=b@c.d-e_f');
    expect(asked.map(({ options }) => options.labels)).toEqual([
      { requestId: 'req:7f/A=b@c.d-e_f', purpose: 'assignments' },
    ]);
  });

  test.each([{}, { 'x-request-id': '' }, { 'x-request-id': 'a b' }, { 'x-request-id': 'x'.repeat(129) }])(
    'is a new one otherwise: %j',
    async (headers) => {
      const { post, asked } = await served();
      const id = (await post(headers)).headers.get('x-request-id');
      expect(id).toMatch(UUID);
      expect(asked[0]!.options.labels?.requestId).toBe(id);
    },
  );

  test('is in every answer, and beside the failures in the log', async () => {
    const { send, post, log } = await served({
      query: () =>
        Promise.reject(new MetricLayerError('ENGINE_UNAVAILABLE', 'Down.', { cause: new Error('ECONNREFUSED') })),
    });
    for (const path of ['/livez', '/nothing', '/graphql'])
      expect((await send(path)).headers.get('x-request-id')).toMatch(UUID);
    await post({ 'x-request-id': 'seven' });
    expect(log()).toEqual([
      expect.objectContaining({ code: 'ENGINE_UNAVAILABLE', requestId: 'seven', cause: 'ECONNREFUSED' }),
    ]);
  });
});

describe('the user of a request', () => {
  const settings = { impersonate: { header: 'x-forwarded-user' } };

  test('is whom the configured header names', async () => {
    const { post, asked } = await served({ settings });
    expect(codesOf(await post({ 'X-Forwarded-User': 'ann@example.com' }))).toEqual([]);
    expect(asked[0]!.options.user).toBe('ann@example.com');
  });

  test.each([
    ['missing', {}],
    ['in another header', { 'x-user': 'ann' }],
    ['empty', { 'x-forwarded-user': '' }],
    ['blank', { 'x-forwarded-user': '  ' }],
    ['several', { 'x-forwarded-user': 'ann, bob' }],
    ['too long', { 'x-forwarded-user': 'a'.repeat(201) }],
    ['no ASCII', { 'x-forwarded-user': 'ann\u00e9' }],
    ['cut by a tab', { 'x-forwarded-user': 'an\tn' }],
  ])('is refused where it is %s, before anything runs', async (_, headers) => {
    const { post, asked } = await served({ settings });
    const answer = await post(headers);
    expect([answer.status, codesOf(answer), asked]).toEqual([401, ['UNAUTHENTICATED'], []]);
    expect(answer.json.errors[0].message).toContain('x-forwarded-user');
    expect(answer.text).not.toContain('ann');
  });

  test('is refused where the header is there twice', async () => {
    const { url, asked } = await served({ settings });
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(`${url}/graphql`, { method: 'POST' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      request.setHeader('content-type', 'application/json');
      request.setHeader('x-forwarded-user', ['mallory', 'ann']);
      request.end(JSON.stringify({ query: UNITS }));
    });
    expect([status, asked]).toEqual([401, []]);
  });

  test('is nobody where no header is configured, whatever is sent', async () => {
    const { post, asked } = await served();
    await post({ 'x-forwarded-user': 'ann' });
    expect(asked[0]!.options.user).toBeNull();
  });

  test('is not needed by the page and the probes, and the engine is probed as the service', async () => {
    const { send, asked } = await served({ settings });
    const statuses = await Promise.all(['/', '/livez', '/readyz'].map(async (path) => (await send(path)).status));
    expect(statuses).toEqual([200, 200, 200]);
    expect(asked.map(({ options }) => [options.user, options.labels])).toEqual([['liftql', { purpose: 'readiness' }]]);
  });
});

describe('the scan budget of a request', () => {
  const estimate = () => ({ rows: null, bytes: 10e9 });

  test.each([
    ['9GB', ['SCAN_BUDGET_EXCEEDED']],
    ['10 GB', []],
  ])('%s', async (budget, codes) => {
    const { post } = await served({ estimate });
    const answer = await post({ 'x-liftql-scan-budget': budget });
    expect([answer.status, codesOf(answer)]).toEqual([200, codes]);
  });

  test('cannot raise that of the catalog; what is refused is logged', async () => {
    const settings = { scanBudget: { bytes: 1e9, rows: null, unknown: 'refuse' } } as const;
    const { post, log } = await served({ settings, estimate });
    expect(codesOf(await post({ 'x-liftql-scan-budget': '1PB' }))).toEqual(['SCAN_BUDGET_EXCEEDED']);
    expect(log()).toEqual([expect.objectContaining({ code: 'SCAN_BUDGET_EXCEEDED', estimatedBytes: 10e9 })]);
  });

  test.each(['', '0', 'much', '1GB, 2GB'])('that is no size is refused: %j', async (budget) => {
    const { post, asked } = await served({ estimate });
    const answer = await post({ 'x-liftql-scan-budget': budget });
    expect([answer.status, codesOf(answer), asked]).toEqual([400, ['BAD_USER_INPUT'], []]);
  });
});

test('a client that goes while its budget is checked is waited for by nobody', async () => {
  let asked = () => {};
  const estimating = new Promise<void>((resolve) => {
    asked = resolve;
  });
  let left = () => {};
  const aborted = new Promise<void>((resolve) => {
    left = resolve;
  });
  const { url } = await served({
    settings: { scanBudget: { bytes: 1, rows: null, unknown: 'refuse' } },
    estimate: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => {
          left();
          reject(new MetricLayerError('ENGINE_CANCELLED', 'Cancelled.'));
        });
        asked();
      }),
  });
  const client = new AbortController();
  const response = fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: UNITS }),
    signal: client.signal,
  });
  await estimating;
  client.abort();
  await expect(response).rejects.toThrow();
  await aborted;
});
