import { describe, expect, test, vi } from 'vitest';
import { MetricLayerError } from '../../src/core/errors.ts';
import type { Engine, QueryOptions, QueryResult } from '../../src/engine/engine.ts';
import { createRunner } from '../../src/evaluate/single-flight.ts';

const RESULT: QueryResult = {
  rows: [{ one: 1 }],
  elapsedMs: 1,
  engineQueryId: null,
  scannedRows: null,
  scannedBytes: null,
};
const STATEMENT = { sql: 'select 1 as one', parameters: [] };

/** An engine whose queries end when the test says so. */
function heldEngine() {
  const queries: {
    readonly options: QueryOptions;
    readonly resolve: (result: QueryResult) => void;
    readonly reject: (error: Error) => void;
  }[] = [];
  const refuse = () => Promise.reject(new Error('Not for this test.'));
  const engine: Engine = {
    dialect: 'DUCKDB',
    query: (_, options = {}) =>
      new Promise((resolve, reject) => {
        queries.push({ options, resolve, reject });
        options.signal?.addEventListener('abort', () =>
          reject(new MetricLayerError('ENGINE_CANCELLED', 'Cancelled on the engine.')),
        );
      }),
    describe: refuse,
    parseExpression: refuse,
    close: async () => {},
  };
  return { runner: createRunner(engine), queries };
}

describe('identical statements at the same time', () => {
  test('1,000 of them are one query', async () => {
    const { runner, queries } = heldEngine();
    const runs = Array.from({ length: 1_000 }, () => runner.run({ ...STATEMENT }, {}));
    expect(queries).toHaveLength(1);
    queries[0]!.resolve(RESULT);
    expect(new Set(await Promise.all(runs))).toEqual(new Set([RESULT]));
  });

  test('other parameters are another query', () => {
    const { runner, queries } = heldEngine();
    void runner.run({ sql: 'select $1', parameters: ['1'] }, {});
    void runner.run({ sql: 'select $1', parameters: [1] }, {});
    expect(queries).toHaveLength(2);
  });

  test('another user is another query, whatever it is labelled', () => {
    const { runner, queries } = heldEngine();
    const labels = (requestId: string) => ({ requestId, purpose: 'moments' });
    for (const user of ['ann', 'bob', 'ann', null, undefined])
      void runner.run(STATEMENT, { user, labels: labels(`of ${user}`) });
    expect(queries.map(({ options }) => [options.user, options.labels?.requestId])).toEqual([
      ['ann', 'of ann'],
      ['bob', 'of bob'],
      [null, 'of null'],
    ]);
  });

  test('a query that has ended is not remembered: results are never old', async () => {
    const { runner, queries } = heldEngine();
    const first = runner.run(STATEMENT, {});
    queries[0]!.resolve(RESULT);
    await first;
    void runner.run(STATEMENT, {});
    expect(queries).toHaveLength(2);
  });

  test('a failure reaches all who waited, and nobody after them', async () => {
    const { runner, queries } = heldEngine();
    const runs = [runner.run(STATEMENT, {}), runner.run(STATEMENT, {})];
    queries[0]!.reject(new MetricLayerError('ENGINE_FAILED', 'No.'));
    for (const run of runs) await expect(run).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
    const next = runner.run(STATEMENT, {});
    queries[1]!.resolve(RESULT);
    expect(await next).toBe(RESULT);
  });
});

describe('leaving', () => {
  test('the query goes on while anybody waits, and is cancelled when the last has left', async () => {
    const { runner, queries } = heldEngine();
    const leaving = [new AbortController(), new AbortController(), new AbortController()];
    const runs = leaving.map(({ signal }) => runner.run(STATEMENT, { signal }));
    const { signal } = queries[0]!.options;
    for (const [i, one] of leaving.entries()) {
      expect(signal!.aborted).toBe(false);
      one.abort();
      await expect(runs[i]).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
    }
    expect(signal!.aborted).toBe(true);
  });

  test('one who leaves is told at once; the others get the result', async () => {
    const { runner, queries } = heldEngine();
    const leaving = new AbortController();
    const [gone, stays] = [runner.run(STATEMENT, { signal: leaving.signal }), runner.run(STATEMENT, {})];
    leaving.abort();
    await expect(gone).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
    queries[0]!.resolve(RESULT);
    expect(await stays).toBe(RESULT);
  });

  test('one who comes after a cancelled query starts another', async () => {
    const { runner, queries } = heldEngine();
    const leaving = new AbortController();
    const gone = runner.run(STATEMENT, { signal: leaving.signal });
    leaving.abort();
    await expect(gone).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
    void runner.run(STATEMENT, {});
    expect(queries).toHaveLength(2);
  });

  test('one who has left already does not start a query', async () => {
    const { runner, queries } = heldEngine();
    await expect(runner.run(STATEMENT, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ENGINE_CANCELLED',
    });
    expect(queries).toHaveLength(0);
  });
});

describe('deadlines', () => {
  test('one with much more time does not depend on the deadline of another', () => {
    const { runner, queries } = heldEngine();
    void runner.run(STATEMENT, { timeoutMs: 100 });
    void runner.run(STATEMENT, { timeoutMs: 60_000 });
    expect(queries.map(({ options }) => options.timeoutMs)).toEqual([100, 60_000]);
  });

  test('one with less time is told when it is over; the query goes on for the other', async () => {
    vi.useFakeTimers();
    try {
      const { runner, queries } = heldEngine();
      const patient = runner.run(STATEMENT, { timeoutMs: 60_000 });
      const hasty = runner.run(STATEMENT, { timeoutMs: 100 });
      expect(queries).toHaveLength(1);
      const told = expect(hasty).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
      await vi.advanceTimersByTimeAsync(100);
      await told;
      expect(queries[0]!.options.signal!.aborted).toBe(false);
      queries[0]!.resolve(RESULT);
      expect(await patient).toBe(RESULT);
    } finally {
      vi.useRealTimers();
    }
  });
});
