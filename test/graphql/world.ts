import type { TestService } from '../support/service.ts';
import { serveWritten } from './support.ts';

export const NOW = '2026-05-01T12:34:56Z';

/** Twelve experiments, c000 to c009 beside the two that have data, so that lists have pages. */
const MANY = Array.from(
  { length: 10 },
  (_, i) => `  c00${i}:
    { name: "Colour ${9 - i}", owner: ${i % 2 === 0 ? 'ann' : 'bob'}@example.com, tags: [colour${i > 4 ? ', late' : ''}], assignments: assignments, start: 2026-0${1 + (i % 4)}-01T00:00:00Z, end: 2026-06-0${1 + (i % 9)}T00:00:00Z,
      variants: { control: {}, treatment: {} }, goals: [orders], hypothesis: "Blue ${i} sells" }
`,
).join('');

const CATALOG = `
engine: { kind: duckdb }
sources:
  assignments:
    kind: assignments
    file: assignments.parquet
    unit: user_id
    experiment: experiment
    variant: variant
    timestamp: seen_at
    dimensions: { country: {}, age: {}, vip: {} }
  untimed: { kind: assignments, file: untimed.parquet, unit: user_id, variant: variant }
  events: { kind: facts, file: events.parquet, unit: user_id, timestamp: seen_at }
metrics:
  revenue:
    type: mean
    source: events
    value: { column: amount }
    window: { length: 7d }
    goodWhen: up
    format: currency
    owner: growth@example.com
    tags: [money, core]
    description: What a unit spends.
    versions: [{ version: 1, source: events, value: { column: amount }, window: { length: 1d }, goodWhen: up }]
    version: 2
  orders: { type: mean, source: events, value: { aggregate: count }, goodWhen: up, tags: [core] }
  capped: { type: mean, source: events, value: { column: amount }, cap: { upper: { percentile: 0.9 } }, goodWhen: up, owner: growth@example.com }
  buyers: { type: proportion, source: events, value: { where: "amount > 12" }, goodWhen: up, format: percent }
  basket: { type: ratio, source: events, numerator: { column: amount, aggregate: sum }, denominator: { aggregate: count }, goodWhen: up }
  old: { type: mean, source: events, value: { column: amount }, goodWhen: up, deprecated: "Use revenue." }
experiments:
  main:
    name: The main one
    assignments: assignments
    start: 2026-03-01T00:00:00Z
    end: 2026-03-15T00:00:00Z
    variants: { control: { weight: 0.4, control: true }, a: { weight: 0.3 }, b: { weight: 0.3 } }
    goals: { revenue: { mde: 2% }, orders: {} }
    guardrails: { buyers: { margin: 25% }, basket: {} }
    diagnostics: [capped]
  plain:
    assignments: untimed
    variants: { control: {}, treatment: {} }
    goals: [orders]
${MANY}`;

const PARQUET = {
  'assignments.parquet': `
    select 'main' as experiment, 'u' || i as user_id, case when i % 10 < 4 then 'control' when i % 10 < 7 then 'a' else 'b' end as variant,
      timestamp '2026-03-01' + interval (i % 72) hour as seen_at, nullif(['DE', 'FR', ''][1 + (i * 13) % 3], '') as country,
      cast(20 + i % 40 as integer) as age, i % 5 = 0 as vip
    from range(600) as t(i)`,
  'untimed.parquet':
    "select 'u' || i as user_id, case when i % 2 = 0 then 'control' else 'treatment' end as variant from range(100) as t(i)",
  'events.parquet': `
    select 'u' || i as user_id, timestamp '2026-03-01' + interval (i % 72 + 20 * n) hour as seen_at, cast(5 + (i * 7) % 11 + n as double) as amount
    from range(600) as t(i), range(4) as s(n) where n <= (i * 3) % 5
    union all select 'nobody', timestamp '2026-04-30', 0e0`,
};

/** A small catalog with every kind of metric, two versions, dimensions of four types, and more experiments than a page. */
export const world = (): Promise<TestService> => serveWritten({ catalog: CATALOG, parquet: PARQUET }, NOW);
