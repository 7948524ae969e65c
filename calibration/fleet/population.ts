import type { GoodWhen, MetricType } from '../../src/core/vocabulary.ts';

/** Kinds of people, which make all metrics of a unit go together: their share and what they are like. */
export const CLASSES = [
  { share: 0.55, buys: 0.04, amount: 22, sessions: 5 },
  { share: 0.35, buys: 0.12, amount: 35, sessions: 9 },
  { share: 0.1, buys: 0.3, amount: 80, sessions: 16 },
] as const;

/** Standard deviation of an amount, and of sessions: through what is common to all metrics of a unit, and their own. */
export const AMOUNT_SD = 12;
export const SESSIONS_SD = { common: 1, own: 1.5 };

/** Share of the purchases of a window that fall on each of its seven days. */
export const USUAL_TIMING = [0.3, 0.2, 0.15, 0.1, 0.1, 0.08, 0.07] as const;
export const EARLY_TIMING = [0.6, 0.2, 0.1, 0.05, 0.03, 0.01, 0.01] as const;

/** How a metric's values come about in each class. Purchases fall on a day of the window, all else at the exposure. */
export type Origin =
  | { readonly kind: 'amount' | 'bought' | 'amountPerSession' | 'sessions' }
  /** A normal number: its means, its standard deviation through what is common to the unit, and its own. */
  | { readonly kind: 'normal'; readonly means: readonly number[]; readonly common: number; readonly own: number }
  | { readonly kind: 'share'; readonly shares: readonly number[] }
  /** A count that goes with the sessions, over the sessions. */
  | { readonly kind: 'perSession'; readonly rate: number; readonly own: number };

export interface FleetMetric {
  readonly name: string;
  readonly type: MetricType;
  readonly goodWhen: Exclude<GoodWhen, 'NEITHER'>;
  /** Of a guardrail; null: it is tested for harm only. */
  readonly margin: number | null;
  readonly origin: Origin;
}

/** An experiment has the first 1 or all 3 of them. */
export const GOALS: readonly FleetMetric[] = [
  { name: 'conversion', type: 'PROPORTION', goodWhen: 'UP', margin: null, origin: { kind: 'bought' } },
  { name: 'revenue', type: 'MEAN', goodWhen: 'UP', margin: null, origin: { kind: 'amount' } },
  { name: 'revenue_per_session', type: 'RATIO', goodWhen: 'UP', margin: null, origin: { kind: 'amountPerSession' } },
];

const perSession = (rate: number, own: number): Origin => ({ kind: 'perSession', rate, own });
const normal = (means: readonly number[], common: number, own: number): Origin => ({
  kind: 'normal',
  means,
  common,
  own,
});

/** An experiment has the first 0, 3 or 10 of them. */
export const GUARDRAILS: readonly FleetMetric[] = [
  { name: 'page_load', type: 'MEAN', goodWhen: 'DOWN', margin: 0.02, origin: normal([2, 2.2, 2.8], 0.6, 1.6) },
  {
    name: 'refunded',
    type: 'PROPORTION',
    goodWhen: 'DOWN',
    margin: 0.2,
    origin: { kind: 'share', shares: [0.01, 0.025, 0.06] },
  },
  { name: 'pages_per_session', type: 'RATIO', goodWhen: 'UP', margin: 0.02, origin: perSession(4, 9) },
  { name: 'sessions', type: 'MEAN', goodWhen: 'UP', margin: 0.02, origin: { kind: 'sessions' } },
  {
    name: 'asked_support',
    type: 'PROPORTION',
    goodWhen: 'DOWN',
    margin: null,
    origin: { kind: 'share', shares: [0.03, 0.04, 0.08] },
  },
  { name: 'errors_per_session', type: 'RATIO', goodWhen: 'DOWN', margin: 0.05, origin: perSession(0.3, 2) },
  { name: 'searches', type: 'MEAN', goodWhen: 'UP', margin: null, origin: normal([1, 3, 8], 0.5, 1.5) },
  {
    name: 'crashed',
    type: 'PROPORTION',
    goodWhen: 'DOWN',
    margin: 0.1,
    origin: { kind: 'share', shares: [0.05, 0.07, 0.1] },
  },
  { name: 'seconds_per_session', type: 'RATIO', goodWhen: 'UP', margin: null, origin: perSession(90, 400) },
  { name: 'battery', type: 'MEAN', goodWhen: 'DOWN', margin: 0.03, origin: normal([6, 7, 9], -0.8, 3) },
];
