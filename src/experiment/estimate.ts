import type { Unknown } from '../core/vocabulary.ts';
import type { Interval } from '../statistics/inference.ts';

/** A number with its uncertainty, or the reason why it is not known. What is null is not known or does not exist. */
export interface Estimate {
  readonly value: number | null;
  readonly standardError: number | null;
  readonly interval: Interval | null;
  readonly pValue: number | null;
  readonly unknown: Unknown | null;
}

export function unknownEstimate(unknown: Unknown): Estimate {
  return { value: null, standardError: null, interval: null, pValue: null, unknown };
}
