import { describe, expect, test, vi } from 'vitest';
import { MetricLayerError } from '../../src/core/errors.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { Readiness } from '../../src/server/readiness.ts';
import { onEngine, overHttp, serveTiny } from './support.ts';

describe('/readyz', () => {
  test('is 200 with the catalog that is served, until the service drains', async () => {
    const tiny = await serveTiny();
    expect([(await tiny.send('/livez')).status, (await tiny.send('/readyz')).json]).toEqual([
      200,
      { status: 'ready', engine: 'ok', catalogHash: tiny.service.catalog().hash },
    ]);
    tiny.http.startDraining();
    const draining = await tiny.send('/readyz');
    expect([draining.status, draining.json.status]).toEqual([503, 'draining']);
    expect((await tiny.send('/livez')).status).toBe(200);
  });

  test('is 503 while the engine is down, and /livez is not', async () => {
    const { service } = await serveTiny();
    const down = await overHttp(
      onEngine(service, () => Promise.reject(new MetricLayerError('ENGINE_UNAVAILABLE', 'Down.'))),
    );
    const ready = await down.send('/readyz');
    expect([ready.status, ready.json.status, ready.json.reason]).toEqual([503, 'unready', 'ENGINE_UNAVAILABLE']);
    expect((await down.send('/livez')).status).toBe(200);
  });
});

describe('the engine is asked', () => {
  const engineThat = (query: () => Promise<never>) => ({ query }) as unknown as Engine; // only query is called

  test('at most once in five seconds', async () => {
    let [asked, now] = [0, 0];
    const readiness = new Readiness(
      engineThat(() => {
        asked += 1;
        return Promise.reject(new Error('down'));
      }),
      { now: () => now },
    );
    await Promise.all([readiness.engine(), readiness.engine()]);
    now = 4_999;
    await readiness.engine();
    expect(asked).toBe(1);
    now = 5_000;
    expect(await readiness.engine()).toEqual({ state: 'down', reason: 'ENGINE_FAILED' });
    expect(asked).toBe(2);
  });

  test.each(['ENGINE_OVERLOADED', 'ENGINE_TIMEOUT'])('and one that says %s is busy, not down', async (code) => {
    const readiness = new Readiness(engineThat(() => Promise.reject(new MetricLayerError(code, 'Busy.'))));
    expect(await readiness.engine()).toEqual({ state: 'busy', reason: code });
  });

  test('and one that never answers is down after three seconds', async () => {
    vi.useFakeTimers();
    try {
      const health = new Readiness(engineThat(() => new Promise(() => {}))).engine();
      await vi.advanceTimersByTimeAsync(2_999);
      expect(await health).toEqual({ state: 'down', reason: 'ENGINE_UNAVAILABLE' });
    } finally {
      vi.useRealTimers();
    }
  });

  test('and one that could not be reached in time is down, not busy', async () => {
    const cause = new MetricLayerError('ENGINE_UNAVAILABLE', 'Connection refused.');
    const readiness = new Readiness(
      engineThat(() => Promise.reject(new MetricLayerError('ENGINE_TIMEOUT', 'No answer.', { cause }))),
    );
    expect(await readiness.engine()).toEqual({ state: 'down', reason: 'ENGINE_UNAVAILABLE' });
  });
});
