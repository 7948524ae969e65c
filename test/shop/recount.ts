import { readFileSync } from 'node:fs';

/**
 * The scorecard of an experiment counted again, row by row, in plain TypeScript: no SQL and nothing of the product. Follows
 * the semantics that are written beside the data.
 */
export interface RecountPlan {
  readonly key: string;
  readonly start: string;
  readonly end: string;
  readonly weights: Readonly<Record<string, number>>;
}

export interface Recount {
  readonly rows: number;
  readonly dropped: {
    readonly nullUnit: number;
    readonly nullVariant: number;
    readonly unknownVariant: number;
    readonly outsidePeriod: number;
  };
  readonly severalVariants: number;
  readonly units: Readonly<Record<string, number>>;
  readonly chiSquare: number;
  readonly cap: number;
  /** Sums over the units of an arm, by variable. */
  readonly sums: Readonly<Record<string, Readonly<Record<Variable, number>>>>;
}

const HOUR = 3_600_000;
const WINDOW = 168 * HOUR;
const VARIABLES = ['orders', 'revenue', 'revenue_capped', 'sessions', 'net_revenue', 'converted'] as const;
export type Variable = (typeof VARIABLES)[number];
type Unit = Record<Variable, number>;

function rowsOf(name: string): readonly (readonly string[])[] {
  const text = readFileSync(new URL(`../fixtures/shop/${name}`, import.meta.url), 'utf8');
  return text
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => line.split(','));
}

const assignments = rowsOf('assignments.csv').map(([experiment, unit, variant, at]) => ({
  experiment,
  unit: unit!,
  variant: variant!,
  at: Date.parse(at!),
}));
const events = cleaned(
  rowsOf('events.csv').map(([id, unit, name, ts, value]) => ({
    id: id!,
    unit: unit!,
    name: name!,
    at: Date.parse(ts!),
    value: Number(value),
  })),
);

/** Known users and times; of one id the earliest. */
function cleaned<Event extends { readonly id: string; readonly unit: string; readonly at: number }>(
  all: readonly Event[],
): readonly Event[] {
  const earliest = new Map<string, Event>();
  for (const event of all.filter(({ unit, at }) => unit !== '' && !Number.isNaN(at))) {
    const known = earliest.get(event.id);
    if (known === undefined || event.at < known.at) earliest.set(event.id, event);
  }
  return [...earliest.values()];
}

export function recount(plan: RecountPlan): Recount {
  const own = assignments.filter(({ experiment }) => experiment === plan.key);
  const known = own.filter(({ unit }) => unit !== '');
  const withVariant = known.filter(({ variant }) => variant !== '');
  const configured = withVariant.filter(({ variant }) => variant in plan.weights);
  const inside = configured.filter(({ at }) => at >= Date.parse(plan.start) && at < Date.parse(plan.end));

  const seen = new Map<string, { first: number; readonly variants: Set<string> }>();
  for (const { unit, variant, at } of inside) {
    const found = seen.get(unit) ?? { first: at, variants: new Set() };
    found.first = Math.min(found.first, at);
    found.variants.add(variant);
    seen.set(unit, found);
  }
  const analysed = [...seen].filter(([, { variants }]) => variants.size === 1);
  const units = new Map(
    analysed.map(([unit, { first, variants }]) => [unit, { variant: [...variants][0]!, first, ...zeros() }]),
  );
  for (const { unit: id, name, at, value } of events) {
    const unit = units.get(id);
    if (unit === undefined || at < unit.first || at >= unit.first + WINDOW) continue;
    if (name === 'purchase') {
      unit.orders += 1;
      unit.revenue += value;
      unit.converted = 1;
    }
    if (name === 'purchase' || name === 'refund') unit.net_revenue += value;
    if (name === 'session_start') unit.sessions += 1;
  }
  const cap = percentile(
    [...units.values()].map(({ revenue }) => revenue),
    0.99,
  );
  for (const unit of units.values()) unit.revenue_capped = Math.min(unit.revenue, cap);

  const arms = Object.keys(plan.weights);
  const of = (arm: string) => [...units.values()].filter(({ variant }) => variant === arm);
  const expected = (arm: string) => units.size * plan.weights[arm]!;
  return {
    rows: own.length,
    dropped: {
      nullUnit: own.length - known.length,
      nullVariant: known.length - withVariant.length,
      unknownVariant: withVariant.length - configured.length,
      outsidePeriod: configured.length - inside.length,
    },
    severalVariants: seen.size - units.size,
    units: Object.fromEntries(arms.map((arm) => [arm, of(arm).length])),
    chiSquare: arms.reduce((sum, arm) => sum + (of(arm).length - expected(arm)) ** 2 / expected(arm), 0),
    cap,
    sums: Object.fromEntries(arms.map((arm) => [arm, of(arm).reduce(add, zeros())])),
  };
}

const zeros = (): Unit => ({ orders: 0, revenue: 0, revenue_capped: 0, sessions: 0, net_revenue: 0, converted: 0 });
const add = (sum: Unit, unit: Unit): Unit =>
  Object.fromEntries(VARIABLES.map((name) => [name, sum[name] + unit[name]])) as Unit;

/** Linearly interpolated (PERCENTILE_CONT). */
function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = p * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  return below + (sorted[Math.ceil(place)]! - below) * (place - Math.floor(place));
}
