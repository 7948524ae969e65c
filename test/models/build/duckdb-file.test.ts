import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { openDuckDb } from '../../../src/engine/duckdb/duckdb.ts';
import { openDuckDbWarehouse } from '../../../src/engine/duckdb/warehouse.ts';
import { newPlace, TIMEOUT } from './places.ts';
import {
  contentsOf,
  expectedContents,
  modelsFile,
  NEW,
  OLD,
  openPlace,
  type Place,
  readPlace,
  runAt,
} from './world.ts';

const newFolder = async () => (await newPlace('DuckDB')) as Place & { engine: 'DuckDB' }; // as asked for

test('who has the file open keeps reading it while it is built again, and after', async () => {
  const place = await newFolder();
  await runAt(place, OLD);
  const reader = await openDuckDb({ path: modelsFile(place.directory) });
  const sum = async () =>
    (await reader.query({ sql: 'select sum(n) as s from liftql.experiment_assignments', parameters: [] })).rows[0]!.s;
  const during: unknown[] = [];
  await runAt(place, NEW, { onProgress: () => during.push(sum()) });
  expect(await Promise.all(during)).toEqual([7140, 7140, 7140, 7140]);
  expect(await sum()).toBe(7140);
  await reader.close();
  expect(await contentsOf(place)).toEqual(expectedContents(NEW));
});

test('views find their tables however the file is attached, and not those of another database', async () => {
  const place = await newFolder();
  await runAt(place, OLD);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`attach '${modelsFile(place.directory)}' as somewhere_else (read_only)`);
  await connection.run('create schema liftql; create table liftql.metric_moments as select -1 as n, now() as as_of');
  const read = await connection.runAndReadAll('select n::integer from somewhere_else.liftql.sample_ratio_mismatch');
  expect(read.getRows()).toEqual([[7141]]);
  connection.closeSync();
  instance.closeSync();
});

test(
  'a second build is refused while one runs, in this process and from another',
  async () => {
    const place = await newFolder();
    const warehouse = await openPlace(place);
    await expect(openPlace(place)).rejects.toMatchObject({
      code: 'MODELS_LOCKED',
      message: expect.stringContaining('this process'),
    });
    const env = { ...process.env, PLACE: JSON.stringify(place), AS_OF: NEW };
    const program = new URL('./killed.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--import', 'tsx', program], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const [code] = await once(child, 'close');
    expect(code).not.toBe(0);
    expect(said).toContain('MODELS_LOCKED');
    expect(said).toContain(`PID ${process.pid}`);
    // The one that was refused has not touched what the other writes.
    expect(existsSync(`${modelsFile(place.directory)}.building`)).toBe(true);
    await runAt(place, OLD, { warehouse });
    expect(await contentsOf(place)).toEqual(expectedContents(OLD));
  },
  TIMEOUT,
);

test('what a killed run has left, of whatever content, is in nobody’s way', async () => {
  const place = await newFolder();
  const file = modelsFile(place.directory);
  for (const left of [`${file}.building`, `${file}.building.wal`]) writeFileSync(left, 'half a file');
  await runAt(place, OLD);
  expect(await contentsOf(place)).toEqual(expectedContents(OLD));
  expect(readdirSync(place.directory).sort()).toEqual(['models.duckdb', 'models.duckdb.lock', 'raw.duckdb']);
});

test('a run that fails leaves the file as it was, and nothing beside it', async () => {
  const place = await newFolder();
  await runAt(place, OLD);
  await expect(runAt(place, NEW, { broken: true })).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
  expect(await contentsOf(place)).toEqual(expectedContents(OLD));
  expect(readdirSync(place.directory).sort()).toEqual(['models.duckdb', 'models.duckdb.lock', 'raw.duckdb']);
});

test('a file that is no database, or that somebody writes to, is refused and kept', async () => {
  const place = await newFolder();
  const file = modelsFile(place.directory);
  writeFileSync(`${file}.wal`, 'x');
  await expect(openPlace(place)).rejects.toMatchObject({ code: 'MODELS_UNWRITABLE' });
  const other = await newFolder();
  writeFileSync(modelsFile(other.directory), 'x'.repeat(20_000));
  await expect(openPlace(other)).rejects.toMatchObject({ code: 'MODELS_UNWRITABLE' });
  expect(readdirSync(other.directory)).toContain('models.duckdb');
  const nowhere = openDuckDbWarehouse({ path: null, target: '/nowhere/models.duckdb', schema: 'liftql' });
  await expect(nowhere).rejects.toMatchObject({ code: 'MODELS_UNWRITABLE' });
});

test('the warehouse itself is not written to', async () => {
  const place = await newFolder();
  const path = `${place.directory}/raw.duckdb`;
  await expect(openDuckDbWarehouse({ path, target: path, schema: 'liftql' })).rejects.toMatchObject({
    code: 'MODELS_UNWRITABLE',
  });
});

test('a statement reaches no file but those that are configured', async () => {
  const place = await newFolder();
  const warehouse = await openPlace(place);
  const outside = `${place.directory}/outside.parquet`;
  await expect(warehouse.query(`copy (select 1) to '${outside}'`)).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
  expect(existsSync(outside)).toBe(false);
  await warehouse.close();
});

test('the rows of the ledger stay over many builds', async () => {
  const place = await newFolder();
  for (const asOf of [OLD, NEW, OLD, NEW]) await runAt(place, asOf);
  const [row] = await readPlace(
    place,
    (table) => `select count(*) as c, count(distinct build) as b from ${table('liftql_builds')}`,
  );
  expect(row).toEqual({ c: 16, b: 4 });
});
