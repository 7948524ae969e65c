/** Exchanges that go on for a while after nobody waits for their query: their answers tell what is to be cancelled. */
export interface LastWords {
  /** Runs `work` with a signal that outlives the given one. */
  run<T>(signal: AbortSignal, work: (later: AbortSignal) => Promise<T>): Promise<T>;
}

/**
 * At most `most` of them, so that a server that answers nobody does not hold all connections: one too many ends the one that
 * has waited longest. Trino does not start a query whose answer was never fetched.
 */
export function createLastWords(most: number, longestMs: number): LastWords {
  const waiting = new Set<AbortController>();
  return {
    async run(signal, work) {
      const controller = new AbortController();
      let timer: NodeJS.Timeout | undefined;
      const start = () => {
        timer = setTimeout(() => controller.abort(), longestMs);
        waiting.add(controller);
        const [longest] = waiting;
        if (waiting.size > most) longest?.abort();
      };
      if (signal.aborted) start();
      else signal.addEventListener('abort', start, { once: true });
      try {
        return await work(controller.signal);
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', start);
        waiting.delete(controller);
      }
    },
  };
}
