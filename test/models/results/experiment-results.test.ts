import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { generateDemo } from '../../../src/demo/generate.ts';
import { resultColumns } from '../../../src/experiment/results-table.ts';
import { experimentResults } from '../../../src/models/results/experiment-results.ts';
import { metricMoments } from '../../../src/models/results/metric-moments.ts';
import { openService } from '../../../src/server/open-service.ts';
import { serveShop } from '../../shop/serve.ts';
import { describeOn, type EngineName } from '../../support/engines.ts';
import { ask, type Data, folderWith, later, type TestService } from '../../support/service.ts';
import { baseSelects } from './base.ts';
import { type Row, tablesOn } from './tables.ts';

const RESULTS = `query R($experiments: [String!]!, $filter: ResultFilter, $asOf: DateTime) {
  experimentResults(experiments: $experiments, filter: $filter, analysis: { asOf: $asOf }, first: 5000) { records totalCount pageInfo { hasNextPage } } }`;

const DEMO = fileURLToPath(new URL('../../../metrics', import.meta.url));

/** Flags that the model does not tell. */
const UNTOLD = ['HEAVY_TAIL', 'WORSE_WITHIN_MARGIN'];
const FLOATS = resultColumns([]).flatMap(({ name, type }) => (type === 'FLOAT' ? [name] : []));
const EXACT = resultColumns([]).flatMap(({ name, type }) =>
  type === 'FLOAT' || name === 'flags' || name === 'as_of' ? [] : [name],
);

const keyOf = (row: Row) =>
  JSON.stringify([row.experiment, row.metric, row.treatment, row.slice_dimension, row.slice_value]);

/** The API's lines of the whole population and of each dimension's slices, as the model has them. */
async function served(service: TestService, asOf: string, experiment: string, dimensions: readonly string[]) {
  const rows: Data[] = [];
  for (const dimension of [null, ...dimensions]) {
    const filter = dimension === null ? null : { sliceBy: [dimension] };
    const { experimentResults: table } = await ask(service, RESULTS, { experiments: [experiment], filter, asOf });
    expect(table.pageInfo.hasNextPage).toBe(false);
    for (const record of table.records)
      rows.push({
        ...record,
        slice_dimension: dimension,
        slice_value: dimension === null ? null : record[`slice_${dimension}`],
      });
  }
  return rows;
}

function compare(got: Row, expected: Data): void {
  const what = keyOf(got);
  if (got.unknown === 'NOT_IN_SQL') return;
  expect([what, ...EXACT.map((name) => got[name])]).toEqual([what, ...EXACT.map((name) => expected[name])]);
  for (const name of FLOATS) {
    const [a, b] = [got[name] ?? null, expected[name]];
    const scale = name.startsWith('lift')
      ? 1
      : name.endsWith('p_value')
        ? Math.abs(b ?? 0)
        : Math.max(Math.abs(expected.control_mean ?? 0), 1e-3);
    const isClose = a === null || b === null ? a === b : Math.abs(Number(a) - b) <= 1e-9 * Math.max(scale, Math.abs(b));
    if (!isClose) throw new Error(`${what} ${name}: ${a}, not ${b}`);
  }
  expect([what, JSON.parse(String(got.flags))]).toEqual([
    what,
    expected.flags.filter((flag: string) => !UNTOLD.includes(flag)),
  ]);
}

async function check(
  engine: EngineName,
  service: TestService,
  asOf: string,
): Promise<{ readonly compared: number; readonly untold: readonly string[] }> {
  const catalog = service.catalog();
  const instant = asOf.replace('T', ' ').replace('Z', '.000000');
  const tables = await tablesOn(engine, await baseSelects(service, instant));
  await tables.build(metricMoments, catalog, instant);
  const rows = await tables.rowsOf(experimentResults, catalog, instant);
  const found = new Map(rows.map((row) => [keyOf(row), row]));
  expect(found.size).toBe(rows.length);
  let compared = 0;
  const untold: string[] = [];
  for (const { key, assignments, status } of catalog.experiments.values()) {
    if (status === 'DRAFT') continue;
    const source = catalog.sources.get(assignments);
    const dimensions = source?.kind === 'assignments' ? source.dimensions.map(({ name }) => name) : [];
    for (const expected of await served(service, asOf, key, dimensions)) {
      const row = found.get(keyOf(expected));
      if (row === undefined) throw new Error(`No row for ${keyOf(expected)}.`);
      compare(row, expected);
      if (row.unknown === 'NOT_IN_SQL') untold.push(keyOf(row));
      compared += 1;
    }
  }
  expect(compared).toBe(rows.length);
  return { compared, untold };
}

for (const engine of ['DuckDB', 'Trino'] as const) {
  describeOn(engine, () => {
    it('gives the numbers of the API for the shop', async () => {
      const { compared, untold } = await check(engine, await serveShop('DuckDB'), '2026-06-01T00:00:00Z');
      // 9 metrics of experiments with 1, 2 and 4 treatments
      expect(compared).toBe(63);
      // quantiles of events
      expect(untold.every((key) => key.includes('latency_p90'))).toBe(true);
    });
  });
}

describeOn('DuckDB', () => {
  it('gives the numbers of the API for the demo, slices and all', async () => {
    const database = `${folderWith({})}/demo.duckdb`;
    await generateDemo(database, { scale: 0.05, threads: 2 });
    const loaded = await openService(DEMO, { env: { LIFTQL_DEMO_DB: database } });
    later(() => loaded.close());
    const { compared, untold } = await check('DuckDB', loaded, '2026-06-01T00:00:00Z');
    // every experiment's metrics × treatments, and the same of each country and platform
    expect(compared).toBe(1087);
    // quantiles of events
    expect(untold.filter((key) => !key.includes('page_load_p95'))).toEqual([]);
  });
});
