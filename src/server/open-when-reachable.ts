import { setTimeout as sleep } from 'node:timers/promises';
import { fastify } from 'fastify';
import { MetricLayerError } from '../core/errors.ts';
import type { Address } from './address.ts';
import { listen } from './listen.ts';

export interface WaitingOptions {
  readonly address: Address;
  /** Told why the service waits: once for each reason. */
  readonly tell: (line: string) => void;
  /** Milliseconds from one try to the next. */
  readonly everyMs?: number;
}

const EVERY_MS = 3_000;

/**
 * Opens the service, and where its engine cannot be reached yet tries again until it can: meanwhile /livez says that the
 * process lives, and everything else is 503. Faults that waiting does not cure are thrown at once. Resolves to the address to
 * listen on: the port that was taken where 0 was asked for.
 */
export async function openWhenReachable<Service>(
  open: () => Promise<Service>,
  { address, tell, everyMs = EVERY_MS }: WaitingOptions,
): Promise<{ readonly service: Service; readonly address: Address }> {
  const first = await attempt(open);
  if (!(first instanceof MetricLayerError)) return { service: first, address };
  const state = { reason: first.message };
  const waiting = waitingRoom(everyMs);
  const taken = await listen(waiting, address);
  try {
    for (;;) {
      tell(`${state.reason} Trying again every ${everyMs / 1000} s.`);
      const opened = await next(open, state, everyMs);
      if (opened !== null) return { service: opened, address: taken };
    }
  } finally {
    await waiting.close();
  }
}

/** Tries until the service opens, or until there is something else to tell: null. */
async function next<Service>(
  open: () => Promise<Service>,
  state: { reason: string },
  everyMs: number,
): Promise<Service | null> {
  for (;;) {
    await sleep(everyMs);
    const opened = await attempt(open);
    if (!(opened instanceof MetricLayerError)) return opened;
    if (opened.message === state.reason) continue;
    state.reason = opened.message;
    return null;
  }
}

/** The service, or why its engine cannot be reached; a file that cannot be opened stays so. */
async function attempt<Service>(open: () => Promise<Service>): Promise<Service | MetricLayerError> {
  try {
    return await open();
  } catch (error) {
    const mayPass =
      error instanceof MetricLayerError && error.code === 'ENGINE_UNAVAILABLE' && error.details.permanent !== true;
    if (mayPass) return error;
    throw error;
  }
}

/** What answers in the meantime. The reason names the engine's server: it is for whoever reads the log, not for clients. */
function waitingRoom(everyMs: number) {
  const app = fastify({ forceCloseConnections: true });
  app.get('/livez', async (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) =>
    reply
      .code(503)
      .header('cache-control', 'no-store')
      .send({ status: 'unready', engine: 'down', reason: 'ENGINE_UNAVAILABLE' }),
  );
  app.setNotFoundHandler((_request, reply) =>
    reply
      .code(503)
      .header('retry-after', String(Math.ceil(everyMs / 1000)))
      .send({
        errors: [
          {
            message: 'The engine cannot be reached yet. Ask again in a moment.',
            extensions: { code: 'ENGINE_UNAVAILABLE' },
          },
        ],
      }),
  );
  return app;
}
