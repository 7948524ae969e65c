import type { Quantile, Window } from '../../src/metric-types/metric-type.ts';
import { seeded } from '../statistics/series-draws.ts';

/** Page loads of a few hundred units in two experiments that overlap. The same in every run. */
export interface Assigned {
  readonly experiment: string;
  readonly unit: number;
  readonly variant: string;
  readonly at: number;
  readonly country: string | null;
}

export interface Loaded {
  readonly unit: number;
  readonly name: 'load' | 'rare' | 'alone' | 'buy';
  readonly at: number;
  /** Milliseconds, heaped: many values are the same. */
  readonly ms: number | null;
  /** The same as text, some of which is no number. */
  readonly raw: string | null;
}

export interface QuantileWorld {
  readonly assignments: readonly Assigned[];
  readonly events: readonly Loaded[];
}

const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const EXPERIMENTS = {
  pages: { start: '2026-03-20T00:00:00Z', end: '2026-04-03T00:00:00Z', variants: ['control', 'fast'] },
  carts: { start: '2026-03-24T00:00:00Z', end: '2026-04-07T00:00:00Z', variants: ['a', 'b', 'c'] },
} as const;
export type ExperimentKey = keyof typeof EXPERIMENTS;

export function makeQuantileWorld(seed = 7): QuantileWorld {
  const next = seeded(seed).uniform;
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)]!;
  const assignments: Assigned[] = [];
  const events: Loaded[] = [];
  const happen = (unit: number, name: Loaded['name'], at: number, speed: number) => {
    const exact = speed * Math.exp(1.2 * (next() + next() + next() - 1.5));
    const ms = next() < 0.05 ? null : next() < 0.5 ? Math.round(exact / 20) * 20 : Math.round(exact * 1000) / 1000;
    const raw = ms === null ? null : next() < 0.1 ? pick(['NaN', 'Infinity', 'slow']) : String(ms);
    events.push({ unit, name, at, ms, raw });
  };
  for (const [experiment, { start, variants }] of Object.entries(EXPERIMENTS)) {
    for (let unit = 1; unit <= 260; unit++) {
      if (next() < 0.15) continue;
      const country = next() < 0.1 ? null : pick(['DE', 'DE', 'FR', 'US', 'JP']);
      const at = Date.parse(start) + Math.floor(next() * 14 * 86_400) * 1000;
      const variant = pick(variants);
      assignments.push({ experiment, unit, variant, at, country });
      if (next() < 0.08) assignments.push({ experiment, unit, variant: pick(variants), at: at + HOUR, country: 'DE' });
      // Some are slow in all that they do, so that their values are alike; a fifth of the units do nothing.
      const speed = 200 + 800 * next();
      const loads = next() < 0.2 ? 0 : Math.ceil(12 * next() * next());
      for (let i = 0; i < loads; i++) happen(unit, 'load', at + Math.floor((next() * 12 - 2) * 86_400) * 1000, speed);
      if (next() < 0.1) for (const edge of [0, -1000, 7 * DAY, 7 * DAY - 1000]) happen(unit, 'load', at + edge, speed);
      if (next() < 0.04) happen(unit, 'rare', at + HOUR, speed);
      if (next() < 0.3) happen(unit, 'buy', at + 2 * HOUR, speed);
    }
  }
  const only = assignments.find(({ experiment }) => experiment === 'carts')!;
  events.push({ unit: only.unit, name: 'alone', at: only.at + HOUR, ms: 42.5, raw: '42.5' });
  return { assignments, events };
}

/** A quantile twice: as the catalog says it, and as plain TypeScript. */
export interface PlainQuantile extends Pick<Quantile, 'probability' | 'over'> {
  readonly yaml: string;
  readonly name: Loaded['name'];
  readonly value?: (row: Loaded) => number | null;
  /** Over units: how a unit's usable values become one; null: it has none. Absent: their sum. */
  readonly ofUnit?: (values: readonly number[], rows: number) => number | null;
  readonly minimum?: number;
  readonly window: Window | null;
}

const week: Window = { delay: 0, length: 7 * 86_400 };
const events = (probability: number, name: Loaded['name'] = 'load', window: Window | null = week): PlainQuantile => ({
  yaml: `{ type: quantile, quantile: ${probability}, over: events, source: events, value: { column: ms, where: "name = '${name}'" }${windowYaml(window)} }`,
  ...{ probability, over: 'events', name, window },
});
const units = (
  probability: number,
  value: string,
  ofUnit: NonNullable<PlainQuantile['ofUnit']>,
  window: Window | null = week,
): PlainQuantile => ({
  yaml: `{ type: quantile, quantile: ${probability}, over: units, source: events, value: { ${value}, where: "name = 'load'" }${windowYaml(window)} }`,
  ...{ probability, over: 'units', name: 'load', window, ofUnit },
});

function windowYaml(window: Window | null): string {
  return window === null ? '' : `, window: { delay: ${window.delay / 3600}h, length: ${window.length! / 3600}h }`;
}

const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);

