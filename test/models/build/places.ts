import { folderWith } from '../../support/service.ts';
import { copyToTrino, TRINO_URL, trinoSchema } from '../../support/trino.ts';
import { makeRaw, NUMBERS, type Place } from './world.ts';

/** Trino takes seconds for a table. */
export const TIMEOUT = 600_000;
/** Numbers that Trino's copy holds: more than the latest asOf lets in. */
const FEW = 500;

/** A new place with its raw table, removed after the tests of the file. */
export async function newPlace(engine: 'DuckDB' | 'Trino'): Promise<Place> {
  if (engine === 'DuckDB') {
    const directory = folderWith({});
    await makeRaw(directory);
    return { engine, directory };
  }
  const raw = `iceberg.${await trinoSchema('iceberg')}.numbers`;
  await copyToTrino({ [raw]: `${NUMBERS} where i <= ${FEW}` });
  return { engine, server: String(TRINO_URL), raw, schema: await trinoSchema('iceberg') };
}
