import { DuckDBInstance } from '@duckdb/node-api';
import type { Catalog } from '../../../src/catalog/catalog.ts';
import { withHorizon } from '../../../src/models/as-of.ts';
import type { Model, ModelName } from '../../../src/models/model.ts';
import { textOf } from '../../../src/sql/literal.ts';
import { bind, ident } from '../../../src/sql/sql.ts';
import type { EngineName } from '../../support/engines.ts';
import { folderWith, later } from '../../support/service.ts';
import { copyToTrino, runOnTrino, trinoSchema } from '../../support/trino.ts';
import { dialectOf } from '../support.ts';

export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

/** Tables of the models that a model reads, on one engine. */
export interface Tables {
  /** A model's rows over the tables that are there. */
  rowsOf(model: Model, catalog: Catalog, asOf: string): Promise<readonly Row[]>;
}

/** Tables by name, each of what a statement of DuckDB selects. */
export async function tablesOn(engine: EngineName, selects: Partial<Record<ModelName, string>>): Promise<Tables> {
  const database = `${folderWith({})}/models.duckdb`;
  const instance = await DuckDBInstance.create(database, { threads: '2' });
  const connection = await instance.connect();
  await connection.run("set TimeZone = 'UTC'");
  for (const [name, select] of Object.entries(selects)) await connection.run(`create table "${name}" as ${select}`);
  if (engine === 'DuckDB') {
    later(() => {
      connection.closeSync();
      instance.closeSync();
    });
    return over(engine, null, async (text) => {
      const read = await connection.runAndReadAll(text);
      return { names: read.columnNames(), rows: read.getRowsJson() };
    });
  }
  connection.closeSync();
  instance.closeSync();
  const schema = await trinoSchema('memory');
  const copies = Object.keys(selects).map((name) => [`memory.${schema}.${name}`, `select * from "${name}"`]);
  await copyToTrino(Object.fromEntries(copies), { database });
  return over(engine, schema, async (text) => ({ names: null, rows: await runOnTrino(text) }));
}

type Run = (
  text: string,
) => Promise<{ readonly names: readonly string[] | null; readonly rows: readonly (readonly unknown[])[] }>;

function over(engine: EngineName, schema: string | null, run: Run): Tables {
  const place = (name: string) => (schema === null ? ident(name) : ident('memory', schema, name));
  const textFor = (model: Model, catalog: Catalog, asOf: string) => {
    const dialect = dialectOf(engine);
    const horizon = dialect.timestamp(bind(asOf));
    return textOf(model.select({ catalog, dialect: withHorizon(dialect, horizon), ref: place }));
  };
  return {
    rowsOf: async (model, catalog, asOf) => {
      const { names, rows } = await run(textFor(model, catalog, asOf));
      const columns = model.columns(catalog);
      const declared = columns.map(({ name }) => name);
      if (names !== null && names.join() !== declared.join()) throw new Error(`${names.join()} for ${declared.join()}`);
      return rows.map((row) => Object.fromEntries(columns.map(({ name, type }, i) => [name, cellOf(row[i], type)])));
    },
  };
}

/** Large whole numbers come as text. */
function cellOf(value: unknown, type: string): Cell {
  if (value === null || value === undefined) return null;
  return type === 'FLOAT' || type === 'INTEGER' ? Number(value) : (value as Cell); // as the column's type has it
}
