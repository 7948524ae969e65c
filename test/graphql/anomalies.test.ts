import { beforeAll, describe, expect, test } from 'vitest';
import { describeOn, type EngineName, serveWrittenOn } from '../support/engines.ts';
import { ask, type Data, type TestService } from '../support/service.ts';
import { codes } from './support.ts';

const NOW = '2026-04-30T12:00:00Z';
const CATALOG = `
engine: { kind: duckdb }
sources:
  assignments: { kind: assignments, file: assignments.parquet, unit: user_id, variant: variant, timestamp: seen_at }
  untimed: { kind: assignments, file: untimed.parquet, unit: user_id, variant: variant }
  events: { kind: facts, file: events.parquet, unit: user_id, timestamp: at }
metrics:
  orders: { type: mean, source: events, value: { aggregate: count, where: "amount > 0" }, goodWhen: up }
  revenue: { type: mean, source: events, value: { column: amount }, goodWhen: up }
  basket: { type: ratio, source: events, numerator: { column: amount }, denominator: { aggregate: count }, goodWhen: up }
experiments:
  shop: { assignments: assignments, timezone: Europe/Berlin, start: 2026-03-01T00:00:00Z, variants: { control: {}, treatment: {} }, goals: [orders], diagnostics: [revenue, basket] }
  timeless: { assignments: untimed, variants: { control: {}, treatment: {} }, goals: [orders] }
`;

/** A number from 0 to 99 that is as good as random; DuckDB draws it for all engines. */
const LOT = '(hash(i * 1000003 + d * 1009 + n) % 100)';
/** Units act by weekday; what happened on single days is below. */
const CHANCE = 'case when d % 7 in (0, 6) then 30 else 50 end';
const PARQUET = {
  'assignments.parquet': `
    select i as user_id, case when i % 2 = 0 then 'control' else 'treatment' end as variant, timestamp '2026-03-01 02:00:00' + interval (i % 10) hour as seen_at
    from range(1000) as t(i)`,
  'untimed.parquet':
    "select i as user_id, case when i % 2 = 0 then 'control' else 'treatment' end as variant from range(10) as t(i)",
  'events.parquet': `
    select cast(i as bigint) as user_id, timestamp '2026-03-01 13:00:00' + interval (d) day as at, cast(10 + ${LOT} % 7 as double) as amount
    from range(1000) as t(i), range(60) as u(d), range(4) as v(n)
    where case
      when d = 45 then false                                                  -- nothing arrived
      when d in (40, 41) and i % 2 = 1 then false                             -- nothing of one variant
      when d = 20 then n = 0 and ${LOT} < (case when i % 2 = 1 then 59 else 1 end) -- a weekend: one gains what the other loses
      when d = 30 then ${LOT} < 60                                            -- four times the usual
      else n = 0 and ${LOT} < ${CHANCE} end
    union all select 7, timestamp '2026-03-10 13:00:00', 500000e0`,
};

const anomaliesOf = async (service: TestService, args = '', experiment = 'shop'): Promise<Data> =>
  (
    await ask(
      service,
      `{ experiment(key: "${experiment}") { anomalies${args} { totalCount nodes { id kind scope severity metric { name } variant { key } startAt endAt observed expected { lower upper level } score message } pageInfo { hasNextPage endCursor } } } }`,
    )
  ).experiment.anomalies;

