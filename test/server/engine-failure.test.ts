import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MetricLayerError } from '../../src/core/errors.ts';
import type { QueryOptions } from '../../src/engine/engine.ts';
import { shutDown } from '../../src/server/shut-down.ts';
import { codesOf, onEngine, overHttp, serveTiny } from './support.ts';

const PAGE = `{
  experiment(key: "button") {
    name
    sampleRatioMismatch { pValue }
    results(filter: { roles: [GOAL] }) { nodes { metric { name } control { variant { key } mean } lift { value unknown } } }
  }
}`;

describe('a statement that fails', () => {
  test('nulls its fields with a code; the page stays, and only the log says why', async () => {
    const tiny = await serveTiny();
    rmSync(join(tiny.directory, 'events.csv'));
    const answer = await tiny.ask(PAGE);
    expect(answer.status).toBe(200);
    const { experiment } = answer.json.data;
    expect(experiment.sampleRatioMismatch.pValue).toBe(1);
    expect(experiment.results.nodes.map((node: { control: unknown }) => node.control)).toEqual([
      { variant: { key: 'control' }, mean: null },
      { variant: { key: 'control' }, mean: null },
    ]);
    expect(new Set(codesOf(answer))).toEqual(new Set(['ENGINE_FAILED']));
    expect(answer.text).not.toMatch(/events\.csv|\/tmp|select /i);
    expect(answer.json.errors[0].path.slice(0, 2)).toEqual(['experiment', 'results']);
    const logged = tiny.log().filter(({ code }) => code === 'ENGINE_FAILED');
    expect(JSON.stringify(logged)).toContain('events.csv');
  });

  test('harms no other metric', async () => {
    const tiny = await serveTiny();
    rmSync(join(tiny.directory, 'returns.csv'));
    const { json } = await tiny.ask(
      '{ experiment(key: "button") { results { nodes { metric { name } treatment { mean } } } } }',
    );
    const means = json.data.experiment.results.nodes.map(
      (node: { metric: { name: string }; treatment: { mean: number | null } }) => [
        node.metric.name,
        node.treatment.mean !== null,
      ],
    );
    expect(means).toEqual([
      ['revenue', true],
      ['buyers', true],
      ['returned', false],
    ]);
  });
});

test('what nobody meant to throw is masked, with an id that the log has', async () => {
  const { service } = await serveTiny();
  const tiny = await overHttp(onEngine(service, () => Promise.reject(new TypeError('secret: /etc/passwd'))));
  const answer = await tiny.ask('{ experiment(key: "button") { name assignments { units } } }');
  expect([answer.status, answer.json.data]).toEqual([200, { experiment: { name: 'button', assignments: null } }]);
  const [error] = answer.json.errors;
  expect(Object.keys(error.extensions)).toEqual(['code', 'id']);
  expect(answer.text).not.toContain('secret');
  expect(tiny.log()).toMatchObject([{ id: error.extensions.id, err: { message: 'secret: /etc/passwd' } }]);
});

describe('a query that runs', () => {
  /** An engine whose queries end only when they are cancelled. */
  async function waiting(timeoutMs?: number) {
    let started = (_: QueryOptions) => {};
    let cancelled = () => {};
    const query = new Promise<QueryOptions>((resolve) => {
      started = resolve;
    });
    const cancel = new Promise<void>((resolve) => {
      cancelled = resolve;
    });
    const { service } = await serveTiny();
    const served = await overHttp(
      onEngine(service, (_, options) => {
        started(options);
        return new Promise((_, reject) => {
          options.signal?.addEventListener('abort', () => {
            cancelled();
            reject(new MetricLayerError('ENGINE_CANCELLED', 'Cancelled.'));
          });
        });
      }),
      timeoutMs,
    );
    return { served, query, cancel };
  }
  const body = JSON.stringify({ query: '{ experiment(key: "button") { assignments { units } } }' });

  test('is cancelled on the engine when the client goes', async () => {
    const { served, query, cancel } = await waiting();
    const client = new AbortController();
    const response = fetch(`${served.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: client.signal,
    });
    await query;
    expect(served.http.requests.size).toBe(1);
    client.abort();
    await expect(response).rejects.toThrow();
    await cancel;
    expect(served.http.requests.size).toBe(0);
  });

  test('is told how much time is left', async () => {
    const { served, query } = await waiting(5_000);
    const client = new AbortController();
    fetch(`${served.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: client.signal,
    }).catch(() => {});
    const { timeoutMs } = await query;
    client.abort();
    expect(timeoutMs).toBeGreaterThan(0);
    expect(timeoutMs).toBeLessThanOrEqual(5_000);
    expect(Number.isInteger(timeoutMs)).toBe(true);
  });

  test('may end while the service shuts down, and its connection with it', async () => {
    const { service } = await serveTiny();
    let started = () => {};
    const running = new Promise<void>((resolve) => {
      started = resolve;
    });
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const served = await overHttp(
      onEngine(service, async (statement, options) => {
        started();
        await gate;
        return service.engine.query(statement, options);
      }),
    );
    const answer = served.ask('{ experiment(key: "button") { assignments { units } } }');
    await running;
    const down = shutDown(served.http);
    go();
    const { json, headers } = await answer;
    expect([json, headers.get('connection')]).toEqual([
      { data: { experiment: { assignments: { units: 60 } } } },
      'close',
    ]);
    await down;
  });

  test('is cancelled by a shutdown that has waited long enough, and the client is told', async () => {
    const { served, query } = await waiting();
    const answer = served.ask('{ experiment(key: "button") { assignments { units } } }');
    await query;
    await shutDown(served.http, 0);
    expect(codesOf(await answer)).toEqual(['ENGINE_CANCELLED']);
    await expect(fetch(served.url)).rejects.toThrow();
  });
});

test('a request whose time is over says so', async () => {
  const { service } = await serveTiny();
  const tiny = await overHttp(service, 0);
  const answer = await tiny.ask('{ experiment(key: "button") { name assignments { units } } }');
  expect([answer.status, codesOf(answer), answer.json.data.experiment.name]).toEqual([
    200,
    ['ENGINE_TIMEOUT'],
    'button',
  ]);
});
