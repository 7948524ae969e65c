import { expect, test } from 'vitest';
import { ASSIGNED, BOUGHT, DOCUMENT } from '../bad-data/support.ts';
import { unsound } from '../graphql/support.ts';
import { differences } from '../support/close.ts';
import { describeOn, type EngineName, serveWrittenOn } from '../support/engines.ts';
import { ask } from '../support/service.ts';

/** Sound data with bad rows of every kind among them: whatever an experiment has to say, both engines say the same. */
const DIRTY_ASSIGNMENTS = `${ASSIGNED} union all select * from (values
  (null, 'control', timestamp '2026-03-02'), ('', 'control', timestamp '2026-03-02'), ('n1', null, timestamp '2026-03-02'),
  ('n2', '', timestamp '2026-03-02'), ('k1', 'blue', timestamp '2026-03-02'), ('k2', 'Control', timestamp '2026-03-02'),
  ('k2', 'control ', timestamp '2026-03-02'), ('u2', 'control', timestamp '2026-03-01 02:00:00'),
  ('u2', 'control', timestamp '2026-03-04'), ('u3', 'control', timestamp '2026-03-05'), ('u4', 'treatment', timestamp '2026-03-01'),
  ('o1', 'control', timestamp '2026-02-28 23:59:59.999999'), ('o2', 'control', timestamp '2026-03-15'), ('o3', 'control', null),
  ('U6', 'control', timestamp '2026-03-02'), (' u6', 'treatment', timestamp '2026-03-02'),
  ('O''Brien \\ "ü" 😀', 'treatment', timestamp '2026-03-14 23:59:59.999999')) as v(user_id, variant, seen_at)`;
const DIRTY_EVENTS = `${BOUGHT} union all select * from (values
  ('u8', timestamp '2026-03-03', 'gift', 'nan'::double), ('u8', timestamp '2026-03-03', 'gift', 'inf'::double),
  ('u9', timestamp '2026-03-03', 'gift', '-inf'::double), ('u9', timestamp '2026-03-03', 'gift', null),
  ('u9', timestamp '2026-03-03', 'gift', -5e0), ('u10', timestamp '2026-03-01 09:59:59.999999', 'purchase', 1000e0),
  ('u10', timestamp '2026-03-08 09:59:59.999999', 'gift', 3e0), ('u10', timestamp '2026-03-08 10:00:00', 'gift', 1000e0),
  (null, timestamp '2026-03-03', 'purchase', 1000e0), ('', timestamp '2026-03-03', 'purchase', 1000e0),
  ('u11', null, 'purchase', 1000e0), ('nobody', timestamp '2026-03-03', 'purchase', 1000e0), ('U6', timestamp '2026-03-03', 'purchase', 7e0),
  ('O''Brien \\ "ü" 😀', timestamp '2026-03-15', 'purchase', 11e0), ('u12', timestamp '2026-03-03', 'gift', 1e-300),
  ('u13', timestamp '2026-03-03', 'gift', 1e6)) as v(user_id, seen_at, name, amount)`;

const CATALOG = `
engine: { kind: duckdb }
sources:
  assignments: { kind: assignments, file: assignments.parquet, unit: user_id, variant: variant, timestamp: seen_at }
  events: { kind: facts, file: events.parquet, unit: user_id, timestamp: seen_at }
metrics:
  revenue: { type: mean, source: events, value: { column: amount, min: 0 }, window: { length: 7d } }
  capped: { type: mean, source: events, value: { column: amount }, window: { length: 7d }, cap: { lower: { percentile: 0.05 }, upper: { percentile: 0.95 } } }
  largest: { type: mean, source: events, value: { column: amount, aggregate: max, whenMissing: exclude } }
  far: { type: mean, source: events, value: { column: "amount + 1e6", aggregate: avg, whenMissing: exclude, where: "name = 'purchase'" }, window: { length: 7d } }
  orders: { type: mean, source: events, value: { where: "name = 'purchase'" }, window: { length: 30d } }
  buyers: { type: proportion, source: events, value: { where: "name = 'purchase'" }, window: { length: 30d } }
  value: { type: ratio, source: events, numerator: { column: amount }, denominator: { aggregate: count }, cap: { upper: { percentile: 0.9 } } }
  nowhere: { type: ratio, source: events, numerator: { column: amount }, denominator: { aggregate: count, where: "name = 'none'" } }
  each: { type: mean, source: events, value: { column: "amount / 0e0" } }
  big: { type: mean, source: events, value: { column: "amount * 1e305" } }
experiments:
  shop:
    start: 2026-03-01T00:00:00Z
    end: 2026-03-15T00:00:00Z
    variants: { control: { weight: 0.5, control: true }, treatment: { weight: 0.5 } }
    goals: { revenue: { mde: 2% } }
    guardrails: { orders: { margin: 25% } }
    diagnostics: [capped, largest, far, buyers, value, nowhere, each, big]
`;

const parquet = { 'assignments.parquet': DIRTY_ASSIGNMENTS, 'events.parquet': DIRTY_EVENTS };
const experimentOn = async (engine: EngineName) => {
  const service = await serveWrittenOn(engine, { catalog: CATALOG, parquet }, '2026-05-01T00:00:00Z');
  return (await ask(service, DOCUMENT)).experiment;
};

describeOn('Trino', () => {
  test('everything that an experiment over dirty data has to say is what it says on DuckDB', async () => {
    const [trino, duckdb] = await Promise.all([experimentOn('Trino'), experimentOn('DuckDB')]);
    expect(unsound(trino)).toEqual([]);
    expect(trino.assignments.excluded.length).toBeGreaterThan(4);
    expect(differences(trino, duckdb, 1e-9)).toEqual([]);
  });
});
