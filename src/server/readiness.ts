import { isEngineFailure } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';

export type EngineState = 'ok' | 'busy' | 'down';

const FRESH_MS = 5_000;
const PROBE_TIMEOUT_MS = 2_000;

/** Asks the engine whether it answers, at most once in five seconds however often it is asked. */
export class Readiness {
  readonly #engine: Engine;
  readonly #now: () => number;
  #last: { readonly at: number; readonly state: Promise<EngineState> } | null = null;

  constructor(engine: Engine, now: () => number = () => performance.now()) {
    this.#engine = engine;
    this.#now = now;
  }

  /** `busy`: it works, but has no place for one more query now. */
  engine(): Promise<EngineState> {
    const at = this.#now();
    if (this.#last === null || at - this.#last.at >= FRESH_MS) this.#last = { at, state: this.#probe() };
    return this.#last.state;
  }

  async #probe(): Promise<EngineState> {
    try {
      await this.#engine.query({ sql: 'select 1 as one', parameters: [] }, { timeoutMs: PROBE_TIMEOUT_MS });
      return 'ok';
    } catch (error) {
      const busy = isEngineFailure(error) && ['ENGINE_TIMEOUT', 'ENGINE_OVERLOADED'].includes(error.code);
      return busy ? 'busy' : 'down';
    }
  }
}
