import { Trino } from 'trino-client';
import { describe, expect, test } from 'vitest';
import { replaceTransport, type Step, walk } from '../../../src/engine/trino/walk.ts';

describe('walk', () => {
  test('goes from the statement over all pages to the last, and no further', async () => {
    const steps: Step[] = [];
    const pages = ['https://trino.test/1', 'https://other.test/2?x=ä', null];
    await walk('select 1', async (step) => {
      steps.push(step);
      return pages[steps.length - 1]!;
    });
    expect(steps).toStrictEqual([
      { kind: 'submit', statement: 'select 1' },
      { kind: 'next', url: 'https://trino.test/1' },
      { kind: 'next', url: 'https://other.test/2?x=ä' },
    ]);
  });

  test.each(['{"a": 1}', '[1, 2]', 'select 1 as "ä"', 'a=b&c=d', ' '])('sends %j as it is', async (statement) => {
    await walk(statement, async (step) => {
      expect(step).toStrictEqual({ kind: 'submit', statement });
      return null;
    });
  });

  test('ends with the error of a step', async () => {
    const error = new Error('enough');
    await expect(walk('select 1', () => Promise.reject(error))).rejects.toBe(error);
  });

  test('goes on for ten thousand pages', async () => {
    let taken = 0;
    await walk('select 1', async () => {
      taken += 1;
      return taken < 10_000 ? `https://trino.test/${taken}` : null;
    });
    expect(taken).toBe(10_000);
  });
});

test.each([{}, { client: {} }, { client: { clientConfig: null } }, { client: { clientConfig: {} } }])(
  'a trino-client that is built otherwise is told of: %j',
  (client) => {
    expect(() => replaceTransport(client as unknown as Trino, async () => ({}))).toThrow(/use 0\.2\.9/);
    expect(() => replaceTransport(Trino.create({}), async () => ({}))).not.toThrow();
  },
);
