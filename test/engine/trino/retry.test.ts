import { describe, expect, test, vi } from 'vitest';
import { unavailable } from '../../../src/engine/trino/failures.ts';
import { PassingFault, pauseMs, retryAfterMs, withRetries } from '../../../src/engine/trino/retry.ts';

const NOW = Date.parse('2026-03-29T00:00:00Z');

test.each<[string | null, number | null]>([
  [null, null],
  ['0', 0],
  ['3', 3_000],
  [' 3 ', 3_000],
  ['Sun, 29 Mar 2026 00:00:02 GMT', 2_000],
  ['Sat, 28 Mar 2026 00:00:00 GMT', 0],
  ['-1', null],
  ['1.5', null],
  ['soon', null],
  ['', null],
])('Retry-After %j is %j ms', (header, expected) => {
  expect(retryAfterMs(header, NOW)).toBe(expected);
});

test.each<[number, number, number]>([
  [1, 0, 50],
  [1, 1, 100],
  [2, 0, 0],
  [2, 1, 200],
  [3, 1, 400],
  [7, 1, 5_000],
  [9, 1, 5_000],
])('after try %i the pause is with random %i: %i ms', (tried, random, expected) => {
  expect(pauseMs(tried, random)).toBe(expected);
});

describe('withRetries', () => {
  const { signal } = new AbortController();
  const passing = () => new PassingFault(unavailable('It passes.'), 0);

  test('tries again what passes and tells of it', async () => {
    const attempt = vi.fn().mockRejectedValueOnce(passing()).mockRejectedValueOnce(passing()).mockResolvedValue('done');
    const onFault = vi.fn();
    await expect(withRetries(attempt, { tries: 3, signal, onFault })).resolves.toBe('done');
    expect(onFault).toHaveBeenCalledTimes(2);
  });

  test('gives up after so many tries, with the failure', async () => {
    const attempt = vi.fn().mockImplementation(() => Promise.reject(passing()));
    await expect(withRetries(attempt, { tries: 3, signal })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: 'It passes.',
    });
    expect(attempt).toHaveBeenCalledTimes(3);
  });

  test('does not try again what does not pass', async () => {
    const attempt = vi.fn().mockRejectedValue(unavailable('It stays.'));
    await expect(withRetries(attempt, { tries: 3, signal })).rejects.toThrow('It stays.');
    expect(attempt).toHaveBeenCalledTimes(1);
  });

  test('ends its waiting when it is aborted, with the reason', async () => {
    const controller = new AbortController();
    const attempt = vi.fn().mockImplementation(() => Promise.reject(new PassingFault(unavailable('x'), 3_600_000)));
    const running = withRetries(attempt, { tries: 3, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    expect(attempt).toHaveBeenCalledTimes(1);
  });
});
