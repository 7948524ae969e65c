import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { generateDemo } from '../../../src/demo/generate.ts';
import { SUMMARY_COLUMNS } from '../../../src/experiment/summaries-table.ts';
import { experimentSummary } from '../../../src/models/decision/experiment-summary.ts';
import { sampleRatioMismatch } from '../../../src/models/decision/sample-ratio-mismatch.ts';
import { metricMoments } from '../../../src/models/results/metric-moments.ts';
import { openService } from '../../../src/server/open-service.ts';
import { CATALOG, PARQUET } from '../../plan/population-world.ts';
import { serveShop } from '../../shop/serve.ts';
import { describeOn, type EngineName, serveWrittenOn } from '../../support/engines.ts';
import { ask, type Data, folderWith, later, type TestService } from '../../support/service.ts';
import { baseSelects } from '../results/base.ts';
import { type Row, tablesOn } from '../results/tables.ts';
import { relativeError } from '../support.ts';

const DEMO = fileURLToPath(new URL('../../../metrics', import.meta.url));

const SUMMARIES = 'query S($asOf: DateTime) { experimentSummaries(asOf: $asOf, first: 500) { records totalCount } }';
const SRM = `query S($asOf: DateTime, $dimension: String!) { experiments(first: 100) { nodes { key sampleRatioMismatch(asOf: $asOf) {
  timeline { date pValue } bySlice(dimension: $dimension) { value isOther pValue adjustedPValue } } } } }`;

const close = (got: unknown, expected: unknown): boolean =>
  relativeError(got as number | null, expected as number | null) < 1e-9;

let demo: Promise<TestService> | null = null;

/** The demo at a tenth of its size, made once. */
function serveDemo(): Promise<TestService> {
  demo ??= (async () => {
    const database = `${folderWith({})}/demo.duckdb`;
    await generateDemo(database, { scale: 0.1, threads: 2 });
    const service = await openService(DEMO, { env: { LIFTQL_DEMO_DB: database } });
    later(() => service.close());
    return service;
  })();
  return demo;
}

/** The models over tables that were built as of an instant, and what the API says as of it. */
async function check(engine: EngineName, service: TestService, asOf: string, dimension: string | null) {
  const catalog = service.catalog();
  const instant = asOf.replace('T', ' ').replace('Z', '.000000');
  const tables = await tablesOn(engine, await baseSelects(service, instant));
  await tables.build(metricMoments, catalog, instant);
  const got = await tables.rowsOf(experimentSummary, catalog, instant);
  const { experimentSummaries } = await ask(service, SUMMARIES, { asOf });
  const expected = (experimentSummaries.records as Data[]).filter(({ status }) => status !== 'DRAFT');
  expect(got).toHaveLength(expected.length);
  for (const record of expected) {
    const row = got.find(
      ({ experiment, treatment }) => experiment === record.experiment && treatment === record.treatment,
    )!;
    const title = `${record.experiment} ${record.treatment}`;
    const { as_of: _, srm_p_value: p, reasons, ...rest } = record;
    expect([title, close(row.srm_p_value, p)]).toEqual([title, true]);
    if (row.unknown !== null) continue;
    expect({ title, ...row }).toMatchObject({ title, ...rest, reasons: JSON.stringify(reasons) });
  }
  if (dimension !== null)
    await checkAllocation(service, asOf, dimension, await tables.rowsOf(sampleRatioMismatch, catalog, instant));
  return got;
}

