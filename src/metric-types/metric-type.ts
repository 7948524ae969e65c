import type { Expression } from './expression.ts';

/** A duration of exact seconds; windows never follow calendar days. */
export type Seconds = number;

export const AGGREGATES = [
  'sum',
  'count',
  'count_distinct',
  'min',
  'max',
  'avg',
  'first',
  'last',
  'distinct_days',
  'time_to_first',
] as const;
/**
 * How the rows of one unit become one number. `first`, `last`: the value of its earliest or latest row (the least of several at
 * that instant). `distinct_days`: days of 24 hours from exposure with a row. `time_to_first`: from exposure to the earliest row.
 */
export type Aggregate = (typeof AGGREGATES)[number];

/** One per-unit aggregate over the rows of one fact source. */
export interface Measure {
  readonly source: string;
  /** `funnel`: 1 where the unit took all `steps` in order. `values`: all of the unit's values, for quantiles of events. */
  readonly aggregate: Aggregate | 'funnel' | 'values';
  /** Column or expression over the source's columns; null for what looks at rows alone. */
  readonly column: Expression | null;
  /** Only rows for which this holds; null: all rows. */
  readonly where: Expression | null;
  /** A unit without rows counts as 0, as the length of the window (`time_to_first`), or is left out. */
  readonly whenMissing: 'zero' | 'exclude' | 'window_end';
  /** Values below this are flagged as a data fault (they still count); null: no bound. */
  readonly minimum: number | null;
  /** Each row's value is cut to these before it is aggregated. */
  readonly rowCap?: { readonly lower: number | null; readonly upper: number | null };
  /** Seconds in the unit that a `time_to_first` is told in. */
  readonly timeUnit?: Seconds;
  readonly steps?: readonly FunnelStep[];
  readonly exists?: Existence;
}

/** A step is taken by a row at or after the one that took the step before it, within a time of it. One row may take several. */
export interface FunnelStep {
  readonly where: Expression;
  /** Counted in; null: any time of the window. */
  readonly within: Seconds | null;
}

/** A row counts only if another source has a row with the same value of a column, at the same time or within a time after it. */
export interface Existence {
  readonly source: string;
  /** The column (or an expression) here, and the one of the other source. */
  readonly on: { readonly own: Expression; readonly other: Expression };
  /** Over the columns of the other source. */
  readonly where: Expression | null;
  /** Counted in; null: at any time, before as well. */
  readonly within: Seconds | null;
}

/** As it is, as 0/1 ("has at least one row"), or as 0/1 by a comparison with a number. */
export type Transform =
  | 'identity'
  | 'indicator'
  | {
      readonly kind: 'threshold';
      readonly operator: 'atLeast' | 'above' | 'atMost' | 'below';
      readonly value: number;
    };

/** Arithmetic over the parts of a combined variable; a division by zero has no value. */
export type Arithmetic =
  | { readonly kind: 'part'; readonly index: number }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'negate'; readonly of: Arithmetic }
  | {
      readonly kind: 'binary';
      readonly operator: '+' | '-' | '*' | '/';
      readonly left: Arithmetic;
      readonly right: Arithmetic;
    };

/** One variable of a metric: a measure, or several combined. */
export interface UnitVariable {
  readonly name: string;
  /** One; or the parts of `combine`, by index. */
  readonly measures: readonly Measure[];
  readonly combine?: Arithmetic;
  /** A unit for which `combine` divides by zero counts as 0, or is left out; absent: it never does. */
  readonly whenUndefined?: 'zero' | 'exclude';
  readonly transform: Transform;
  /** Instead of the metric's; `delay` is negative for what was before the exposure. */
  readonly window?: Window | null;
}

/** Whether a unit without rows has no value of a variable, so that it is left out. */
export function leavesUnitsOut({ measures, whenUndefined }: UnitVariable): boolean {
  return whenUndefined === 'exclude' || measures.some(({ whenMissing }) => whenMissing === 'exclude');
}

/** Whether a variable is 0 or 1. */
export function isBinary({ transform }: UnitVariable): boolean {
  return transform !== 'identity';
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
  /** `event`: the measures' rows are cut (their `rowCap`), at a value only; absent: the units' totals. */
  readonly per?: 'event';
}

/** Whether thresholds of a cap are percentiles of the values that are not 0: then a 0 must be one to the last digit. */
export const ranksNonZeros = (cap: Cap | null): boolean =>
  cap !== null && cap.zeros === 'exclude' && [cap.lower, cap.upper].some((side) => side?.kind === 'percentile');

/** Half-open `[t0 + delay, t0 + delay + length)`; a null length is open until the experiment ends. */
export interface Window {
  readonly delay: Seconds;
  readonly length: Seconds | null;
  /** Time after the window until its values are final; the unit is mature only then. Rows of this time do not count. */
  readonly settle?: Seconds;
}

/** The same variables in `[t0 − lookback, t0)`, t0 the assignment: what CUPED adjusts by. */
export interface Covariate {
  readonly lookback: Seconds;
  /** `indicator`: units without rows before have none: 0 and an indicator of missing, both adjusted by; `zero`: their value is 0. */
  readonly missing: 'zero' | 'indicator';
}

/** Only units with a row count. */
export interface Among {
  readonly measure: Measure;
  readonly window: Window;
  /** The rows lie after the exposure, so that the treatment may have changed who is among them. */
  readonly postTreatment: boolean;
}

/** Which quantile, of which values; `units`: of the units' values, `events`: of all units' rows. */
export interface Quantile {
  readonly probability: number;
  readonly over: 'units' | 'events';
  readonly method: 'exact' | 'approximate';
}

/** What a metric type makes of its YAML: the variables, and everything the planner must know of them. */
export interface MetricShape {
  readonly variables: readonly UnitVariable[];
  readonly window: Window | null;
  readonly cap: Cap | null;
  readonly covariate?: Covariate | null;
  readonly among?: Among | null;
  readonly quantile?: Quantile | null;
}

/**
 * Seconds from exposure until a unit's outcome is complete; null: complete at once. A row at the window's end may still find one
 * of another source within the time that it is given for it.
 */
export function maturesAfter({ window, variables }: Pick<MetricShape, 'window' | 'variables'>): Seconds | null {
  if (window === null || window.length === null) return null;
  const looksAhead = variables.flatMap(({ measures }) => measures.map(({ exists }) => exists?.within ?? 0));
  return window.delay + window.length + Math.max(window.settle ?? 0, ...looksAhead);
}

/** The sources that a measure reads. */
export function sourcesOf({ source, exists }: Measure): readonly string[] {
  return exists === undefined ? [source] : [source, exists.source];
}

/** The measures of all variables, and of what narrows the units. */
export function measuresOf({ variables, among }: MetricShape): readonly Measure[] {
  return [...variables.flatMap(({ measures }) => measures), ...(among == null ? [] : [among.measure])];
}
