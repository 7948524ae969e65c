import { expect } from 'vitest';
import type { Row } from '../../../src/engine/engine.ts';
import { resultColumns } from '../../../src/experiment/results-table.ts';
import { ask, type Data, type TestService } from '../../support/service.ts';
import type { Rows } from './rows.ts';

const RESULTS = `query R($experiments: [String!]!, $filter: ResultFilter, $asOf: DateTime) {
  experimentResults(experiments: $experiments, filter: $filter, analysis: { asOf: $asOf }, first: 5000) { records totalCount pageInfo { hasNextPage } } }`;

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

/**
 * That every line is the API's, and that it has no others, of the whole population and of each dimension's slices. How many were
 * compared, and those of which SQL says no more than the means.
 */
export async function compareResults(
  read: Rows,
  service: TestService,
  asOf: string,
): Promise<{ readonly compared: number; readonly untold: readonly string[] }> {
  const rows = await read('experiment_results');
  const found = new Map(rows.map((row) => [keyOf(row), row]));
  expect(found.size).toBe(rows.length);
  let compared = 0;
  const untold: string[] = [];
  for (const { key, assignments, status } of service.catalog().experiments.values()) {
    if (status === 'DRAFT') continue;
    const source = service.catalog().sources.get(assignments);
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
