import type { Cap, Measure } from '../../../src/metric-types/metric-type.ts';
import { DAY, type EventRow, HOUR, type ProfileRow, type VisitRow } from './data.ts';
import { MEASURED_METRICS } from './measured-metrics.ts';
import { NARROWED_METRICS } from './narrowed-metrics.ts';

/** One variable as plain TypeScript computes it. */
export interface PlainVariable {
  readonly source: 'events' | 'visits' | 'profiles' | 'sent' | 'daily' | 'arrived';
  readonly aggregate: Measure['aggregate'];
  /** Of the rows for which it holds. */
  // biome-ignore lint/suspicious/noExplicitAny: a row of the source that the variable names
  readonly where?: (row: any) => boolean;
  /** null: no value; NaN or infinite: one that cannot be used. */
  // biome-ignore lint/suspicious/noExplicitAny: a row of the source that the variable names
  readonly value?: (row: any) => number | string | null;
  readonly indicator?: true;
  readonly whenMissing?: 'exclude';
  readonly minimum?: number;
  /** What a unit without rows counts as, where it is not 0. */
  readonly missing?: number;
  /** Milliseconds in the unit of a time. */
  readonly unit?: number;
  /** Makes the number 0 or 1. */
  readonly threshold?: (value: number) => boolean;
  /** Of a funnel; `within` in milliseconds. */
  // biome-ignore lint/suspicious/noExplicitAny: a row of the source that the variable names
  readonly steps?: readonly { readonly where: (row: any) => boolean; readonly within: number | null }[];
  /** Only rows that another source has one with; `within` in milliseconds. */
  readonly exists?: {
    readonly source: PlainVariable['source'];
    // biome-ignore lint/suspicious/noExplicitAny: a row of the source that the variable names
    readonly own: (row: any) => unknown;
    // biome-ignore lint/suspicious/noExplicitAny: a row of the other source
    readonly other: (row: any) => unknown;
    // biome-ignore lint/suspicious/noExplicitAny: a row of the other source
    readonly where?: (row: any) => boolean;
    readonly within: number | null;
  };
  /** Instead of rows of its own: several variables combined; null has no value. */
  readonly parts?: readonly PlainVariable[];
  readonly combine?: (values: readonly number[]) => number | null;
}

/** A metric twice: as the catalog says it, and as plain TypeScript. */
export interface PlainMetric {
  readonly yaml: string;
  readonly variables: readonly PlainVariable[];
  /** Milliseconds; a null length is open. Absent: no window. */
  readonly window?: PlainWindow;
  readonly cap?: Cap;
  /** Milliseconds. */
  readonly covariate?: { readonly lookback: number; readonly missing: 'zero' | 'indicator' };
  /** Only units with such a row; without `lookback` in the window. */
  readonly among?: {
    readonly source: PlainVariable['source'];
    // biome-ignore lint/suspicious/noExplicitAny: a row of the source that it names
    readonly where: (row: any) => boolean;
    readonly lookback?: number;
  };
}

export interface PlainWindow {
  readonly delay: number;
  readonly length: number | null;
  readonly settle?: number;
}

const purchase = ({ name }: EventRow) => name === 'purchase';
const amount = (row: EventRow) => row.amount;
const week = { delay: 0, length: 7 * DAY };

const sum: PlainVariable = { source: 'events', aggregate: 'sum', where: purchase, value: amount };
const count: PlainVariable = { source: 'events', aggregate: 'count', where: purchase };
const visits: PlainVariable = { source: 'visits', aggregate: 'count' };

const BUY = `where: "event_name = 'purchase'"`;
const SUM = `source: events, value: { column: amount, aggregate: sum, ${BUY} }, window: { length: 7d }`;
const PERCENTILE = (percentile: number) => ({ kind: 'percentile', percentile }) as const;
const capped = (yaml: string, cap: Partial<Cap>): PlainMetric => ({
  yaml: `{ type: mean, ${SUM}, cap: { ${yaml} } }`,
  variables: [sum],
  window: week,
  cap: { lower: null, upper: null, zeros: 'exclude', sides: 'both', ...cap },
});
const summary = (aggregate: 'min' | 'max' | 'avg', whenMissing: 'zero' | 'exclude'): PlainMetric => ({
  yaml: `{ type: mean, source: events, value: { column: amount, aggregate: ${aggregate}, ${BUY}, whenMissing: ${whenMissing} }, window: { length: 7d } }`,
  variables: [{ ...sum, aggregate, ...(whenMissing === 'exclude' ? { whenMissing } : {}) }],
  window: week,
});
const aov = (sides: 'both' | 'numerator', percentile: number): PlainMetric => ({
  yaml: `{ type: ratio, source: events, numerator: { column: amount, ${BUY} }, denominator: { aggregate: count, ${BUY} }, window: { length: 7d }, cap: { upper: { percentile: ${percentile} }, sides: ${sides} } }`,
  variables: [sum, count],
  window: week,
  cap: { lower: null, upper: PERCENTILE(percentile), zeros: 'exclude', sides },
});