export const QUANTILES = {
  p95: events(0.95),
  p50: events(0.5),
  p57: events(0.57),
  p05_open: events(0.05, 'load', null),
  p90_late: events(0.9, 'load', { delay: 86_400, length: 3 * 86_400 }),
  p90_text: {
    ...events(0.9),
    yaml: `{ type: quantile, quantile: 0.9, over: events, source: events, value: { column: raw, where: "name = 'load'", min: 100 }, window: { length: 7d } }`,
    minimum: 100,
    value: ({ raw }: Loaded) => (raw === null ? null : Number(raw)),
  },
  p90_rare: events(0.9, 'rare'),
  p90_alone: events(0.9, 'alone'),
  total_p75: units(0.75, 'column: ms', (values) => sum(values)),
  loads_p60: units(0.6, 'aggregate: count', (_, rows) => rows),
  average_p50: units(0.5, 'column: ms, aggregate: avg, whenMissing: exclude', (values) =>
    values.length === 0 ? null : sum(values) / values.length,
  ),
  slowest_p90: units(0.9, 'column: ms, aggregate: max, whenMissing: zero', (values) => Math.max(0, ...values), null),
} as const satisfies Record<string, PlainQuantile>;
export type QuantileName = keyof typeof QUANTILES;

/** The same by buckets. */
export const APPROXIMATE = {
  p95_by_buckets: approximate(QUANTILES.p95),
  p50_by_buckets: approximate(QUANTILES.p50),
  p90_text_by_buckets: approximate(QUANTILES.p90_text),
  p90_alone_by_buckets: approximate(QUANTILES.p90_alone),
  total_p75_by_buckets: approximate(QUANTILES.total_p75),
  average_p50_by_buckets: approximate(QUANTILES.average_p50),
} as const satisfies Record<string, PlainQuantile>;
export type ApproximateName = keyof typeof APPROXIMATE;

function approximate(quantile: PlainQuantile): PlainQuantile {
  return { ...quantile, yaml: quantile.yaml.replace('{ type: quantile,', '{ type: quantile, method: approximate,') };
}

/** What stands beside the quantiles in a statement. */
const OTHERS = {
  spent: `{ type: mean, source: events, value: { column: ms, where: "name = 'load'" }, window: { length: 7d } }`,
  spent_capped: `{ type: mean, source: events, value: { column: ms, where: "name = 'load'" }, window: { length: 7d }, cap: { upper: { percentile: 0.9 } } }`,
  spent_cut: `{ type: mean, source: events, value: { column: ms, where: "name = 'load'" }, window: { length: 7d }, cap: { upper: { percentile: 0.8 }, zeros: include } }`,
  per_load: `{ type: ratio, source: events, numerator: { column: ms, where: "name = 'buy'" }, denominator: { aggregate: count, where: "name = 'load'" }, window: { length: 7d } }`,
  bought: `{ type: proportion, source: events, value: { where: "name = 'buy'" }, window: { length: 24h } }`,
};
export type OtherName = keyof typeof OTHERS;

/** `file` of each source is `<name>.parquet`; or, read by name, whatever is asked for. */
export const QUANTILE_CATALOG = (files = { assignments: 'assignments.parquet', events: 'events.parquet' }): string => {
  const quantiles = Object.entries({ ...QUANTILES, ...APPROXIMATE }).map(([name, { yaml }]) => [name, yaml]);
  const metrics = { ...Object.fromEntries(quantiles), ...OTHERS };
  return `
engine: { kind: duckdb }
sources:
  assignments: { kind: assignments, file: ${files.assignments}, unit: unit, experiment: experiment, variant: variant, timestamp: happened_at, dimensions: { country: {} } }
  events: { kind: facts, file: ${files.events}, unit: unit, timestamp: happened_at }
metrics:
${Object.entries(metrics)
  .map(([name, yaml]) => `  ${name}: ${yaml}`)
  .join('\n')}
experiments:
${Object.entries(EXPERIMENTS)
  .map(
    ([key, { start, end, variants }]) =>
      `  ${key}: { assignments: assignments, start: ${start}, end: ${end}, variants: { ${variants.map((name, i) => `${name}: {${i === 0 ? ' control: true ' : ''}}`).join(', ')} }, diagnostics: [${Object.keys(metrics).join(', ')}] }`,
  )
  .join('\n')}
`;
};

const cell = (value: number | string | null) =>
  value === null ? 'null' : typeof value === 'string' ? `'${value}'` : String(value);
const instant = (at: number) => `timestamptz '${new Date(at).toISOString()}'`;

/** The world as selects of DuckDB, by the name of the Parquet file. */
export function quantileTables({ assignments, events: rows }: QuantileWorld): Readonly<Record<string, string>> {
  const select = (columns: string, cells: readonly (readonly string[])[]) =>
    `select * from (values ${cells.map((row) => `(${row.join(', ')})`).join(', ')}) as v(${columns})`;
  return {
    'assignments.parquet': select(
      'experiment, unit, variant, happened_at, country',
      assignments.map(({ experiment, unit, variant, at, country }) => [
        ...[cell(experiment), `${unit}::bigint`, cell(variant), instant(at), cell(country)],
      ]),
    ),
    'events.parquet': select(
      'unit, name, happened_at, ms, raw',
      rows.map(({ unit, name, at, ms, raw }) => [
        ...[`${unit}::bigint`, cell(name), instant(at), `${ms === null ? 'null' : ms}::double`, cell(raw)],
      ]),
    ),
  };
}
