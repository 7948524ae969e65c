import { describe, expect, test } from 'vitest';
import type { MetricService } from '../../src/graphql/context.ts';
import { executeDocument } from '../../src/graphql/execute.ts';
import { serveWritten, unsound } from '../graphql/support.ts';
import { ask, type Data, folderWith, serve } from '../support/service.ts';
import { ASSIGNED, BOUGHT, experimentOver, resultOf } from './support.ts';

const amounts = (amount: string) => `select * replace (${amount} as amount) from (${BOUGHT})`;

describe('numbers near and beyond the ends of their types', () => {
  test('63 sums of 64-bit integers beyond 2^63 are right', async () => {
    const most = '9223372036854775807';
    const experiment = await experimentOver({ allEvents: amounts(`cast(${most} as bigint)`) });
    const { control } = resultOf(experiment, 'revenue');
    const rows = resultOf(experiment, 'orders').control.sum;
    expect(control.sum / (Number(most) * rows)).toBeCloseTo(1, 12);
    expect(control.mean).toBeGreaterThan(2 ** 63);
  });

  test('63 128-bit integers count too', async () => {
    const experiment = await experimentOver({ allEvents: amounts('cast(10 as hugeint) ** 30::int') });
    const { control, difference } = resultOf(experiment, 'revenue');
    expect(control.sum / (1e30 * resultOf(experiment, 'orders').control.sum)).toBeCloseTo(1, 12);
    expect(difference.unknown).toBeNull();
  });

  test.each([
    ['2^31', 2 ** 31 + 1],
    ['2^53', 2 ** 53 + 2],
  ])('64 totals beyond %s are numbers in JSON', async (_, each) => {
    const experiment = await experimentOver({ allEvents: amounts(`cast(${each} as bigint)`) });
    const total = each * resultOf(experiment, 'orders').control.sum;
    expect(resultOf(experiment, 'revenue').control.sum / total).toBeCloseTo(1, 12);
    expect(JSON.stringify(resultOf(experiment, 'revenue').control)).not.toMatch(/"\d/);
  });

  test('65 decimal(38,18) keeps the digits that a double has', async () => {
    const experiment = await experimentOver({
      allEvents: amounts("cast('12345678901234567890.123456789012345678' as decimal(38, 18))"),
    });
    const { control } = resultOf(experiment, 'revenue');
    expect(control.sum / resultOf(experiment, 'orders').control.sum / 1.2345678901234567e19).toBeCloseTo(1, 14);
  });

  test('64 a large offset does not eat the variance', async () => {
    const experiment = await experimentOver({
      value: '{ column: amount, aggregate: max, whenMissing: zero }',
      allEvents: amounts('amount + 1e8'),
    });
    const near = await experimentOver({ value: '{ column: amount, aggregate: max, whenMissing: zero }' });
    const { control, difference, outcome } = resultOf(experiment, 'revenue');
    expect(control.variance / resultOf(near, 'revenue').control.variance).toBeCloseTo(1, 6);
    expect(difference.pValue / resultOf(near, 'revenue').difference.pValue).toBeCloseTo(1, 5);
    expect(outcome).toBe('BETTER');
  });
});

describe('counts that no table of a test can hold', () => {
  const CATALOG = `
engine: { kind: duckdb }
sources:
  assignments: { kind: assignments, file: assignments.parquet, unit: user_id, variant: variant, timestamp: seen_at }
experiments:
  shop: { start: 2026-03-01T00:00:00Z, end: 2026-03-15T00:00:00Z, variants: { control: {}, treatment: {} } }
`;
  const DOCUMENT =
    '{ experiment(key: "shop") { assignments { rows units arms { units } } sampleRatioMismatch { pValue arms { observed } } summary { verdict unitsSoFar } } }';

  /** The same service, whose engine counts every row as so many. */
  async function multiplied(count: (units: number) => number | string): Promise<MetricService> {
    const service = await serveWritten(
      { catalog: CATALOG, parquet: { 'assignments.parquet': ASSIGNED } },
      '2026-05-01T00:00:00Z',
    );
    const run: MetricService['runner']['run'] = async (statement, options) => {
      const result = await service.runner.run(statement, options);
      const many = ({ rows, units, ...row }: Data) => ({
        ...row,
        rows: count(rows),
        ...(units === undefined ? {} : { units: count(units) }),
      });
      return { ...result, rows: result.rows.map(many) };
    };
    return { ...service, catalog: service.catalog, runner: { run } };
  }

  test('64 counts beyond 2^31 are exact', async () => {
    const { experiment } = await ask(await multiplied((units) => units * 2 ** 31), DOCUMENT);
    expect(experiment.assignments).toEqual({
      rows: 400 * 2 ** 31,
      units: 400 * 2 ** 31,
      arms: [{ units: 200 * 2 ** 31 }, { units: 200 * 2 ** 31 }],
    });
    expect(experiment.sampleRatioMismatch.pValue).toBe(1);
    expect(unsound(experiment)).toEqual([]);
  });

  test('64 a count beyond 2^53 is an error, never another count', async () => {
    // As the engine's file hands out what a number cannot hold: as text.
    const service = await multiplied(() => '9007199254740993');
    const { result } = await executeDocument(service, { document: DOCUMENT });
    expect(result.errors?.length).toBeGreaterThan(0);
    expect(JSON.stringify(result.data ?? {})).not.toContain('900719925474');
  });
});

test('66 a CSV whose numbers are mixed with text is read as text, cast value by value, and counted', async () => {
  const catalog = `
engine: { kind: duckdb }
sources:
  assignments: { kind: assignments, file: assignments.csv, unit: user_id, variant: variant }
  events: { kind: facts, file: events.csv, unit: user_id }
metrics:
  revenue: { type: mean, source: events, value: { column: amount }, goodWhen: up }
experiments:
  shop: { variants: { control: {}, treatment: {} }, goals: [revenue], assignments: assignments }
`;
  const units = Array.from({ length: 40 }, (_, i) => i);
  const assignments = ['user_id,variant', ...units.map((i) => `u${i},${i % 2 === 0 ? 'control' : 'treatment'}`)].join(
    '\n',
  );
  const events = ['user_id,amount', ...units.map((i) => `u${i},${i === 7 ? 'n/a' : i === 8 ? 'inf' : i}`)].join('\n');
  const service = await serve(
    folderWith({ 'catalog.yaml': catalog, 'assignments.csv': assignments, 'events.csv': events }),
    '2026-05-01T00:00:00Z',
  );
  const { experiment } = await ask(
    service,
    '{ experiment(key: "shop") { dataQuality { gates { name value } } results { nodes { control { sum units } treatment { sum units } } } } }',
  );
  expect(experiment.results.nodes[0]).toEqual({
    control: { sum: 380 - 8, units: 20 },
    treatment: { sum: 400 - 7, units: 20 },
  });
  expect(experiment.dataQuality.gates).toContainEqual({ name: 'values:revenue', value: 2 });
});
