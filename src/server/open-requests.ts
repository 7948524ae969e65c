import type { ServerResponse } from 'node:http';

/** The requests that are being answered, each with the signal that tells its engine queries that nobody waits any more. */
export class OpenRequests {
  readonly #open = new Set<AbortController>();

  /** Aborted when the client goes before the answer is written, or when the service gives it up. */
  signalOf(response: ServerResponse): AbortSignal {
    const controller = new AbortController();
    this.#open.add(controller);
    const settle = () => {
      this.#open.delete(controller);
      if (!response.writableEnded) controller.abort();
    };
    if (response.destroyed) settle();
    else response.once('close', settle);
    return controller.signal;
  }

  get size(): number {
    return this.#open.size;
  }

  cancelAll(): void {
    for (const controller of this.#open) controller.abort();
  }
}
