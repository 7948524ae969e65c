import type { Expression } from './expression.ts';

/** A duration of exact seconds; windows never follow calendar days. */
export type Seconds = number;

export const AGGREGATES = ['sum', 'count', 'count_distinct', 'min', 'max', 'avg'] as const;
/** How the rows of one unit become one number. */
export type Aggregate = (typeof AGGREGATES)[number];

/** One per-unit aggregate over the rows of one fact source. */
export interface Measure {
  readonly source: string;
  readonly aggregate: Aggregate;
  /** Column or expression over the source's columns; null for `count`. */
  readonly column: Expression | null;
  /** Only rows for which this holds; null: all rows. */
  readonly where: Expression | null;
  /** A unit without rows counts as 0, or is left out (must be stated for min, max and avg). */
  readonly whenMissing: 'zero' | 'exclude';
  /** Values below this are flagged as a data fault (they still count); null: no bound. */
  readonly minimum: number | null;
}

/** One variable of a metric: a measure, as it is or turned into 0/1 ("has at least one row"). */
export interface UnitVariable {
  readonly name: 'value' | 'numerator' | 'denominator';
  readonly measure: Measure;
  readonly transform: 'identity' | 'indicator';
}

/** A threshold: a fixed value, or a percentile (0 < p < 1) of the analysed units' values. */
export type Threshold =
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'percentile'; readonly percentile: number };

/** Winsorising: per-unit totals beyond a threshold are set to it. Percentiles leave zeros out unless `zeros` says `include`. */
export interface Cap {
  readonly lower: Threshold | null;
  readonly upper: Threshold | null;
  readonly zeros: 'exclude' | 'include';
  /** Ratios: which variables are capped. Others have one variable. */
  readonly sides: 'both' | 'numerator';
}

/** Half-open `[t0 + delay, t0 + delay + length)`; a null length is open until the experiment ends. */
export interface Window {
  readonly delay: Seconds;
  readonly length: Seconds | null;
}

/** What a metric type makes of its YAML: the variables, and everything the planner must know of them. */
export interface MetricShape {
  readonly variables: readonly UnitVariable[];
  readonly window: Window | null;
  readonly cap: Cap | null;
}
