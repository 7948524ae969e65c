import { setTimeout as sleep } from 'node:timers/promises';
import type { MetricLayerError } from '../../core/errors.ts';

/** A fault that may have passed at the next try. */
export class PassingFault extends Error {
  /** What is thrown when no try is left. */
  readonly failure: MetricLayerError;
  /** What the server asks to wait. */
  readonly retryAfterMs: number | null;
  constructor(failure: MetricLayerError, retryAfterMs: number | null = null) {
    super(failure.message);
    this.name = 'PassingFault';
    this.failure = failure;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface RetryOptions {
  readonly tries: number;
  /** Ends the waiting; its reason is thrown. */
  readonly signal: AbortSignal;
  /** Told of each fault that is to be tried again. */
  readonly onFault?: (failure: MetricLayerError) => void;
}

const FIRST_MS = 100;
const LONGEST_MS = 5_000;

/** Runs `attempt` until it no longer throws a `PassingFault`, with growing random pauses between the tries. */
export async function withRetries<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { tries, signal, onFault } = options;
  for (let tried = 1; ; tried += 1) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof PassingFault)) throw error;
      if (tried >= tries) throw error.failure;
      onFault?.(error.failure);
      await pause(error.retryAfterMs ?? pauseMs(tried, Math.random()), signal);
    }
  }
}

/** Milliseconds to wait after so many tries: 50–100 the first time, then anything up to twice as much each time. */
export function pauseMs(tried: number, random: number): number {
  if (tried === 1) return FIRST_MS * (0.5 + random / 2);
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** (tried - 1)) * random;
}

/** `Retry-After` in milliseconds: seconds or a date; null where it is neither. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const at = /[a-z]/i.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(Math.min(ms, 2 ** 31 - 1), undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}
