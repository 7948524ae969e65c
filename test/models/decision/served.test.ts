import { expect, test } from 'vitest';
import { SUMMARY_COLUMNS } from '../../../src/experiment/summaries-table.ts';
import { experimentSummary } from '../../../src/models/decision/experiment-summary.ts';
import { sampleRatioMismatch } from '../../../src/models/decision/sample-ratio-mismatch.ts';
import { CATALOG, PARQUET } from '../../plan/population-world.ts';
import { serveShop } from '../../shop/serve.ts';
import { describeOn, serveWrittenOn } from '../../support/engines.ts';
import { ask, type Data } from '../../support/service.ts';
import { baseSelects } from '../results/base.ts';
import { tablesOn } from '../results/tables.ts';
import { relativeError } from '../support.ts';

const close = (got: unknown, expected: unknown): boolean =>
  relativeError(got as number | null, expected as number | null) < 1e-9;

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

test('the columns of the summary are those of the API, why something is unknown, and as_of', async () => {
  const names = experimentSummary.columns((await serveShop('DuckDB')).catalog()).map(({ name }) => name);
  expect(names).toEqual([
    ...SUMMARY_COLUMNS.map(({ name }) => name).filter((name) => name !== 'as_of'),
    'unknown',
    'as_of',
  ]);
});
