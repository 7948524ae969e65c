/**
 * What an arm truly changes, as factors on the chances and sizes of a user's sessions from the exposure on; 1 where left
 * out. Nothing else tells arms apart.
 */
export interface Effect {
  /** Organic sessions kept. */
  readonly sessions?: number;
  readonly pages?: number;
  readonly carts?: number;
  readonly purchases?: number;
  readonly amount?: number;
  readonly refunds?: number;
  readonly loadTime?: number;
  readonly tickets?: number;
  readonly cancels?: number;
}

/** The kinds of effect, in the order of the columns that carry them. */
export const EFFECTS = [
  'sessions',
  'pages',
  'carts',
  'purchases',
  'amount',
  'refunds',
  'loadTime',
  'tickets',
  'cancels',
] as const satisfies readonly (keyof Effect)[];

/** One arm as it was really run. */
export interface DemoArm {
  readonly variant: string;
  readonly weight: number;
  readonly effect?: Effect;
  /** Share of this arm's Android exposures that never reach the log: a sample ratio mismatch. */
  readonly lostOnAndroid?: number;
}

/** One experiment as it was really run; the catalog in `metrics/` says what was planned. */
export interface DemoExperiment {
  readonly key: string;
  readonly name: string;
  readonly start: string;
  /** Enrolment runs evenly up to here; where it lies beyond the clock, the experiment is still running. */
  readonly enrolUntil: string;
  /** Share of all users that would be enrolled by `enrolUntil`. */
  readonly share: number;
  /** Listed in the feature-flag system's own table. */
  readonly flagged?: boolean;
  /** The first is the control. */
  readonly arms: readonly DemoArm[];
}

const even = (effect: Effect): readonly DemoArm[] => [
  { variant: 'control', weight: 0.5 },
  { variant: 'treatment', weight: 0.5, effect },
];

/** The truth behind the demo: tune effect sizes and sample sizes here. */
export const DEMO_EXPERIMENTS: readonly DemoExperiment[] = [
  {
    key: 'checkout_button',
    name: 'Sticky checkout button',
    start: '2026-03-20',
    enrolUntil: '2026-04-10',
    share: 0.25,
    arms: even({ purchases: 1.14 }),
  },
  {
    key: 'free_shipping_banner',
    name: 'Free shipping banner',
    start: '2026-03-16',
    enrolUntil: '2026-04-06',
    share: 0.25,
    arms: even({ carts: 0.95, purchases: 0.88 }),
  },
  {
    key: 'homepage_aa',
    name: 'A/A test of the home page',
    start: '2026-03-25',
    enrolUntil: '2026-04-15',
    share: 0.25,
    arms: even({}),
  },
  {
    key: 'ranking_refactor',
    name: 'Rewrite of the ranking service',
    start: '2026-03-18',
    enrolUntil: '2026-04-18',
    share: 0.45,
    arms: even({}),
  },
  {
    key: 'login_redesign',
    name: 'Redesigned login',
    start: '2026-04-01',
    enrolUntil: '2026-04-22',
    share: 0.25,
    arms: [
      { variant: 'control', weight: 0.5 },
      { variant: 'treatment', weight: 0.5, effect: { purchases: 1.06 }, lostOnAndroid: 0.2 },
    ],
  },
  {
    key: 'rich_media_cards',
    name: 'Video on product cards',
    start: '2026-04-06',
    enrolUntil: '2026-04-27',
    share: 0.25,
    arms: even({ carts: 1.1, purchases: 1.06, loadTime: 1.18 }),
  },
  {
    key: 'gift_wrap_option',
    name: 'Gift wrap at checkout',
    start: '2026-04-10',
    enrolUntil: '2026-04-24',
    share: 0.01,
    arms: even({ purchases: 1.05 }),
  },
  {
    key: 'loyalty_pricing',
    name: 'Prices for loyal customers',
    start: '2026-04-08',
    enrolUntil: '2026-05-06',
    share: 0.35,
    arms: even({ purchases: 1.05, amount: 1.1 }),
  },
  {
    key: 'welcome_tour',
    name: 'Welcome tour',
    start: '2026-04-13',
    enrolUntil: '2026-05-11',
    share: 0.5,
    arms: [
      { variant: 'control', weight: 0.25 },
      { variant: 'short', weight: 0.25 },
      { variant: 'video', weight: 0.25, effect: { purchases: 0.85 } },
      { variant: 'checklist', weight: 0.25, effect: { purchases: 1.15, pages: 1.2 } },
    ],
  },
  {
    key: 'gateway_migration',
    name: 'New API gateway',
    start: '2026-04-20',
    enrolUntil: '2026-05-11',
    share: 0.3,
    arms: even({}),
  },
  {
    key: 'chat_widget',
    name: 'Chat with support',
    start: '2026-04-27',
    enrolUntil: '2026-05-18',
    share: 0.15,
    arms: even({ tickets: 0.8 }),
  },
  {
    key: 'search_ranking',
    name: 'Semantic search ranking',
    start: '2026-05-18',
    enrolUntil: '2026-06-22',
    share: 0.3,
    flagged: true,
    arms: even({ purchases: 1.04 }),
  },
  {
    key: 'one_page_menu',
    name: 'Menu on one page',
    start: '2026-05-04',
    enrolUntil: '2026-06-08',
    share: 0.3,
    arms: even({ sessions: 1.15, carts: 1.1, purchases: 1.1 }),
  },
  {
    key: 'push_reminders',
    name: 'Daily push reminders',
    start: '2026-05-08',
    enrolUntil: '2026-06-15',
    share: 0.35,
    flagged: true,
    arms: even({ sessions: 1.2, cancels: 1.9, tickets: 1.25 }),
  },
];
