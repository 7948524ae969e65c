import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { type CatalogFiles, folderWith } from '../../support/service.ts';
import { type World, worldFiles } from './data.ts';

/** Types of the columns that a sample of a file would not tell. */
const TYPES: Readonly<Record<string, string>> = {
  visits: ", types = {'user': 'varchar'}",
  events: ", types = {'raw_amount': 'varchar'}",
};

/** A folder with a catalog and the world's tables in `world.duckdb`. */
export async function worldDirectory(
  world: World,
  catalog: string,
  more: Exclude<CatalogFiles, string> = {},
): Promise<string> {
  const files = worldFiles(world);
  const directory = folderWith({ 'catalog.yaml': catalog, ...files, ...more });
  const instance = await DuckDBInstance.create(join(directory, 'world.duckdb'));
  const connection = await instance.connect();
  await connection.run('create schema shop');
  for (const name of Object.keys(files)) {
    const table = name.split('.')[0]!;
    await connection.run(
      `create table shop.${table} as select * from read_csv('${join(directory, name)}'${TYPES[table] ?? ''}, sample_size = -1)`,
    );
  }
  connection.closeSync();
  instance.closeSync();
  return directory;
}
