import { beforeAll, describe, expect, test } from 'vitest';
import { aaOf } from '../../src/experiment/aa.ts';
import { historyOf } from '../../src/experiment/history.ts';
import { createContext } from '../../src/graphql/context.ts';
import { plannedAlpha } from '../../src/statistics/power/error-rates.ts';
import { sampleSize } from '../../src/statistics/power/sample-size.ts';
import { isClose } from '../support/close.ts';
import { describeOn, type EngineName, serveWrittenOn } from '../support/engines.ts';
import { answer, ask, type TestService } from '../support/service.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BEGIN = Date.parse('2026-01-01T00:00:00Z');
const NOW = '2026-02-12T06:00:00Z';
const UNITS = 2_000;

/** Three events a unit, two days apart, from a day that differs by unit; unit 7 spends a fortune. */
const rows = Array.from({ length: UNITS * 3 }, (_, i) => {
  const unit = Math.floor(i / 3);
  const k = i % 3;
  return {
    unit,
    at: BEGIN + (((unit * 7919) % 36) + 2 * k) * DAY + (unit % 24) * HOUR,
    amount: ((unit * 37 + k * 11) % 100) / 4,
    whale: unit === 7 ? 1e6 : ((unit * 37 + k * 11) % 100) / 4,
  };
});
const SELECT = `select unit as user_id,
  timestamp '2026-01-01 00:00:00' + to_days(cast((unit * 7919) % 36 + 2 * k as integer)) + to_hours(unit % 24) as event_at,
  cast((unit * 37 + k * 11) % 100 as double) / 4 as amount,
  case when unit = 7 then 1e6 else cast((unit * 37 + k * 11) % 100 as double) / 4 end as whale
  from (select cast(floor(i / 3) as bigint) as unit, i % 3 as k from range(${UNITS * 3}) as r(i))`;

const CATALOG = `
engine: { kind: duckdb }
sources:
  events: { kind: facts, file: events.parquet, unit: user_id, timestamp: event_at }
  once: { kind: facts, file: events.parquet, unit: user_id }
metrics:
  revenue: { type: mean, source: events, value: { column: amount, aggregate: sum }, window: { length: 3d } }
  whale: { type: mean, source: events, value: { column: whale, aggregate: sum }, window: { length: 3d } }
  capped: { type: mean, source: events, value: { column: whale, aggregate: sum }, window: { length: 3d }, cap: { upper: { percentile: 0.95 } } }
  untimed: { type: mean, source: once, value: { column: amount, aggregate: sum } }
  spent_a_lot: { type: proportion, source: events, value: { where: "amount > 20" }, window: { length: 3d } }
`;

/** Units that were first seen in the 28 days before the last whole day that leaves 3 days to mature, as one reads the rules. */
const END = Date.parse('2026-02-09T00:00:00Z');
const START = END - 28 * DAY;
const exposed = new Map<number, number>();
for (const { unit, at } of rows) {
  if (at < START || at >= END) continue;
  exposed.set(unit, Math.min(at, exposed.get(unit) ?? Number.POSITIVE_INFINITY));
}
const values = [...exposed].map(([unit, t0]) =>
  rows
    .filter((row) => row.unit === unit && row.at >= t0 && row.at < t0 + 3 * DAY)
    .reduce((sum, { amount }) => sum + amount, 0),
);
const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
const daily = Array.from({ length: 28 }, (_, day) => {
  const from = START + day * DAY;
  return [...exposed.values()].filter((t0) => t0 >= from && t0 < from + DAY).length;
});

/** Whole days until so many units are there, the days after those that were seen being like the last seven. */
function daysUntil(units: number): number {
  const usual = daily.slice(-7).reduce((sum, count) => sum + count, 0) / 7;
  for (let day = 0, reached = 0; ; day += 1) {
    reached += daily[day] ?? usual;
    if (reached >= units) return day + 1 + 3;
  }
}

const POWER = `query ($input: PowerInput!) { powerAnalysis(input: $input) {
  baseline { units mean variance } minimumDetectableEffect unitsPerVariant days achievedPower unknown
  curve(points: 5) { units power minimumDetectableEffect } } }`;

