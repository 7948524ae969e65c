import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { TRINO_DEFAULTS } from '../../../src/engine/trino/options.ts';
import { openTrino } from '../../../src/engine/trino/trino.ts';
import { type Answer, engineOn, eventually, page, rows, SELECT, scriptedTrino } from './scripted-trino.ts';

describe('a query', () => {
  test('gives the rows of all pages, that of the statement among them', async () => {
    const server = await scriptedTrino(({ path }, _, origin) => {
      if (path === '/v1/statement') return page(origin, 1, rows(1));
      if (path.endsWith('/1')) return page(origin, 2);
      if (path.endsWith('/2')) return page(origin, 3, rows('9007199254740993', 3));
      return page(origin, null, { ...rows(4), stats: { state: 'FINISHED', processedRows: 4, processedBytes: 32 } });
    });
    const engine = await engineOn(server);
    const result = await engine.query(SELECT);
    expect(result).toStrictEqual({
      rows: [{ n: 1 }, { n: '9007199254740993' }, { n: 3 }, { n: 4 }],
      elapsedMs: expect.any(Number),
      engineQueryId: 'q',
      scannedRows: 4,
      scannedBytes: 32,
    });
    expect(server.trail()).toStrictEqual([
      'POST /v1/statement',
      'GET /v1/statement/q/1',
      'GET /v1/statement/q/2',
      'GET /v1/statement/q/3',
    ]);
  });

  test('carries nothing over from the one before', async () => {
    const server = await scriptedTrino((_, __, origin) => ({
      ...(page(origin, null, rows(1)) as object),
      headers: { 'X-Trino-Set-Session': 'x=1', 'X-Trino-Set-Schema': 'other', 'X-Trino-Added-Prepare': 'p=select' },
    }));
    const engine = await engineOn(server);
    await engine.query(SELECT);
    await engine.query(SELECT);
    const [first, second] = server.requests.map(({ headers }) => headers);
    expect(second).toStrictEqual(first);
    expect(second).toMatchObject({ 'x-trino-time-zone': 'UTC', 'user-agent': 'liftql', 'x-trino-user': 'liftql' });
  });

  test('runs as the user of the request when the engine impersonates, and not at all without one', async () => {
    const server = await scriptedTrino(({ method }, _, origin) =>
      method === 'POST' ? page(origin, 1) : page(origin, null, rows(1)),
    );
    const auth = { kind: 'password', password: () => 'hunter2' } as const;
    const engine = await engineOn(server, { impersonate: true, user: 'svc', auth, allowInsecureAuth: true });
    await engine.query(SELECT, { user: 'ada' });
    for (const { headers } of server.requests) {
      expect(headers).toMatchObject({
        'x-trino-user': 'ada',
        authorization: `Basic ${Buffer.from('svc:hunter2').toString('base64')}`,
      });
    }
    await expect(engine.query(SELECT)).rejects.toMatchObject({ code: 'ENGINE_UNAUTHORIZED' });
    await engine.describe(SELECT);
    expect(server.requests.at(-1)!.headers['x-trino-user']).toBe('svc');
  });

  test('reads its token anew, and once more when it has run out', async () => {
    let token = 'first';
    const server = await scriptedTrino(({ method, headers }, _, origin) => {
      if (headers.authorization === 'Bearer second') token = 'third';
      if (headers.authorization !== `Bearer ${token}`) return { status: 401, body: 'Expired' };
      return method === 'POST' ? page(origin, 1) : page(origin, null, rows(1));
    });
    const engine = await engineOn(server, {
      auth: { kind: 'jwt', token: () => `${token}\n` },
      allowInsecureAuth: true,
    });
    token = 'second';
    await expect(engine.query(SELECT)).resolves.toMatchObject({ rows: [{ n: 1 }] });
    expect(server.requests.map(({ headers }) => headers.authorization)).toStrictEqual([
      'Bearer second',
      'Bearer third',
      'Bearer third',
    ]);
  });

  test('goes no further than its server and what is trusted', async () => {
    const foreign = await scriptedTrino(() => ({ body: {} }));
    const server = await scriptedTrino(() => ({ body: { id: 'q', nextUri: `${foreign.origin}/v1/statement/q/1` } }));
    const engine = await engineOn(server);
    await expect(engine.query(SELECT)).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    expect(foreign.requests).toHaveLength(0);
    const trusting = await engineOn(server, { trustedOrigins: [foreign.origin] });
    await expect(trusting.query(SELECT)).rejects.toThrow(/which query/);
    await eventually(() => foreign.requests.map(({ method }) => method).join() === 'GET,DELETE');
  });
});