for (const engine of ['DuckDB', 'Trino'] as const satisfies readonly EngineName[])
  describeOn(engine, () => {
    let service: TestService;
    beforeAll(async () => {
      service = await serveWrittenOn(engine, { catalog: CATALOG, parquet: PARQUET }, NOW);
    });

    const orders = async () =>
      (await anomaliesOf(service)).nodes.filter(({ metric }: Data) => metric.name === 'orders') as Data[];

    test('what happened on single days is told, newest first, once', async () => {
      const told = (await orders()).map(({ kind, scope, variant, startAt, endAt }) => [
        kind,
        scope,
        variant?.key ?? null,
        startAt,
        endAt,
      ]);
      const day = (date: string) => (date >= '2026-03-29' ? `${date}T22:00:00Z` : `${date}T23:00:00Z`);
      expect(told).toEqual([
        ['MISSING_DATA', 'SHARED', null, day('2026-04-14'), day('2026-04-15')],
        ['MISSING_DATA', 'VARIANT', 'treatment', day('2026-04-09'), day('2026-04-11')],
        ['SPIKE', 'SHARED', null, day('2026-03-30'), day('2026-03-31')],
        ...told.filter(([, , , at]) => at === day('2026-03-20')),
      ]);
      // Treatment gained what control lost: together they were as usual.
      expect(told.slice(3).map(([kind, scope, variant]) => [kind, scope, variant])).toEqual([
        ['DROP', 'VARIANT', 'control'],
        ['SPIKE', 'VARIANT', 'treatment'],
      ]);
    });

    test('with numbers, and a sentence that has them', async () => {
      const spike = (await orders()).find(({ kind, scope }) => kind === 'SPIKE' && scope === 'SHARED')!;
      expect(spike.severity).toBe('CRITICAL');
      expect(spike.observed).toBeGreaterThan(spike.expected.upper);
      expect(spike.score).toBeGreaterThan(8);
      expect(spike.message).toContain('"orders" was 2.');
      expect(spike.message).toContain('on 2026-03-31 in all variants together');
    });

    test('one unit with most of a variant’s total', async () => {
      const { nodes } = await anomaliesOf(service, '(kinds: [OUTLIER_UNIT])');
      expect(nodes).toMatchObject([
        {
          kind: 'OUTLIER_UNIT',
          severity: 'CRITICAL',
          metric: { name: 'revenue' },
          variant: { key: 'treatment' },
          observed: expect.closeTo(500000, -4),
          endAt: null,
        },
      ]);
      expect(nodes[0].score).toBeGreaterThan(0.25);
    });
  });

describe('the list', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await serveWrittenOn('DuckDB', { catalog: CATALOG, parquet: PARQUET }, NOW);
  });

  test('is narrowed by kind and severity', async () => {
    const all = await anomaliesOf(service);
    const critical = await anomaliesOf(service, '(minSeverity: CRITICAL)');
    expect(critical.nodes).toEqual(all.nodes.filter(({ severity }: Data) => severity === 'CRITICAL'));
    const missing = await anomaliesOf(service, '(kinds: [MISSING_DATA])');
    expect(missing.nodes).toEqual(all.nodes.filter(({ kind }: Data) => kind === 'MISSING_DATA'));
  });

  test('has pages, and its items are found by their ids', async () => {
    const all = await anomaliesOf(service);
    const first = await anomaliesOf(service, '(first: 2)');
    expect(first).toMatchObject({ totalCount: all.totalCount, pageInfo: { hasNextPage: true } });
    const rest = await anomaliesOf(service, `(first: 500, after: "${first.pageInfo.endCursor}")`);
    const plain = (nodes: Data[]) => nodes.map(({ id: _, ...node }) => node);
    expect(plain([...first.nodes, ...rest.nodes])).toEqual(plain(all.nodes));
    const { node } = await ask(service, `{ node(id: "${all.nodes[0].id}") { id ... on MetricAnomaly { message } } }`);
    expect(node).toEqual({ id: all.nodes[0].id, message: all.nodes[0].message });
  });

  test('holds only days that are over at asOf', async () => {
    const { nodes } = await anomaliesOf(service, '(asOf: "2026-03-31T12:00:00Z", kinds: [SPIKE, DROP, MISSING_DATA])');
    expect(nodes.filter(({ startAt }: Data) => startAt >= '2026-03-30T22:00:00Z')).toEqual([]);
  });

  test('is refused by name where there are no times', async () => {
    expect(await codes(service, '{ experiment(key: "timeless") { anomalies { totalCount } } }')).toEqual([
      'NO_TIMESTAMP',
    ]);
  });
});
