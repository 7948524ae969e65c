import { isEngineFailure, MetricLayerError } from '../core/errors.ts';
import type { Engine, QueryOptions } from '../engine/engine.ts';

export type EngineState = 'ok' | 'busy' | 'down';

/** What the engine said when it was last asked. */
export interface EngineHealth {
  /** `busy`: it works, but has no place for one more query now. */
  readonly state: EngineState;
  /** Code of what it failed with; null: it did not. */
  readonly reason: string | null;
}

export interface ReadinessOptions {
  readonly now?: () => number;
  /** As whom it is asked. */
  readonly user?: string | null | undefined;
}

const FRESH_MS = 5_000;
const PROBE_TIMEOUT_MS = 2_000;
/** For an engine to say itself that it took too long. */
const GRACE_MS = 500;

/** Asks the engine whether it answers, at most once in five seconds however often it is asked; never waits longer than three. */
export class Readiness {
  readonly #engine: Engine;
  readonly #now: () => number;
  readonly #options: QueryOptions;
  #last: { readonly at: number; readonly health: Promise<EngineHealth> } | null = null;

  constructor(engine: Engine, { now = () => performance.now(), user }: ReadinessOptions = {}) {
    this.#engine = engine;
    this.#now = now;
    this.#options = { timeoutMs: PROBE_TIMEOUT_MS, user, labels: { purpose: 'readiness' } };
  }

  engine(): Promise<EngineHealth> {
    const at = this.#now();
    if (this.#last === null || at - this.#last.at >= FRESH_MS) this.#last = { at, health: this.#probe() };
    return this.#last.health;
  }

  async #probe(): Promise<EngineHealth> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      const error = new MetricLayerError('ENGINE_UNAVAILABLE', 'The engine does not answer.');
      timer = setTimeout(() => reject(error), PROBE_TIMEOUT_MS + GRACE_MS);
    });
    try {
      await Promise.race([this.#engine.query({ sql: 'select 1 as one', parameters: [] }, this.#options), silence]);
      return { state: 'ok', reason: null };
    } catch (error) {
      const reason = codeOf(error);
      return { state: ['ENGINE_TIMEOUT', 'ENGINE_OVERLOADED'].includes(reason) ? 'busy' : 'down', reason };
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A time-out that the network is to blame for is no business of the engine's. */
function codeOf(error: unknown): string {
  if (!isEngineFailure(error)) return 'ENGINE_FAILED';
  return error.code === 'ENGINE_TIMEOUT' && isEngineFailure(error.cause) ? error.cause.code : error.code;
}
