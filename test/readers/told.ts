import { expect } from 'vitest';
import { NOT_IN_SQL } from '../../src/models/results/experiment-results.ts';
import { serveShop } from '../shop/serve.ts';
import { differences } from '../support/close.ts';
import { ask, type Data } from '../support/service.ts';

/** Rows of results by what tells them apart. */
export type Lines = Readonly<Record<string, Data>>;

const TOLERANCE = 1e-9;

/** What the API says of all experiments of the shop, over its files on DuckDB. */
export async function toldByApi(): Promise<Lines> {
  const service = await serveShop('DuckDB');
  const document = 'query Told($all: [String!]!) { experimentResults(experiments: $all) { records } }';
  const { experimentResults } = await ask(service, document, { all: [...service.catalog().experiments.keys()] });
  return byLine(experimentResults.records);
}

/** Rows by what tells them apart, without what the two say in other ways. */
function byLine(rows: readonly Data[]): Lines {
  return Object.fromEntries(
    rows.map(({ flags: _flags, as_of, ...row }) => [
      `${row.experiment} ${row.metric} ${row.treatment}`,
      { ...row, as_of: String(as_of).replace(' ', 'T').slice(0, 'yyyy-mm-ddThh:mm:ss'.length) },
    ]),
  );
}

/** Where what was read differs from what the API says, in all columns of the API, of all lines that SQL tells. */
export function wrongIn(rows: readonly Data[], told: Lines): readonly string[] {
  const read = byLine(rows);
  expect(Object.keys(read).sort()).toEqual(Object.keys(told).sort());
  return Object.entries(told).flatMap(([line, expected]) => {
    if (read[line].unknown === NOT_IN_SQL) return [];
    const got = Object.fromEntries(Object.keys(expected).map((name) => [name, read[line][name]]));
    return differences(got, expected, TOLERANCE, line);
  });
}
