import type { Unknown } from '../core/vocabulary.ts';

/** A computed result, or the reason why there is none. Never a sentinel such as 0, 1 or NaN. */
export type Inference<T> = ({ readonly ok: true } & T) | NotComputable;

export interface NotComputable {
  readonly ok: false;
  readonly reason: Unknown;
}

export function notComputable(reason: Unknown): NotComputable {
  return { ok: false, reason };
}

/** The computed result, unless one of the numbers that must be finite is not: then OVERFLOW. */
export function computed<T>(result: T, ...finite: readonly number[]): Inference<T> {
  return finite.every(Number.isFinite) ? { ok: true, ...result } : notComputable('OVERFLOW');
}

/** One arm reduced to what every two-sample test needs: `variance` is per unit (its mean's squared standard error is variance/n). */
export interface Sample {
  readonly n: number;
  readonly mean: number;
  readonly variance: number;
}

/** An interval at a level; a bound that is null is unbounded on that side. */
export interface Interval {
  readonly lower: number | null;
  readonly upper: number | null;
  readonly level: number;
}