export const METRICS = {
  revenue: { yaml: `{ type: mean, ${SUM} }`, variables: [sum], window: week },
  orders: {
    yaml: `{ type: mean, source: events, value: { ${BUY} }, window: { length: 7d } }`,
    variables: [count],
    window: week,
  },
  converted: {
    yaml: `{ type: proportion, source: events, value: { ${BUY} }, window: { length: 7d } }`,
    variables: [{ ...count, indicator: true }],
    window: week,
  },
  aov: {
    yaml: `{ type: ratio, source: events, numerator: { column: amount, ${BUY} }, denominator: { aggregate: count, ${BUY} }, window: { length: 7d } }`,
    variables: [sum, count],
    window: week,
  },
  revenue_per_visit: {
    yaml: `{ type: ratio, numerator: { source: events, column: amount, ${BUY} }, denominator: { source: visits, aggregate: count }, window: { length: 7d } }`,
    variables: [sum, visits],
    window: week,
  },
  late_orders: {
    yaml: `{ type: mean, source: events, value: { ${BUY} }, window: { delay: 24h, length: 48h } }`,
    variables: [count],
    window: { delay: 24 * HOUR, length: 48 * HOUR },
  },
  open_revenue: {
    yaml: `{ type: mean, source: events, value: { column: amount, aggregate: sum, ${BUY} } }`,
    variables: [sum],
  },
  open_after_a_day: {
    yaml: `{ type: mean, source: events, value: { column: amount, aggregate: sum, ${BUY} }, window: { delay: 24h } }`,
    variables: [sum],
    window: { delay: 24 * HOUR, length: null },
  },
  net_revenue: {
    yaml: `{ type: mean, source: events, value: { column: amount, aggregate: sum, where: "event_name in ('purchase', 'refund')" }, window: { length: 7d } }`,
    variables: [{ ...sum, where: ({ name }: EventRow) => name === 'purchase' || name === 'refund' }],
    window: week,
  },
  refunds: {
    yaml: `{ type: mean, source: events, value: { where: "event_name = 'refund'" }, window: { length: 14d } }`,
    variables: [{ ...count, where: ({ name }: EventRow) => name === 'refund' }],
    window: { delay: 0, length: 14 * DAY },
  },
  events: {
    yaml: `{ type: mean, source: events, window: { length: 7d } }`,
    variables: [{ source: 'events', aggregate: 'count' }],
    window: week,
  },
  double_amount: {
    yaml: `{ type: mean, source: events, value: { column: "amount * 2", aggregate: sum }, window: { length: 7d } }`,
    variables: [
      { source: 'events', aggregate: 'sum', value: (row: EventRow) => (row.amount === null ? null : row.amount * 2) },
    ],
    window: week,
  },
  products: {
    yaml: `{ type: mean, source: events, value: { column: product, aggregate: count_distinct, ${BUY} }, window: { length: 7d } }`,
    variables: [{ ...count, aggregate: 'count_distinct', value: (row: EventRow) => row.product }],
    window: week,
  },
  orders_of_buyers: {
    yaml: `{ type: mean, source: events, value: { ${BUY}, whenMissing: exclude }, window: { length: 7d } }`,
    variables: [{ ...count, whenMissing: 'exclude' }],
    window: week,
  },
  products_of_buyers: {
    yaml: `{ type: mean, source: events, value: { column: product, aggregate: count_distinct, ${BUY}, whenMissing: exclude }, window: { length: 7d } }`,
    variables: [
      { ...count, aggregate: 'count_distinct', value: (row: EventRow) => row.product, whenMissing: 'exclude' },
    ],
    window: week,
  },
  largest: summary('max', 'exclude'),
  smallest: summary('min', 'zero'),
  average: summary('avg', 'exclude'),
  checked: {
    yaml: `{ type: mean, source: events, value: { column: raw_amount, aggregate: sum, min: 0 }, window: { length: 7d } }`,
    variables: [
      {
        source: 'events',
        aggregate: 'sum',
        value: (row: EventRow) => (row.raw === null ? null : Number(row.raw)),
        minimum: 0,
      },
    ],
    window: week,
  },
  visits: { yaml: `{ type: mean, source: visits, window: { length: 7d } }`, variables: [visits], window: week },
  seconds: {
    yaml: `{ type: mean, source: visits, value: { column: seconds }, window: { length: 3d } }`,
    variables: [{ source: 'visits', aggregate: 'sum', value: (row: VisitRow) => row.seconds }],
    window: { delay: 0, length: 3 * DAY },
  },
  score: {
    yaml: `{ type: mean, source: profiles, value: { column: score } }`,
    variables: [{ source: 'profiles', aggregate: 'sum', value: (row: ProfileRow) => row.score }],
  },
  pro: {
    yaml: `{ type: proportion, source: profiles, value: { where: "plan = 'pro'" } }`,
    variables: [
      { source: 'profiles', aggregate: 'count', where: (row: ProfileRow) => row.plan === 'pro', indicator: true },
    ],
  },
  sent_revenue: {
    yaml: `{ type: mean, source: sent, value: { column: amount, aggregate: sum, ${BUY} }, window: { length: 7d } }`,
    variables: [{ ...sum, source: 'sent' }],
    window: week,
  },
  capped_at_value: capped('upper: 50', { upper: { kind: 'value', value: 50 } }),
  capped: capped('upper: { percentile: 0.9 }', { upper: PERCENTILE(0.9) }),
  capped_with_zeros: capped('upper: { percentile: 0.9 }, zeros: include', { upper: PERCENTILE(0.9), zeros: 'include' }),
  capped_both_ways: capped('lower: { percentile: 0.1 }, upper: { percentile: 0.9 }', {
    lower: PERCENTILE(0.1),
    upper: PERCENTILE(0.9),
  }),
  aov_capped: aov('numerator', 0.9),
  aov_capped_twice: aov('both', 0.8),
  ...NARROWED_METRICS,
  ...MEASURED_METRICS,
} as const satisfies Record<string, PlainMetric>;

export type MetricName = keyof typeof METRICS;

/** Metrics that are only asked for by name. */
export const OF_NO_EXPERIMENT: readonly string[] = [NARROWED_METRICS, MEASURED_METRICS].flatMap((metrics) =>
  Object.keys(metrics),
);
