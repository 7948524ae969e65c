import type { Cap } from '../../../src/metric-types/metric-type.ts';
import { DAY, type EventRow } from './data.ts';
import type { DailyRow } from './derived.ts';
import type { PlainMetric, PlainVariable } from './metrics.ts';

const named =
  (name: string) =>
  ({ name: own }: EventRow) =>
    own === name;
const BUY = `where: "event_name = 'purchase'"`;
const SUM = `column: amount, ${BUY}`;
const amount = (row: { readonly amount: number | null }) => row.amount;
const sum: PlainVariable = { source: 'events', aggregate: 'sum', where: named('purchase'), value: amount };
const count: PlainVariable = { source: 'events', aggregate: 'count', where: named('purchase') };
const visits: PlainVariable = { source: 'visits', aggregate: 'count' };
const sentSum: PlainVariable = { ...sum, source: 'sent' };
const bought: PlainVariable = { source: 'daily', aggregate: 'sum', value: amount };

const week = { delay: 0, length: 7 * DAY };
const before = (days: number, missing: 'zero' | 'indicator' = 'zero') => ({ lookback: days * DAY, missing });
const cap = (yaml: string, of: Partial<Cap>) =>
  [`cap: { ${yaml} }`, { lower: null, upper: null, zeros: 'exclude', sides: 'both', ...of } satisfies Cap] as const;
const P80 = { kind: 'percentile', percentile: 0.8 } as const;
const P20 = { kind: 'percentile', percentile: 0.2 } as const;
const [CAPPED, CAP] = cap('upper: { percentile: 0.8 }', { upper: P80 });
const [BOTH_WAYS, BOTH] = cap('lower: { percentile: 0.2 }, upper: { percentile: 0.8 }, zeros: include', {
  lower: P20,
  upper: P80,
  zeros: 'include',
});
const [AT_VALUE, VALUE] = cap('upper: 60', { upper: { kind: 'value', value: 60 } });
const FRACTION = `numerator: { ${SUM} }, denominator: { ${BUY} }`;

