import type { Cap } from '../../../src/metric-types/metric-type.ts';
import { DAY, type EventRow, HOUR, type ProfileRow, type VisitRow } from './data.ts';
import type { PlainMetric, PlainVariable } from './metrics.ts';

const named =
  (name: string) =>
  ({ name: own }: EventRow) =>
    own === name;
const BUY = `where: "event_name = 'purchase'"`;
const week = { delay: 0, length: 7 * DAY };
const fortnight = { delay: 0, length: 14 * DAY };
const events = { source: 'events' } as const;
const amount = (row: EventRow) => row.amount;
const bought: PlainVariable = { ...events, aggregate: 'sum', where: named('purchase'), value: amount };
const orders: PlainVariable = { ...events, aggregate: 'count', where: named('purchase') };

const mean = (value: string, window = ', window: { length: 7d }') =>
  `{ type: mean, source: events, value: { ${value} }${window} }`;
const share = (value: string) => `{ type: proportion, source: events, value: { ${value} }, window: { length: 7d } }`;
const funnel = (steps: string, window = ', window: { length: 14d }') =>
  `{ type: funnel, source: events, steps: [${steps}]${window} }`;
const step = (name: string, within = '') => `{ where: "event_name = '${name}'"${within} }`;
const taken = (name: string, within: number | null = null) => ({ where: named(name), within });
const funnelOf = (...steps: NonNullable<PlainVariable['steps']>): PlainVariable => ({
  ...events,
  aggregate: 'funnel',
  steps,
  indicator: true,
});
const eventCap = (lower: number | null, upper: number | null, sides: 'both' | 'numerator' = 'both'): Cap => ({
  lower: lower === null ? null : { kind: 'value', value: lower },
  upper: upper === null ? null : { kind: 'value', value: upper },
  zeros: 'exclude',
  sides,
  per: 'event',
});

/** Visits of the same person soon after, which has another name and type there. */
const visitSoon = (within: number, where?: (row: VisitRow) => boolean): NonNullable<PlainVariable['exists']> => ({
  source: 'visits',
  own: ({ unit }) => unit,
  other: ({ unit }) => unit,
  within,
  ...(where === undefined ? {} : { where }),
});
const VISITS = 'source: visits, on: { user_id: user }';

