import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { benchmarkData, progress, SCALES, type Scale } from '../generate.ts';
import { run } from './client.ts';

const TABLES = {
  experiment_assignments: {
    columns: 'experiment_id varchar, user_id bigint, variant varchar, assigned_at timestamp(6)',
    partitioning: 'day(assigned_at)',
  },
  user_events: {
    columns:
      'user_id bigint, event_name varchar, event_at timestamp(6), value double, platform varchar, country varchar',
    partitioning: 'day(event_at)',
  },
} as const;
type Table = keyof typeof TABLES;

/** The schema of a scale: the data of the DuckDB benchmark as Iceberg tables, partitioned by day; loaded on first use. */
export async function trinoData(scale: Scale): Promise<{ readonly catalog: 'iceberg'; readonly schema: string }> {
  const schema = `liftql_bench_${scale.toLowerCase()}`;
  await run(`create schema if not exists iceberg.${schema}`);
  const present = (await run(`show tables from iceberg.${schema}`)).map(([name]) => name);
  if (present.includes('user_events') && (await isWhole(schema, scale))) return { catalog: 'iceberg', schema };
  const started = performance.now();
  progress(`${scale}: to Trino`);
  const folder = `${schema}_files`;
  const directory = join(warehouse(), folder);
  try {
    await exportTables(await benchmarkData(scale), directory);
    // The one that tells whether all is there comes last.
    for (const table of Object.keys(TABLES) as Table[]) await take(schema, table, `local:///${folder}/${table}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  if (!(await isWhole(schema, scale))) throw new Error(`Trino has other rows in ${schema} than were loaded.`);
  progress(`${scale}: in Trino after ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return { catalog: 'iceberg', schema };
}

async function isWhole(schema: string, scale: Scale): Promise<boolean> {
  const [[events] = []] = await run(`select count(*) from iceberg.${schema}.user_events`);
  return events === SCALES[scale].events;
}

/** The folder that Trino calls `local:///`; it must be on this machine. */
function warehouse(): string {
  const state = process.env.LIFTQL_TRINO_DIR || fileURLToPath(new URL('../../.cache/trino', import.meta.url));
  return join(state, 'warehouse');
}

async function exportTables(database: string, directory: string): Promise<void> {
  const instance = await DuckDBInstance.create(database, { access_mode: 'READ_ONLY' });
  try {
    const connection = await instance.connect();
    for (const table of Object.keys(TABLES)) {
      mkdirSync(join(directory, table), { recursive: true });
      await connection.run(`copy ${table} to '${join(directory, table, 'part.parquet')}' (format parquet)`);
    }
    connection.closeSync();
  } finally {
    instance.closeSync();
  }
}

/** Takes the files in as they are, then writes them anew by partition. */
async function take(schema: string, table: Table, location: string): Promise<void> {
  const { columns, partitioning } = TABLES[table];
  const [staging, target] = [`iceberg.${schema}.${table}_files`, `iceberg.${schema}.${table}`];
  await run(`drop table if exists ${target}`);
  await run(`drop table if exists ${staging}`);
  await run(`create table ${staging} (${columns})`);
  await run(`alter table ${staging} execute add_files(location => '${location}', format => 'PARQUET')`);
  await run(`create table ${target} with (partitioning = array['${partitioning}']) as select * from ${staging}`);
  await run(`drop table ${staging}`);
}
