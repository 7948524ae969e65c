import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { trinoEngine } from '../../support/engines.ts';
import { type CatalogFiles, folderWith } from '../../support/service.ts';
import { copyToTrino, trinoSchema } from '../../support/trino.ts';
import { worldCatalog } from './catalog.ts';
import { type World, worldFiles } from './data.ts';

/** Types of the columns that a sample of a file would not tell. */
const TYPES: Readonly<Record<string, string>> = {
  visits: ", types = {'user': 'varchar'}",
  events: ", types = {'raw_amount': 'varchar'}",
  arrived: ", types = {'raw_amount': 'varchar'}",
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

/** A folder with the world's catalog on Trino, and the world's tables in Iceberg. */
export async function worldOnTrino(world: World): Promise<string> {
  const schema = await trinoSchema('iceberg');
  const directory = await worldDirectory(world, worldCatalog(trinoEngine('iceberg'), schema));
  const tables = Object.keys(worldFiles(world)).map((name) => name.split('.')[0]!);
  await copyToTrino(
    Object.fromEntries(tables.map((table) => [`iceberg.${schema}.${table}`, `select * from shop.${table}`])),
    { database: join(directory, 'world.duckdb') },
  );
  return directory;
}