for (const engine of ['DuckDB', 'Trino'] satisfies EngineName[])
  describeOn(engine, () => {
    let service: TestService;
    beforeAll(async () => {
      service = await serveWrittenOn(engine, { catalog: CATALOG, parquet: { 'events.parquet': SELECT } }, NOW);
    });
    const power = async (input: Record<string, unknown>) =>
      (await ask(service, POWER, { input: { metric: 'revenue', ...input } })).powerAnalysis;

    test('traffic, mean and variance are those of the source', async () => {
      const { baseline } = await power({ minimumDetectableEffect: 0.05 });
      expect(baseline.units).toBe(values.length);
      expect(isClose(baseline.mean, mean, 1e-9)).toBe(true);
      expect(isClose(baseline.variance, variance, 1e-9)).toBe(true);
    });

    test.each([
      { variants: 2, minimumDetectableEffect: 0.05 },
      { variants: 4, minimumDetectableEffect: 0.02 },
      { variants: 3, minimumDetectableEffect: 0.1, power: 0.9, alpha: 0.01 },
    ])('units and days: %o', async (input) => {
      const found = await power(input);
      const alpha = plannedAlpha(input.alpha ?? 0.05, input.variants - 1, 'BONFERRONI');
      const size = sampleSize(
        { type: 'MEAN', mean, variance },
        { kind: 'DIFFERENCE', effect: input.minimumDetectableEffect },
        { alpha, sided: 2, test: 'WELCH', power: input.power ?? 0.8 },
      );
      if (!size.ok) throw new Error(size.reason);
      expect(found.unitsPerVariant).toBe(size.control);
      expect(found.days).toBe(daysUntil(Math.ceil(size.exact * input.variants)));
      expect(found.achievedPower).toBeGreaterThanOrEqual(input.power ?? 0.8);
      expect(found.unknown).toBeNull();
    });

    test('without an effect: the one that the traffic shows, which asked for needs that traffic', async () => {
      const found = await power({});
      const again = await power({ minimumDetectableEffect: found.minimumDetectableEffect });
      expect(Math.abs(again.unitsPerVariant - found.unitsPerVariant)).toBeLessThanOrEqual(1);
      expect(found.unitsPerVariant).toBe(Math.floor(values.length / 2));
    });

    test('a margin needs other units than an effect of its size; an always-valid test more than a fixed one', async () => {
      const [effect, margin, continuous] = await Promise.all([
        power({ minimumDetectableEffect: 0.05 }),
        power({ margin: 0.05 }),
        power({ minimumDetectableEffect: 0.05, continuous: true }),
      ]);
      expect(margin.unitsPerVariant).toBeLessThan(effect.unitsPerVariant);
      expect(continuous.unitsPerVariant).toBeGreaterThan(effect.unitsPerVariant);
    });

    test('power rises along the curve, and the effect that can be shown falls', async () => {
      const { curve } = await power({ minimumDetectableEffect: 0.05 });
      const of = (key: string) => curve.map((point: Record<string, number>) => point[key]);
      expect(of('power')).toEqual([...of('power')].sort((a, b) => a - b));
      expect(of('minimumDetectableEffect')).toEqual([...of('minimumDetectableEffect')].sort((a, b) => b - a));
    });

    test('A/A over the real units: a sound metric passes, one that hangs on a single unit does not, capped it does', async () => {
      const reports = [];
      for (const name of ['revenue', 'spent_a_lot', 'whale', 'capped']) {
        const { session } = createContext(service, {});
        const metric = session.catalog.metrics.get(name)!.versions.at(-1)!;
        const row = historyOf(session, metric, { asOf: session.now, lookbackDays: 28 });
        reports.push(await aaOf(session, row, { runs: 400, alpha: 0.05, seed: 'test' }));
      }
      expect(reports.map(({ metric, status }) => [metric, status])).toEqual([
        ['revenue', 'PASSED'],
        ['spent_a_lot', 'PASSED'],
        ['whale', 'FAILED'],
        ['capped', 'PASSED'],
      ]);
      expect(reports.map(({ units }) => units)).toEqual(reports.map(() => values.length));
      expect(reports.map(({ pValues }) => pValues.length)).toEqual(reports.map(() => 400));
    });
  });

describe('what cannot be planned is refused by name', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await serveWrittenOn('DuckDB', { catalog: CATALOG, parquet: { 'events.parquet': SELECT } }, NOW);
  });
  test.each([
    [{ metric: 'nothing' }, 'UNKNOWN_METRIC'],
    [{ metric: 'untimed' }, 'NO_TIMESTAMP'],
    [{ metric: 'revenue', alpha: 0 }, 'BAD_USER_INPUT'],
    [{ metric: 'revenue', power: 1 }, 'BAD_USER_INPUT'],
    [{ metric: 'revenue', variants: 1 }, 'BAD_USER_INPUT'],
    [{ metric: 'revenue', lookbackDays: 0 }, 'BAD_USER_INPUT'],
    [{ metric: 'revenue', unitsPerDay: 0 }, 'BAD_USER_INPUT'],
    [{ metric: 'revenue', minimumDetectableEffect: -0.1 }, 'BAD_USER_INPUT'],
    [{ metric: 'revenue', minimumDetectableEffect: 0.1, margin: 0.1 }, 'BAD_USER_INPUT'],
    [{ metric: 'revenue', where: { test: { dimension: 'x', operator: 'IS_NULL' } } }, 'NOT_SUPPORTED'],
  ])('%o', async (input, code) => {
    const { errors } = await answer(service, POWER, { input });
    expect(errors.map(({ extensions }) => extensions?.code)).toEqual([code]);
  });
});