async function checkAllocation(
  service: TestService,
  asOf: string,
  dimension: string,
  rows: readonly Row[],
): Promise<void> {
  const { experiments } = await ask(service, SRM, { asOf, dimension });
  expect(experiments.nodes.length).toBeGreaterThan(10);
  for (const { key, sampleRatioMismatch: served } of experiments.nodes as Data[]) {
    const own = rows.filter(({ experiment }) => experiment === key);
    const { timeline, bySlice } = served;
    const days = own.filter(({ date, position }) => date !== null && position === 0);
    expect([key, days.map(({ date }) => date).sort()]).toEqual([key, (timeline as Data[]).map(({ date }) => date)]);
    for (const { date, pValue } of timeline as Data[])
      expect([key, date, close(days.find((row) => row.date === date)!.p_value, pValue)]).toEqual([key, date, true]);
    const slices = own.filter(({ slice_dimension: by, position }) => by === dimension && position === 0);
    expect([key, slices.length]).toEqual([key, bySlice.length]);
    for (const { value, isOther, pValue, adjustedPValue } of bySlice as Data[]) {
      const row = slices.find((one) => one.slice_value === (isOther ? '(other)' : value))!;
      const found = [close(row.p_value, pValue), close(row.adjusted_p_value, adjustedPValue)];
      expect([key, value, ...found]).toEqual([key, value, true, true]);
    }
  }
}

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    test('says of the shop what the API says', async () => {
      const service = await serveShop('DuckDB');
      for (const asOf of ['2026-04-05T00:00:00Z', '2026-06-01T00:00:00Z']) {
        const rows = await check(engine, service, asOf, null);
        // experiments with 1, 2 and 4 treatments
        expect([asOf, rows.length, rows.filter(({ unknown }) => unknown !== null)]).toEqual([asOf, 7, []]);
      }
    });
  });

const STAGES = `query S($asOf: DateTime, $dimension: String!) { experiments(first: 100) { nodes { key sampleRatioMismatch(asOf: $asOf) {
  stages { stage pValue arms { variant { key } observed expected } } timeline { date pValue } bySlice(dimension: $dimension) { value pValue arms { variant { key } observed expected } } } } } }`;

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    test('tests clusters, phases and activated units as the API does', async () => {
      const asOf = '2026-03-20T00:00:00Z';
      const instant = '2026-03-20 00:00:00.000000';
      const service = await serveWrittenOn('DuckDB', { catalog: CATALOG, parquet: PARQUET }, asOf);
      const tables = await tablesOn(engine, await baseSelects(service, instant));
      const rows = await tables.rowsOf(sampleRatioMismatch, service.catalog(), instant);
      const { experiments } = await ask(service, STAGES, { asOf, dimension: 'country' });
      const seen = new Set<string>();
      for (const { key, sampleRatioMismatch: said } of experiments.nodes as Data[]) {
        const isActivated = service.catalog().experiments.get(key)!.activation != null;
        const of = (stage: string, by: string | null, value: string | null, date: string | null, variant: string) =>
          rows.find(
            (row) =>
              row.experiment === key &&
              row.stage === stage &&
              row.slice_dimension === by &&
              row.slice_value === value &&
              row.date === date &&
              row.variant === variant,
          )!;
        const agree = (stage: string, by: string | null, { value = null, pValue, arms }: Data) => {
          for (const { variant, observed, expected } of arms) {
            const row = of(stage, by, value, null, variant.key);
            const found = [close(row.p_value, pValue), close(row.observed, observed), close(row.expected, expected)];
            expect([key, stage, value, ...found]).toEqual([key, stage, value, true, true, true]);
            seen.add(`${key} ${stage}`);
          }
        };
        for (const one of said.stages) agree(one.stage, null, one);
        // Slices and days of the model are of activated units.
        if (isActivated) continue;
        for (const slice of said.bySlice) agree('ANALYSED', 'country', slice);
        for (const { date, pValue } of said.timeline) {
          const row = rows.find((one) => one.experiment === key && one.date === date)!;
          expect([key, date, close(row.p_value, pValue)]).toEqual([key, date, true]);
        }
      }
      expect([...seen].filter((one) => /clustered|declared|ACTIVATED/.test(one)).length).toBeGreaterThan(4);
    });
  });

describeOn('DuckDB', () => {
  test.each(['2026-04-20T00:00:00Z', '2026-06-01T00:00:00Z'])(
    'says of the demo what the API says at %s',
    async (asOf) => {
      const service = await serveDemo();
      const rows = await check('DuckDB', service, asOf, 'country');
      expect(rows.filter(({ unknown }) => unknown === null).length).toBeGreaterThan(10);
      expect(rows.filter(({ unknown }) => unknown !== null).map(({ experiment }) => experiment)).toEqual([]);
    },
  );
});

test('the columns of the summary are those of the API, why something is unknown, and as_of', async () => {
  const names = experimentSummary.columns((await serveShop('DuckDB')).catalog()).map(({ name }) => name);
  expect(names).toEqual([
    ...SUMMARY_COLUMNS.map(({ name }) => name).filter((name) => name !== 'as_of'),
    'unknown',
    'as_of',
  ]);
});
