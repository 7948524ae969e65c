import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createLastWords } from '../../../src/engine/trino/last-words.ts';

/** Work that lasts until its own signal ends it. */
const until = (signal: AbortSignal) =>
  new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('ended')));

describe('last words', () => {
  test('go on after the signal, for so long', async () => {
    const words = createLastWords(1, 50);
    const controller = new AbortController();
    const running = words.run(controller.signal, until);
    const started = performance.now();
    controller.abort();
    await expect(running).resolves.toBe('ended');
    expect(performance.now() - started).toBeGreaterThanOrEqual(45);
    await expect(words.run(controller.signal, until)).resolves.toBe('ended');
  });

  test('are not limited before the signal', async () => {
    const words = createLastWords(0, 60_000);
    const { signal } = new AbortController();
    await expect(words.run(signal, () => sleep(5, 'done'))).resolves.toBe('done');
  });

  test('are so many, and the first goes for one more', async () => {
    const words = createLastWords(2, 60_000);
    const ended: number[] = [];
    const controllers = [0, 1, 2].map((i) => {
      const controller = new AbortController();
      void words.run(controller.signal, until).then(() => ended.push(i));
      return controller;
    });
    controllers[1]!.abort();
    controllers[0]!.abort();
    await sleep(0);
    expect(ended).toStrictEqual([]);
    controllers[2]!.abort();
    await sleep(0);
    expect(ended).toStrictEqual([1]);
  });
});