describe('a query that is left', () => {
  const endless = () =>
    scriptedTrino(({ method, path }, _, origin) => {
      if (method === 'DELETE') return { status: 204 };
      return path === '/v1/statement' ? page(origin, 1, rows(1)) : 'hang';
    });

  test('by its caller is cancelled, as the same user', async () => {
    const server = await endless();
    const engine = await engineOn(server, { impersonate: true });
    const caller = new AbortController();
    const running = engine.query(SELECT, { signal: caller.signal, user: 'ada' });
    await eventually(() => server.requests.length === 2);
    caller.abort();
    await expect(running).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
    await eventually(() => server.trail().at(-1) === 'DELETE /v1/statement/q/1');
    expect(server.requests.at(-1)!.headers['x-trino-user']).toBe('ada');
  });

  test('before it began is not sent', async () => {
    const server = await endless();
    const engine = await engineOn(server);
    const running = engine.query(SELECT, { signal: AbortSignal.abort() });
    await expect(running).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
    expect(server.requests).toHaveLength(0);
  });

  test('before Trino answered ends at once, and what Trino made of it is cancelled', async () => {
    let answer: (answer: Answer) => void = () => {};
    const server = await scriptedTrino(({ method }) =>
      method === 'DELETE' ? { status: 204 } : new Promise((resolve) => (answer = resolve)),
    );
    const engine = await engineOn(server);
    const caller = new AbortController();
    const running = engine.query(SELECT, { signal: caller.signal });
    await eventually(() => server.requests.length === 1);
    caller.abort();
    await expect(running).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
    expect(server.requests).toHaveLength(1);
    answer(page(server.origin, 7));
    await eventually(() => server.trail().at(-1) === 'DELETE /v1/statement/q/7');
  });

  test('by the clock ends in time and is cancelled', async () => {
    const server = await endless();
    const engine = await engineOn(server);
    const started = performance.now();
    await expect(engine.query(SELECT, { timeoutMs: 200 })).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
    expect(performance.now() - started).toBeLessThan(450);
    await eventually(() => server.trail().at(-1) === 'DELETE /v1/statement/q/1');
  });

  test('by the closing of the engine is cancelled before that ends; nothing comes after', async () => {
    const server = await endless();
    const engine = await engineOn(server);
    const running = engine.query(SELECT);
    const ended = expect(running).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
    await eventually(() => server.requests.length === 2);
    await engine.close();
    await ended;
    expect(server.trail().at(-1)).toBe('DELETE /v1/statement/q/1');
    await expect(engine.query(SELECT)).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
    expect(server.requests).toHaveLength(3);
  });

  test('is cancelled even when that fails at first', async () => {
    const server = await scriptedTrino(({ method }, count, origin) => {
      if (method === 'DELETE') return count < 3 ? { status: 503 } : { status: 204 };
      return page(origin, 1, count === 1 ? rows('x') : {});
    });
    const engine = await engineOn(server);
    await expect(engine.query(SELECT)).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    await eventually(() => server.trail().filter((step) => step.startsWith('DELETE')).length === 3);
  });

  test.each<[string, Partial<typeof TRINO_DEFAULTS>]>([
    ['rows', { maxRows: 2 as never }],
    ['bytes', { maxPageBytes: 300 as never }],
  ])('for too many %s is cancelled and never cut', async (_, limits) => {
    const server = await scriptedTrino(({ method, path }, __, origin) => {
      if (method === 'DELETE') return { status: 204 };
      return path === '/v1/statement' ? page(origin, 1) : page(origin, 2, rows(...Array(100).fill(1)));
    });
    const engine = await engineOn(server, limits);
    await expect(engine.query(SELECT)).rejects.toMatchObject({ code: 'ENGINE_RESULT_TOO_LARGE' });
    await eventually(() => server.trail().at(-1)!.startsWith('DELETE'));
  });

  test('by Trino itself is not', async () => {
    const error = { message: 'line 1:8: Division by zero', errorName: 'DIVISION_BY_ZERO', errorType: 'USER_ERROR' };
    const server = await scriptedTrino(({ path }, _, origin) =>
      path === '/v1/statement' ? page(origin, 1) : page(origin, null, { error, ...rows(1) }),
    );
    const engine = await engineOn(server);
    await expect(engine.query(SELECT)).rejects.toMatchObject({
      code: 'ENGINE_FAILED',
      details: { reason: 'Division by zero' },
    });
    await engine.close();
    expect(server.trail()).toStrictEqual(['POST /v1/statement', 'GET /v1/statement/q/1']);
  });
});