/** Metrics of how the rows of a unit become one number. */
export const MEASURED_METRICS = {
  first_amount: {
    yaml: mean(`column: amount, aggregate: first, ${BUY}, whenMissing: exclude`),
    variables: [{ ...bought, aggregate: 'first', whenMissing: 'exclude' }],
    window: week,
  },
  last_amount: {
    yaml: mean(`column: amount, aggregate: last, whenMissing: zero`),
    variables: [{ ...events, aggregate: 'last', value: amount }],
    window: week,
  },
  first_raw: {
    yaml: mean('column: raw_amount, aggregate: first, whenMissing: exclude, min: 0', ''),
    variables: [
      {
        ...events,
        aggregate: 'first',
        value: (row: EventRow) => (row.raw === null ? null : Number(row.raw)),
        whenMissing: 'exclude',
        minimum: 0,
      },
    ],
  },
  active_days: {
    yaml: '{ type: participation, source: events, window: { length: 7d } }',
    variables: [{ ...events, aggregate: 'distinct_days' }],
    window: week,
  },
  shopping_days: {
    yaml: `{ type: participation, source: events, value: { ${BUY} } }`,
    variables: [{ ...events, aggregate: 'distinct_days', where: named('purchase') }],
  },
  daily_days: {
    yaml: '{ type: participation, source: daily, window: { length: 7d } }',
    variables: [{ source: 'daily', aggregate: 'distinct_days' }],
    window: week,
  },
  days_adjusted: {
    yaml: '{ type: participation, source: events, window: { length: 7d }, covariate: { lookback: 84h } }',
    variables: [{ ...events, aggregate: 'distinct_days' }],
    window: week,
    covariate: { lookback: 84 * HOUR, missing: 'zero' },
  },
  hours_to_purchase: {
    yaml: mean(`aggregate: time_to_first, missing: window_end, ${BUY}`),
    variables: [{ ...orders, aggregate: 'time_to_first', unit: HOUR, missing: 7 * 24 }],
    window: week,
  },
  minutes_to_purchase_of_buyers: {
    yaml: mean(`aggregate: time_to_first, missing: exclude, in: minutes, ${BUY}`, ', window: { delay: 12h }'),
    variables: [{ ...orders, aggregate: 'time_to_first', unit: 60_000, whenMissing: 'exclude' }],
    window: { delay: 12 * HOUR, length: null },
  },
  days_to_event: {
    yaml: mean('aggregate: time_to_first, missing: window_end, in: days', ', window: { delay: 1d, length: 3d }'),
    variables: [{ ...events, aggregate: 'time_to_first', unit: DAY, missing: 4 }],
    window: { delay: DAY, length: 3 * DAY },
  },
  spent_80: {
    yaml: share(`column: amount, aggregate: sum, ${BUY}, atLeast: 80`),
    variables: [{ ...bought, threshold: (value: number) => value >= 80 }],
    window: week,
  },
  spent_under_80: {
    yaml: share(`column: amount, aggregate: sum, ${BUY}, below: 80`),
    variables: [{ ...bought, threshold: (value: number) => value < 80 }],
    window: week,
  },
  open_few_orders: {
    yaml: `{ type: proportion, source: events, value: { ${BUY}, atMost: 1 } }`,
    variables: [{ ...orders, threshold: (value: number) => value <= 1 }],
  },
  several_orders: {
    yaml: share(`${BUY}, above: 1`),
    variables: [{ ...orders, threshold: (value: number) => value > 1 }],
    window: week,
  },
  large_first_of_buyers: {
    yaml: share(`column: amount, aggregate: first, ${BUY}, whenMissing: exclude, above: 50`),
    variables: [{ ...bought, aggregate: 'first', whenMissing: 'exclude', threshold: (value: number) => value > 50 }],
    window: week,
  },
  quick: {
    yaml: share(`aggregate: time_to_first, missing: window_end, ${BUY}, below: 48`),
    variables: [
      { ...orders, aggregate: 'time_to_first', unit: HOUR, missing: 7 * 24, threshold: (value: number) => value < 48 },
    ],
    window: week,
  },
  refunded_soon: {
    yaml: funnel(`${step('purchase')}, ${step('refund', ', within: 36h')}`),
    variables: [funnelOf(taken('purchase'), taken('refund', 36 * HOUR))],
    window: fortnight,
  },
  came_back: {
    yaml: funnel(`${step('purchase')}, ${step('view', ', within: 3d')}, ${step('purchase', ', within: 60h')}`),
    variables: [funnelOf(taken('purchase'), taken('view', 3 * DAY), taken('purchase', 60 * HOUR))],
    window: fortnight,
  },
  open_path: {
    yaml: funnel(`${step('purchase')}, ${step('refund')}, ${step('purchase')}`, ''),
    variables: [funnelOf(taken('purchase'), taken('refund'), taken('purchase'))],
  },
  path_of_anything: {
    yaml: funnel(`{ where: "amount > 50" }, { where: "event_name = 'purchase'", within: 5h }, { where: "true" }`),
    variables: [
      funnelOf({ where: ({ amount }) => amount !== null && amount > 50, within: null }, taken('purchase', 5 * HOUR), {
        where: () => true,
        within: null,
      }),
    ],
    window: fortnight,
  },
  orders_before_visit: {
    yaml: mean(`${BUY}, exists: { ${VISITS}, within: 24h }`),
    variables: [{ ...orders, exists: visitSoon(DAY) }],
    window: { ...week, settle: DAY },
  },
  open_orders_before_visit: {
    yaml: mean(`${BUY}, exists: { ${VISITS}, within: 24h }`, ''),
    variables: [{ ...orders, exists: visitSoon(DAY) }],
  },
  share_before_long_visit: {
    yaml: `{ type: ratio, source: events, numerator: { exists: { ${VISITS}, within: 30h, where: "seconds > 300" } }, denominator: { aggregate: count }, window: { length: 7d } }`,
    variables: [
      { ...events, aggregate: 'count', exists: visitSoon(30 * HOUR, ({ seconds }) => seconds > 300) },
      { ...events, aggregate: 'count' },
    ],
    window: { ...week, settle: 30 * HOUR },
  },
  share_before_visits: {
    yaml: `{ type: ratio, source: events, numerator: { column: amount, exists: { ${VISITS}, within: 24h, where: "seconds > 100" } }, denominator: { exists: { ${VISITS}, within: 24h } }, window: { length: 7d } }`,
    variables: [
      { ...events, aggregate: 'sum', value: amount, exists: visitSoon(DAY, ({ seconds }) => seconds > 100) },
      { ...events, aggregate: 'count', exists: visitSoon(DAY) },
    ],
    window: { ...week, settle: DAY },
  },
  refunded: {
    yaml: share(`${BUY}, exists: { source: sent, on: user_id, within: 45m, where: "event_name = 'refund'" }`),
    variables: [
      {
        ...orders,
        indicator: true,
        exists: {
          source: 'sent',
          own: ({ unit }) => unit,
          other: ({ unit }) => unit,
          where: named('refund'),
          within: 45 * 60_000,
        },
      },
    ],
    window: { ...week, settle: 45 * 60_000 },
  },
  orders_of_pros: {
    yaml: mean(`${BUY}, exists: { source: profiles, on: user_id, where: "plan = 'pro'" }`),
    variables: [
      {
        ...orders,
        exists: {
          source: 'profiles',
          own: ({ unit }) => unit,
          other: ({ unit }) => unit,
          where: ({ plan }: ProfileRow) => plan === 'pro',
          within: null,
        },
      },
    ],
    window: week,
  },
  sent_with_visit: {
    yaml: `{ type: mean, source: sent, value: { column: amount, exists: { ${VISITS} } } }`,
    variables: [{ source: 'sent', aggregate: 'sum', value: amount, exists: { ...visitSoon(0), within: null } }],
  },
  before_visit_adjusted: {
    yaml: `{ type: mean, source: events, value: { exists: { ${VISITS}, within: 24h } }, window: { length: 7d }, covariate: { lookback: 5d } }`,
    variables: [{ ...events, aggregate: 'count', exists: visitSoon(DAY) }],
    window: { ...week, settle: DAY },
    covariate: { lookback: 5 * DAY, missing: 'zero' },
  },
  rows_capped: {
    yaml: `{ type: mean, source: events, value: { column: amount, ${BUY} }, window: { length: 7d }, cap: { upper: 50, per: event } }`,
    variables: [bought],
    window: week,
    cap: eventCap(null, 50),
  },
  rows_capped_both_ways: {
    yaml: `{ type: mean, source: events, value: { column: amount, aggregate: avg, whenMissing: exclude }, cap: { upper: { value: 60 }, lower: -10, per: event } }`,
    variables: [{ ...events, aggregate: 'avg', value: amount, whenMissing: 'exclude' }],
    cap: eventCap(-10, 60),
  },
  aov_rows_capped: {
    yaml: `{ type: ratio, source: events, numerator: { column: amount, ${BUY} }, denominator: { ${BUY} }, window: { length: 7d }, cap: { upper: { value: 70 }, per: event, sides: numerator } }`,
    variables: [bought, orders],
    window: week,
    cap: eventCap(null, 70, 'numerator'),
  },
  ratio_rows_capped: {
    yaml: `{ type: ratio, source: events, numerator: { column: amount, ${BUY} }, denominator: { column: amount }, window: { length: 7d }, cap: { upper: 40, lower: 5, per: event } }`,
    variables: [bought, { ...events, aggregate: 'sum', value: amount }],
    window: week,
    cap: eventCap(5, 40),
  },
  rows_capped_adjusted: {
    yaml: `{ type: mean, source: events, value: { column: amount, ${BUY} }, window: { length: 7d }, covariate: { lookback: 4d }, cap: { upper: 50, per: event } }`,
    variables: [bought],
    window: week,
    cap: eventCap(null, 50),
    covariate: { lookback: 4 * DAY, missing: 'zero' },
  },
  first_adjusted: {
    yaml: mean(
      `column: amount, aggregate: first, ${BUY}, whenMissing: exclude`,
      ', window: { length: 7d }, covariate: { lookback: 4d }',
    ),
    variables: [{ ...bought, aggregate: 'first', whenMissing: 'exclude' }],
    window: week,
    covariate: { lookback: 4 * DAY, missing: 'indicator' },
  },
  spent_50_adjusted: {
    yaml: `{ type: proportion, source: events, value: { column: amount, ${BUY}, atLeast: 50 }, window: { length: 7d }, covariate: { lookback: 4d } }`,
    variables: [{ ...bought, threshold: (value: number) => value >= 50 }],
    window: week,
    covariate: { lookback: 4 * DAY, missing: 'zero' },
  },
  refunded_soon_adjusted: {
    yaml: funnel(
      `${step('purchase')}, ${step('refund', ', within: 36h')}`,
      ', window: { length: 14d }, covariate: { lookback: 5d }',
    ),
    variables: [funnelOf(taken('purchase'), taken('refund', 36 * HOUR))],
    window: fortnight,
    covariate: { lookback: 5 * DAY, missing: 'zero' },
  },
  retained_day: {
    yaml: '{ type: retention, source: visits, day: 3 }',
    variables: [{ source: 'visits', aggregate: 'count', indicator: true }],
    window: { delay: 3 * DAY, length: DAY },
  },
  retained_week: {
    yaml: '{ type: retention, source: events, week: 1, value: { where: "event_name <> \'refund\'" } }',
    variables: [{ ...events, aggregate: 'count', indicator: true, where: ({ name }: EventRow) => name !== 'refund' }],
    window: { delay: 7 * DAY, length: 7 * DAY },
  },
  retained_from: {
    yaml: '{ type: retention, source: visits, window: { delay: 4d } }',
    variables: [{ source: 'visits', aggregate: 'count', indicator: true }],
    window: { delay: 4 * DAY, length: null },
  },
} as const satisfies Record<string, PlainMetric>;
