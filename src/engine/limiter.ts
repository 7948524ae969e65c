import { MetricLayerError } from '../core/errors.ts';

/** Lets at most so many tasks run at once; the others wait in order, in a queue of bounded length. */
export interface Limiter {
  run<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T>;
}

export function createLimiter(concurrency: number, queueLength: number): Limiter {
  let running = 0;
  const waiting: (() => void)[] = [];

  async function enter(signal: AbortSignal): Promise<void> {
    if (running < concurrency) {
      running += 1;
      return;
    }
    if (waiting.length >= queueLength) {
      throw new MetricLayerError(
        'ENGINE_OVERLOADED',
        'Too many queries are waiting for the engine. Try again in a moment.',
      );
    }
    await new Promise<void>((resolve, reject) => {
      const start = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        waiting.splice(waiting.indexOf(start), 1);
        reject(new MetricLayerError('ENGINE_CANCELLED', 'The query was given up while it waited for the engine.'));
      };
      waiting.push(start);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  return {
    async run(signal, task) {
      if (signal.aborted) throw new MetricLayerError('ENGINE_CANCELLED', 'The query was given up before it started.');
      await enter(signal);
      try {
        return await task();
      } finally {
        // A waiting task takes over the place; the count stays.
        const next = waiting.shift();
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}
