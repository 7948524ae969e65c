import type { HttpServer } from './http-server.ts';

const DRAIN_MS = 25_000;
/** For answers that say that they were cancelled to be written. */
const LAST_WORDS_MS = 2_000;

/** Stops listening, lets running requests end, cancels those that take longer, and leaves no connection open. */
export async function shutDown(
  { app, requests, startDraining }: HttpServer,
  drainMs: number = DRAIN_MS,
): Promise<void> {
  startDraining();
  const cancel = setTimeout(() => requests.cancelAll(), drainMs);
  const cut = setTimeout(() => app.server.closeAllConnections(), drainMs + LAST_WORDS_MS);
  try {
    await app.close();
  } finally {
    clearTimeout(cancel);
    clearTimeout(cut);
  }
}

/** Runs `stop` on the first SIGTERM or SIGINT and exits 0; a second one does not wait. */
export function stopOnSignal(stop: () => Promise<void>, report: (error: unknown) => void): void {
  let stopping = false;
  const onSignal = (signal: 'SIGTERM' | 'SIGINT') => {
    if (stopping) return process.exit(signal === 'SIGINT' ? 130 : 143);
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        report(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
