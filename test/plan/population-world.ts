/** Who is analysed: an allocation that changed, units that must be activated, and clusters. The same rows in every run. */
export interface Assigned {
  readonly experiment: string;
  readonly unit: string;
  readonly account: string | null;
  readonly variant: string;
  readonly at: number;
  readonly country: string;
  readonly bot: boolean;
}

export interface Happened {
  readonly unit: string;
  readonly name: string;
  readonly at: number;
  readonly amount: number;
}

export const START = Date.parse('2026-03-01T00:00:00Z');
export const CHANGE = Date.parse('2026-03-05T12:00:00Z');
export const END = Date.parse('2026-03-11T00:00:00Z');
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** Marsaglia's xorshift, 32 bits: uniform in [0, 1). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const next = random(20260301);
const between = (from: number, until: number) => from + Math.floor((next() * (until - from)) / 1000) * 1000;
const cents = (mean: number) => Math.round(next() * 2 * mean * 100) / 100;

export const assignments: Assigned[] = [];
export const events: Happened[] = [];

/** A ramp from 10 % to 50 %, without an effect; later units buy five times as much. */
for (let i = 0; i < 1600; i++) {
  const early = i < 800;
  const at = early ? between(START, CHANGE) : between(CHANGE, END);
  const variant = next() < (early ? 0.1 : 0.5) ? 'treatment' : 'control';
  const row = { unit: `r${i}`, account: null, variant, at, country: next() < 0.4 ? 'DE' : 'FR', bot: false };
  for (const experiment of ['declared', 'undeclared']) assignments.push({ ...row, experiment });
  const rich = row.country === 'DE' ? 2 : 1;
  if (next() < 0.8) events.push({ unit: row.unit, name: 'buy', at: at + HOUR, amount: cents((early ? 1 : 5) * rich) });
}

/** Some open the page: once, twice, too late, before they were exposed, or never; and buy before and after it. */
for (let i = 0; i < 400; i++) {
  const unit = `a${i}`;
  const at = between(START, END);
  const variant = next() < 0.5 ? 'treatment' : 'control';
  const row = { experiment: 'activated', unit, account: null, variant, at, country: 'DE', bot: false };
  assignments.push(row);
  if (next() < 0.1) assignments.push({ ...row, at: at + HOUR });
  if (next() < 0.05)
    assignments.push({ ...row, at: at + HOUR, variant: variant === 'control' ? 'treatment' : 'control' });
  const kind = next();
  const opens =
    kind < 0.1
      ? [at]
      : kind < 0.5
        ? [between(at, at + 2 * DAY), between(at, at + 2 * DAY)]
        : kind < 0.6
          ? [at + 2 * DAY]
          : [];
  if (next() < 0.2) opens.push(at - 1000);
  for (const open of opens) events.push({ unit, name: 'open', at: open, amount: 0 });
  for (let k = 0; k < 6; k++)
    events.push({ unit, name: 'buy', at: between(at - 4 * DAY, at + 6 * DAY), amount: cents(3) });
}

/** Accounts of one to six users, who are alike; one account in twenty is seen in two variants. */
for (let i = 0; i < 240; i++) {
  const account = i === 0 ? null : `acc${i}`;
  const variant = next() < 0.5 ? 'treatment' : 'control';
  const level = next() * 4;
  const mixed = next() < 0.05;
  const size = 1 + Math.floor(next() * 6);
  for (let k = 0; k < size; k++) {
    const unit = `c${i}_${k}`;
    const at = between(START, END);
    const other = variant === 'control' ? 'treatment' : 'control';
    const own = mixed && k === size - 1 && size > 1 ? other : variant;
    const bot = next() < 0.03;
    assignments.push({
      experiment: 'clustered',
      unit,
      account,
      variant: own,
      at,
      country: next() < 0.5 ? 'DE' : 'FR',
      bot,
    });
    const buys = Math.floor(next() * 3);
    for (let j = 0; j < buys; j++)
      events.push({
        unit,
        name: 'buy',
        at: between(at, at + 4 * DAY),
        amount: Math.round(100 * (level + next())) / 100,
      });
  }
}

const text = (value: string | null) => (value === null ? 'null' : `'${value}'`);
const time = (at: number) => `timestamptz '${new Date(at).toISOString()}'`;
const rows = (values: readonly string[], columns: string) =>
  `select * from (values ${values.join(', ')}) as t(${columns})`;

export const PARQUET = {
  'assignments.parquet': rows(
    assignments.map(
      (row) =>
        `('${row.experiment}', '${row.unit}', ${text(row.account)}, '${row.variant}', ${time(row.at)}, '${row.country}', ${row.bot})`,
    ),
    'experiment, unit, account, variant, seen_at, country, bot',
  ),
  'events.parquet': rows(
    events.map(({ unit, name, at, amount }) => `('${unit}', '${name}', ${time(at)}, ${amount}e0)`),
    'unit, name, seen_at, amount',
  ),
};

const instant = (at: number) => new Date(at).toISOString().replace('.000', '');
const span = `start: ${instant(START)}, end: ${instant(END)}`;
const two = 'control: { control: true }, treatment: {}';
const source =
  'kind: assignments, file: assignments.parquet, unit: unit, experiment: experiment, variant: variant, timestamp: seen_at, dimensions: { country: {} }';

export const CATALOG = `
engine: { kind: duckdb }
sources:
  assignments: { ${source} }
  accounts: { ${source}, cluster: account, exclude: bot }
  users: { ${source}, cluster: unit }
  events: { kind: facts, file: events.parquet, unit: unit, timestamp: seen_at }
metrics:
  revenue: { type: mean, source: events, value: { column: amount, where: "name = 'buy'" }, window: { length: 3d }, covariate: { lookback: 2d } }
  bought: { type: proportion, source: events, value: { where: "name = 'buy'" }, window: { length: 3d } }
  capped: { type: mean, source: events, value: { column: amount, where: "name = 'buy'" }, window: { length: 3d }, cap: { upper: { percentile: 0.9 } } }
  price: { type: ratio, source: events, window: { length: 3d }, numerator: { column: amount, where: "name = 'buy'" }, denominator: { where: "name = 'buy'" } }
experiments:
  declared:
    assignments: assignments
    ${span.replace(', ', '\n    ')}
    variants: { ${two} }
    phases: [{ from: ${instant(START)}, weights: { control: 0.9, treatment: 0.1 } }, { from: ${instant(CHANGE)}, weights: { control: 0.5, treatment: 0.5 } }]
    goals: [revenue, bought, capped, price]
  undeclared: { assignments: assignments, ${span}, variants: { control: { weight: 0.7 }, treatment: { weight: 0.3 } }, goals: [revenue, bought, capped, price] }
  activated: { assignments: assignments, ${span}, variants: { ${two} }, activation: { source: events, where: "name = 'open'", within: 2d }, goals: [revenue, bought, price] }
  clustered: { assignments: accounts, ${span}, variants: { ${two} }, goals: [revenue, bought, capped, price] }
`;
