import type { Place } from '../../metric-types/expression.ts';

export const EFFECTS = ['NUMBERS', 'DECISIONS', 'WORDS'] as const;
/** What a change can move: results; only what is decided on them; neither (titles, owners, how fast it runs). */
export type Effect = (typeof EFFECTS)[number];

/** One field of a definition, before and after; null: not stated. */
export interface FieldChange {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly effect: Effect;
}

/** One definition that is not what it was. */
export interface DefinitionChange {
  readonly kind: 'SETTING' | 'SOURCE' | 'METRIC' | 'EXPERIMENT';
  readonly name: string;
  /** Of a metric's version; null: the metric as a whole, or no metric. */
  readonly version: number | null;
  readonly change: 'ADDED' | 'REMOVED' | 'CHANGED';
  /** The strongest of its fields; what is added or removed has numbers that were not, or are no more. */
  readonly effect: Effect;
  /** A version that was there gives other numbers now, or is gone: earlier results can no longer be explained. */
  readonly rewrites: boolean;
  /** In the head; of what was removed in the base; null: settings have no one place. */
  readonly place: Place | null;
  readonly fields: readonly FieldChange[];
}

/** NUMBERS before DECISIONS before WORDS; WORDS where there are none. */
export function strongest(effects: readonly Effect[]): Effect {
  return EFFECTS.find((effect) => effects.includes(effect)) ?? 'WORDS';
}