/** Metrics of what was before the exposure, of some units only, of several measures, of days and of what had arrived. */
export const NARROWED_METRICS = {
  revenue_adjusted: {
    yaml: `{ type: mean, source: events, value: { ${SUM} }, window: { length: 7d }, covariate: { lookback: 4d } }`,
    variables: [sum],
    window: week,
    covariate: before(4),
  },
  revenue_known_adjusted: {
    yaml: `{ type: mean, source: events, value: { ${SUM} }, window: { length: 7d }, covariate: { lookback: 3d, missing: indicator } }`,
    variables: [sum],
    window: week,
    covariate: before(3, 'indicator'),
  },
  open_revenue_adjusted: {
    yaml: `{ type: mean, source: events, value: { ${SUM} }, covariate: { lookback: 4d } }`,
    variables: [sum],
    covariate: before(4),
  },
  largest_adjusted: {
    yaml: `{ type: mean, source: events, value: { column: amount, aggregate: max, ${BUY}, whenMissing: exclude }, window: { length: 7d }, covariate: { lookback: 4d } }`,
    variables: [{ ...sum, aggregate: 'max', whenMissing: 'exclude' }],
    window: week,
    covariate: before(4, 'indicator'),
  },
  orders_adjusted: {
    yaml: `{ type: mean, source: events, value: { ${BUY}, whenMissing: exclude }, window: { delay: 1d, length: 7d }, covariate: { lookback: 4d } }`,
    variables: [{ ...count, whenMissing: 'exclude' }],
    window: { delay: DAY, length: 7 * DAY },
    covariate: before(4, 'indicator'),
  },
  converted_adjusted: {
    yaml: `{ type: proportion, source: events, value: { ${BUY} }, window: { length: 3d }, covariate: { lookback: 5d } }`,
    variables: [{ ...count, indicator: true }],
    window: { delay: 0, length: 3 * DAY },
    covariate: before(5),
  },
  aov_adjusted: {
    yaml: `{ type: ratio, source: events, ${FRACTION}, window: { length: 7d }, covariate: { lookback: 4d } }`,
    variables: [sum, count],
    window: week,
    covariate: before(4),
  },
  revenue_per_visit_adjusted: {
    yaml: `{ type: ratio, numerator: { source: sent, ${SUM} }, denominator: { source: visits, aggregate: count }, window: { length: 7d }, covariate: { lookback: 4d } }`,
    variables: [sentSum, visits],
    window: week,
    covariate: before(4),
  },
  capped_adjusted: {
    yaml: `{ type: mean, source: events, value: { ${SUM} }, window: { length: 7d }, ${CAPPED}, covariate: { lookback: 4d } }`,
    variables: [sum],
    window: week,
    cap: CAP,
    covariate: before(4),
  },
  capped_known_adjusted: {
    yaml: `{ type: mean, source: events, value: { ${SUM} }, window: { length: 7d }, ${CAPPED}, covariate: { lookback: 4d, missing: indicator } }`,
    variables: [sum],
    window: week,
    cap: CAP,
    covariate: before(4, 'indicator'),
  },
  capped_largest_adjusted: {
    yaml: `{ type: mean, source: events, value: { column: amount, aggregate: max, ${BUY}, whenMissing: exclude }, window: { length: 7d }, ${BOTH_WAYS}, covariate: { lookback: 4d } }`,
    variables: [{ ...sum, aggregate: 'max', whenMissing: 'exclude' }],
    window: week,
    cap: BOTH,
    covariate: before(4, 'indicator'),
  },
  capped_at_value_adjusted: {
    yaml: `{ type: mean, source: events, value: { ${SUM} }, window: { length: 7d }, ${AT_VALUE}, covariate: { lookback: 4d } }`,
    variables: [sum],
    window: week,
    cap: VALUE,
    covariate: before(4),
  },
  aov_capped_adjusted: {
    yaml: `{ type: ratio, source: events, ${FRACTION}, window: { length: 7d }, cap: { upper: { percentile: 0.8 }, sides: numerator }, covariate: { lookback: 4d } }`,
    variables: [sum, count],
    window: week,
    cap: { ...CAP, sides: 'numerator' },
    covariate: before(4),
  },
  settled: {
    yaml: `{ type: mean, source: events, value: { ${SUM} }, window: { length: 3d, settle: 4d } }`,
    variables: [sum],
    window: { delay: 0, length: 3 * DAY, settle: 4 * DAY },
  },
  orders_of_visitors: {
    yaml: `{ type: mean, source: events, value: { ${BUY} }, window: { length: 7d }, among: { source: sent, where: "event_name = 'view'", before: exposure, lookback: 4d } }`,
    variables: [count],
    window: week,
    among: { source: 'sent', where: named('view'), lookback: 4 * DAY },
  },
  revenue_of_viewers: {
    yaml: `{ type: mean, source: events, value: { ${SUM} }, window: { length: 7d }, ${CAPPED}, covariate: { lookback: 4d }, among: { source: events, where: "event_name = 'view'", before: exposure, lookback: 5d } }`,
    variables: [sum],
    window: week,
    cap: CAP,
    covariate: before(4),
    among: { source: 'events', where: named('view'), lookback: 5 * DAY },
  },
  aov_of_refunders: {
    yaml: `{ type: ratio, source: events, ${FRACTION}, window: { length: 7d }, among: { source: events, where: "event_name = 'refund'", during: window } }`,
    variables: [sum, count],
    window: week,
    among: { source: 'events', where: named('refund') },
  },
  open_orders_of_refunders: {
    yaml: `{ type: mean, source: events, value: { ${BUY} }, among: { where: "event_name = 'refund'", during: window } }`,
    variables: [count],
    among: { source: 'events', where: named('refund') },
  },
  net: {
    yaml: `{ type: mean, combine: "paid - 2 * refunded", parts: { paid: { source: events, ${SUM} }, refunded: { source: events, where: "event_name = 'refund'" } }, window: { length: 7d } }`,
    variables: [
      {
        ...sum,
        parts: [sum, { ...count, where: named('refund') }],
        combine: ([paid, refunded]) => paid! - 2 * refunded!,
      },
    ],
    window: week,
  },
  net_adjusted: {
    yaml: `{ type: mean, source: events, combine: "-(a - b) / 2 + 1", parts: { a: { ${SUM} }, b: { source: visits, column: seconds } }, window: { length: 7d }, ${CAPPED}, covariate: { lookback: 4d, missing: indicator } }`,
    variables: [
      {
        ...sum,
        parts: [sum, { ...visits, aggregate: 'sum', value: (row: { readonly seconds: number }) => row.seconds }],
        combine: ([a, b]) => -(a! - b!) / 2 + 1,
      },
    ],
    window: week,
    cap: CAP,
    covariate: before(4, 'indicator'),
  },
  share_of_refunds: {
    yaml: `{ type: mean, combine: "r / (r + p)", whenMissing: exclude, parts: { r: { source: events, where: "event_name = 'refund'" }, p: { source: events, ${BUY} } }, window: { length: 7d }, covariate: { lookback: 4d } }`,
    variables: [
      {
        ...sum,
        parts: [{ ...count, where: named('refund') }, count],
        combine: ([r, p]) => (r! + p! === 0 ? null : r! / (r! + p!)),
        whenMissing: 'exclude',
      },
    ],
    window: week,
    covariate: before(4, 'indicator'),
  },
  amount_per_visit: {
    yaml: `{ type: mean, combine: "amount / visits", whenMissing: zero, parts: { amount: { source: events, ${SUM}, whenMissing: exclude }, visits: { source: visits } }, window: { length: 7d } }`,
    variables: [
      {
        ...sum,
        parts: [{ ...sum, whenMissing: 'exclude' }, visits],
        combine: ([a, v]) => (v === 0 ? 0 : a! / v!),
        whenMissing: 'exclude',
      },
    ],
    window: week,
  },
  daily_revenue: {
    yaml: `{ type: mean, source: daily, value: { column: amount }, window: { length: 3d }, covariate: { lookback: 4d } }`,
    variables: [bought],
    window: { delay: 0, length: 3 * DAY },
    covariate: before(4),
  },
  daily_orders_later: {
    yaml: `{ type: mean, source: daily, value: { column: orders }, window: { delay: 1d, length: 2d } }`,
    variables: [{ ...bought, value: (row: DailyRow) => row.orders }],
    window: { delay: DAY, length: 2 * DAY },
  },
  daily_open: {
    yaml: `{ type: mean, source: daily, value: { column: amount } }`,
    variables: [bought],
  },
  arrived_revenue: {
    yaml: `{ type: mean, source: arrived, value: { ${SUM} }, window: { length: 3d } }`,
    variables: [{ ...sum, source: 'arrived' }],
    window: { delay: 0, length: 3 * DAY },
  },
} as const satisfies Record<string, PlainMetric>;
