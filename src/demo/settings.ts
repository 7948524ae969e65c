/** Everything about the demo's population that may be tuned; effects of experiments are in `experiments.ts`. */
export interface DemoSettings {
  readonly seed: number;
  /** First instant with data. */
  readonly from: string;
  /** The frozen present: no row is at or after it. `clock` in the demo's catalog says the same. */
  readonly clock: string;
  /** The survey provider's feed broke here: no answer is at or after it. */
  readonly surveysUntil: string;
  readonly users: number;
  /** Sessions that users start on their own, beside those in which an experiment meets them. */
  readonly organicSessions: number;
  /** Chances per session (or per purchase) before any effect, and parameters of the amounts. */
  readonly base: {
    readonly cart: number;
    /** Of sessions with a filled cart; times the user's own inclination, 0.4 to 1.6. */
    readonly purchase: number;
    readonly refund: number;
    readonly ticket: number;
    readonly cancel: number;
    /** Page views beyond the first, on average. */
    readonly morePages: number;
    /** exp of this is the median order of the median user. */
    readonly logAmount: number;
    readonly userSigma: number;
    readonly orderSigma: number;
    /** Share of orders that are bulk orders, and how many times larger these are. */
    readonly bulkShare: number;
    readonly bulkFactor: number;
    readonly logMs: number;
    readonly msSigma: number;
  };
  /** How often real pipelines go wrong here, as shares of rows. */
  readonly dirt: {
    readonly resentEvents: number;
    readonly eventsWithoutUser: number;
    readonly purchasesWithoutAmount: number;
    readonly reExposures: number;
    readonly secondVariant: number;
    readonly ghostVariant: number;
    readonly assignmentsWithoutUser: number;
    readonly assignmentsWithoutCountry: number;
    readonly bots: number;
  };
  /** Single orders given to the first users of the heavy-tailed experiment's control. */
  readonly whales: { readonly experiment: string; readonly variant: string; readonly amounts: readonly number[] };
}

/** The demo as it is shipped. */
export const DEMO_SETTINGS: DemoSettings = {
  seed: 42,
  from: '2026-03-01 00:00:00',
  clock: '2026-06-01 00:00:00',
  surveysUntil: '2026-05-20 06:00:00',
  users: 200_000,
  organicSessions: 500_000,
  base: {
    cart: 0.4,
    purchase: 0.42,
    refund: 0.07,
    ticket: 0.04,
    cancel: 0.012,
    morePages: 0.6,
    logAmount: 3.3,
    userSigma: 0.5,
    orderSigma: 0.8,
    bulkShare: 0.002,
    bulkFactor: 25,
    logMs: 6.8,
    msSigma: 0.45,
  },
  dirt: {
    resentEvents: 0.002,
    eventsWithoutUser: 0.0004,
    purchasesWithoutAmount: 0.0005,
    reExposures: 0.06,
    secondVariant: 0.0015,
    ghostVariant: 0.0004,
    assignmentsWithoutUser: 0.0003,
    assignmentsWithoutCountry: 0.002,
    bots: 0.008,
  },
  whales: { experiment: 'loyalty_pricing', variant: 'control', amounts: [48_000, 31_500] },
};

/** The same population at another size; `scale` 0.1 has a tenth of the users and sessions. */
export function scaled(settings: DemoSettings, scale: number): DemoSettings {
  return {
    ...settings,
    users: Math.round(settings.users * scale),
    organicSessions: Math.round(settings.organicSessions * scale),
  };
}
