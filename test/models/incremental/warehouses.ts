import { readFileSync } from 'node:fs';
import { join as path } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { Catalog } from '../../../src/catalog/catalog.ts';
import type { Dialect } from '../../../src/sql/dialect.ts';
import { DIALECTS } from '../../../src/sql/dialects/index.ts';
import { textOf } from '../../../src/sql/literal.ts';
import { ident, type Sql, sql } from '../../../src/sql/sql.ts';
import { type EngineName, trinoEngine } from '../../support/engines.ts';
import { folderWith, later, serve, serveFiles } from '../../support/service.ts';
import { queryTrino, rowsReadOnTrino, runOnTrino, trinoSchema } from '../../support/trino.ts';
import { CHANGES, catalogOn } from './world.ts';

const NOW = '2026-04-01T00:00:00Z';
const COLUMNS = {
  assignments:
    'experiment varchar, user_id bigint, variant varchar, assigned_at timestamp(6), country varchar, is_bot boolean',
  events: 'id bigint, user_id bigint, event_name varchar, amount double, event_at timestamp(6)',
};
type RawTable = keyof typeof COLUMNS;
export const RAW_TABLES = ['assignments', 'events'] as const;

/** Rows by the names of columns. */
export type Rows = readonly Readonly<Record<string, unknown>>[];

/** A warehouse that is built day after day, and how many rows of raw tables its statements have read. */
export abstract class Warehouse {
  abstract readonly dialect: Dialect;
  rowsRead = 0;

  /** Parts of the name of a table that is built. */
  abstract nameOf(table: string): readonly string[];
  abstract run(query: Sql | string): Promise<Rows>;
  /** Adds rows to a raw table, each as VALUES have it. */
  abstract add(table: RawTable, rows: readonly string[]): Promise<void>;
  /** The catalog as it stands on a day. */
  abstract catalogOn(day: number): Catalog;

  replace(table: string, query: Sql): Promise<unknown> {
    return this.run(sql`create or replace table ${ident(...this.nameOf(table))} as ${query}`);
  }

  /** The rows that some statements read. */
  async reading<T>(statements: () => Promise<T>): Promise<{ readonly result: T; readonly rows: number }> {
    const before = this.rowsRead;
    const result = await statements();
    return { result, rows: this.rowsRead - before };
  }
}

/** A new warehouse with empty raw tables. */
export function openWarehouseOn(engine: EngineName, covariate: boolean): Promise<Warehouse> {
  return engine === 'DuckDB' ? openDuckDb(covariate) : openTrino(covariate);
}

/** The catalogs that there are, each from the day on which it changed. */
async function catalogs(serveOn: (day: number) => Promise<Catalog>): Promise<(day: number) => Catalog> {
  const found: (readonly [number, Catalog])[] = [];
  for (const day of CHANGES) found.push([day, await serveOn(day)]);
  return (day) => found.filter(([since]) => since <= day).at(-1)![1];
}

class DuckDbWarehouse extends Warehouse {
  readonly dialect = DIALECTS.DUCKDB;
  readonly #connection: DuckDBConnection;
  readonly #profile: string;
  readonly catalogOn: (day: number) => Catalog;

  constructor(connection: DuckDBConnection, profile: string, catalogOn: (day: number) => Catalog) {
    super();
    this.#connection = connection;
    this.#profile = profile;
    this.catalogOn = catalogOn;
  }

  nameOf(table: string): readonly string[] {
    return [table];
  }

  async run(query: Sql | string): Promise<Rows> {
    const text = typeof query === 'string' ? query : textOf(query);
    const rows = (await this.#connection.runAndReadAll(text)).getRowObjectsJson();
    this.rowsRead += rawRows(JSON.parse(readFileSync(this.#profile, 'utf8')) as Operator);
    return rows;
  }

  async add(table: RawTable, rows: readonly string[]): Promise<void> {
    await this.#connection.run(`insert into raw.${table} values ${rows.join(', ')}`);
  }
}

/** An operator of a plan that DuckDB tells about after it ran. */
interface Operator {
  readonly operator_type?: string;
  readonly operator_cardinality?: number;
  readonly extra_info?: { readonly Table?: string };
  readonly children?: readonly Operator[];
}

/** Rows that scans of raw tables handed on, after the conditions that they check themselves. */
function rawRows({
  operator_type: type,
  operator_cardinality: rows = 0,
  extra_info: info,
  children = [],
}: Operator): number {
  const own = type === 'TABLE_SCAN' && (info?.Table ?? '').includes('raw.') ? rows : 0;
  return children.reduce((sum, child) => sum + rawRows(child), own);
}

async function createOnDuckDb(connection: DuckDBConnection): Promise<void> {
  await connection.run('create schema raw');
  for (const table of RAW_TABLES)
    await connection.run(`create table raw.${table} (${COLUMNS[table].replaceAll('timestamp(6)', 'timestamp')})`);
}

async function openDuckDb(covariate: boolean): Promise<Warehouse> {
  const catalogOf = await catalogs(async (day) => {
    const folder = folderWith(catalogOn(day, covariate));
    const instance = await DuckDBInstance.create(path(folder, 'shop.duckdb'));
    const connection = await instance.connect();
    await createOnDuckDb(connection);
    connection.closeSync();
    instance.closeSync();
    return (await serve(folder, NOW)).catalog();
  });
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  later(() => {
    connection.closeSync();
    instance.closeSync();
  });
  await createOnDuckDb(connection);
  const profile = path(folderWith({}), 'profile.json');
  await connection.run(`set enable_profiling = 'json'; set profiling_output = '${profile}'`);
  return new DuckDbWarehouse(connection, profile, catalogOf);
}

/** The catalog of Trino that the tables are in. */
const ICEBERG = 'iceberg';

class TrinoWarehouse extends Warehouse {
  readonly dialect = DIALECTS.TRINO;
  readonly #raw: string;
  readonly #built: string;
  readonly catalogOn: (day: number) => Catalog;

  constructor(raw: string, built: string, catalogOn: (day: number) => Catalog) {
    super();
    this.#raw = raw;
    this.#built = built;
    this.catalogOn = catalogOn;
  }

  nameOf(table: string): readonly string[] {
    return [ICEBERG, this.#built, table];
  }

  async run(query: Sql | string): Promise<Rows> {
    const { id, columns, rows } = await queryTrino(typeof query === 'string' ? query : textOf(query));
    this.rowsRead += await rowsReadOnTrino(id, this.#raw);
    return rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
  }

  /** One statement, one file: what scans leave out, they leave out by file. */
  async add(table: RawTable, rows: readonly string[]): Promise<void> {
    await runOnTrino(`insert into ${ICEBERG}.${this.#raw}.${table} values ${rows.join(', ')}`);
  }
}

async function openTrino(covariate: boolean): Promise<Warehouse> {
  const [raw, built] = [await trinoSchema(ICEBERG), await trinoSchema(ICEBERG)];
  for (const table of RAW_TABLES) await runOnTrino(`create table ${ICEBERG}.${raw}.${table} (${COLUMNS[table]})`);
  const catalogOf = await catalogs(async (day) => {
    const moved = catalogOn(day, covariate)
      .replace('{ kind: duckdb, path: shop.duckdb }', trinoEngine(ICEBERG))
      .replaceAll('table: raw.', `table: ${ICEBERG}.${raw}.`);
    return (await serveFiles(moved, NOW)).catalog();
  });
  return new TrinoWarehouse(raw, built, catalogOf);
}