describe('the queue', () => {
  test('lets so many run, keeps so many waiting and refuses the rest', async () => {
    let release: () => void = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const server = await scriptedTrino(async (_, __, origin) => {
      await gate;
      return page(origin, null, rows(1));
    });
    const engine = await engineOn(server, { concurrency: 2, queue: 1 });
    const running = [engine.query(SELECT), engine.query(SELECT), engine.query(SELECT)];
    await expect(engine.query(SELECT)).rejects.toMatchObject({ code: 'ENGINE_OVERLOADED' });
    await eventually(() => server.requests.length === 2);
    release();
    await expect(Promise.all(running)).resolves.toHaveLength(3);
  });

  test('counts for the time of a query', async () => {
    const server = await scriptedTrino(() => 'hang');
    const engine = await engineOn(server, { concurrency: 1 });
    const first = expect(engine.query(SELECT, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
    await expect(engine.query(SELECT, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
    await first;
    expect(server.requests).toHaveLength(1);
  });
});

describe('opening', () => {
  const open = (options: Partial<Parameters<typeof openTrino>[0]>) =>
    openTrino({ ...TRINO_DEFAULTS, server: 'http://127.0.0.1:9', ...options });

  test('tells that nobody answers, and where', async () => {
    await expect(open({})).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringContaining('http://127.0.0.1:9'),
    });
  });

  test('is refused where Trino runs everything as one user', async () => {
    const server = await scriptedTrino(() => ({ body: {} }), 'everyone');
    await expect(engineOn(server, { impersonate: true })).rejects.toMatchObject({
      code: 'ENGINE_UNAUTHORIZED',
      message: expect.stringMatching(/as liftql-probe, but ran it as everyone/),
    });
    // A cluster may map users, so that the name alone says nothing.
    await expect(engineOn(server)).resolves.toBeDefined();
  });

  test('refuses settings before anything is sent', async () => {
    const auth = { kind: 'jwt', token: () => 'x' } as const;
    await expect(open({ auth })).rejects.toMatchObject({ code: 'BAD_SETTING' });
  });
});

describe('secrets', () => {
  const PASSWORD = 'hunter2-p%ss wörd';
  const BASIC = Buffer.from(`svc:${PASSWORD}`).toString('base64');

  const echo = (fields: Record<string, unknown>): Answer => ({ body: { id: 'q', ...fields } });
  const failing: readonly [string, (authorization: string) => Answer][] = [
    ['a refusal', (authorization) => ({ status: 401, body: `No: ${authorization} ${PASSWORD}` })],
    ['a fault of the server', (authorization) => ({ status: 500, body: authorization })],
    ['an error of the query', (authorization) => echo({ error: { message: authorization, errorName: PASSWORD } })],
    ['a bad page', (authorization) => echo({ nextUri: `http://${authorization}@evil.test/` })],
    ['another id', (authorization) => ({ body: { id: authorization, nextUri: 1 } })],
    ['a redirect', (authorization) => ({ status: 302, headers: { location: `http://x/${authorization}` } })],
    ['a cut connection', () => 'cut'],
    ['no answer', () => 'hang'],
  ];

  test.each(failing)('are in no error after %s', async (_, answer) => {
    const server = await scriptedTrino(({ headers }) => answer(headers.authorization!));
    const engine = await engineOn(server, {
      user: 'svc',
      auth: { kind: 'password', password: () => PASSWORD },
      allowInsecureAuth: true,
      exchangeMs: 100,
    });
    const error: unknown = await engine.query(SELECT, { timeoutMs: 500 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: expect.stringMatching(/^ENGINE_/) });
    const shown = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error);
    for (const secret of [PASSWORD, BASIC, 'Authorization', 'authorization']) expect(shown).not.toContain(secret);
  });

  test('that cannot be read are told of without what is known of them', async () => {
    const server = await scriptedTrino(() => ({ body: {} }));
    const password = () => {
      throw Object.assign(new Error(`ENOENT ${PASSWORD}`), { code: 'ENOENT' });
    };
    const opening = engineOn(server, { auth: { kind: 'password', password }, allowInsecureAuth: true });
    const error: unknown = await opening.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'ENGINE_UNAUTHORIZED', message: expect.stringContaining('ENOENT') });
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(PASSWORD);
  });
});
