import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { later } from './service.ts';

/** The Trino that tests run on, as scripts/trino tells it; null: those tests are skipped. */
export const TRINO_URL: string | null = process.env.TRINO_URL || null;

/** A test schema's name begins with it and with the minute it was made in, so that what a killed run left is known. */
const PREFIX = 'liftql_test_';
const STALE_MINUTES = 60;
/** Trino refuses a statement of a million characters. */
const MOST_CHARACTERS = 900_000;

type Answer = {
  readonly id: string;
  readonly columns?: readonly { readonly name: string }[];
  readonly data?: readonly (readonly unknown[])[];
  readonly error?: { readonly message: string };
  readonly nextUri?: string;
};

/** What a statement gave, and the id that Trino knows it by. */
export interface TrinoAnswer {
  readonly id: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

const HEADERS = { 'X-Trino-User': 'liftql', 'X-Trino-Source': 'liftql-tests', 'X-Trino-Time-Zone': 'UTC' };

/** Runs one statement: a client of its own, so that nothing that is tested makes the tables of its tests. */
export async function queryTrino(statement: string): Promise<TrinoAnswer> {
  const rows: (readonly unknown[])[] = [];
  let names: readonly string[] = [];
  let response = await fetch(`${TRINO_URL}/v1/statement`, { method: 'POST', headers: HEADERS, body: statement });
  for (;;) {
    if (!response.ok) throw new Error(`Trino answered ${response.status}: ${await response.text()}`);
    const { id, columns, data = [], error, nextUri } = (await response.json()) as Answer; // as the protocol says
    if (error !== undefined) throw new Error(`${error.message}\n${statement.slice(0, 500)}`);
    if (columns !== undefined) names = columns.map(({ name }) => name);
    rows.push(...data);
    if (nextUri === undefined) return { id, columns: names, rows };
    response = await fetch(nextUri, { headers: HEADERS });
  }
}

/** The rows that one statement gives. */
export async function runOnTrino(statement: string): Promise<readonly (readonly unknown[])[]> {
  return (await queryTrino(statement)).rows;
}

/** What Trino tells of a query that it ran; its shape is that of Trino 476. */
type QueryInfo = {
  readonly finalQueryInfo: boolean;
  readonly inputs: readonly { readonly schema: string; readonly fragmentId: string }[];
  readonly queryStats: {
    readonly operatorSummaries: readonly {
      readonly stageId: number;
      readonly operatorType: string;
      readonly physicalInputPositions: number;
    }[];
  };
};

/** How many rows of the tables of a schema a query that is over read from its files, before any condition. */
export async function rowsReadOnTrino(id: string, schema: string): Promise<number> {
  const read = async () =>
    (await (await fetch(`${TRINO_URL}/v1/query/${id}`, { headers: HEADERS })).json()) as QueryInfo;
  let info = await read();
  while (!info.finalQueryInfo) info = await read();
  const { inputs, queryStats } = info;
  // A stage scans one table, or several of one schema.
  const schemaOf = new Map<string, string>();
  for (const { schema: own, fragmentId } of inputs) {
    if ((schemaOf.get(fragmentId) ?? own) !== own) throw new Error(`A stage of ${id} reads of two schemas.`);
    schemaOf.set(fragmentId, own);
  }
  return queryStats.operatorSummaries
    .filter(({ stageId, operatorType }) => schemaOf.get(String(stageId)) === schema && /Scan/.test(operatorType))
    .reduce((sum, { physicalInputPositions }) => sum + physicalInputPositions, 0);
}

/** A new schema of a catalog, dropped with its tables after the tests of the file; what earlier runs left behind goes at once. */
export async function trinoSchema(catalog: string): Promise<string> {
  const minute = Math.floor(Date.now() / 60_000);
  const left = await runOnTrino(`show schemas from "${catalog}" like '${PREFIX}%'`);
  // Another run may be at it too.
  for (const [name] of left as readonly [string][])
    if (minute - Number.parseInt(name.slice(PREFIX.length), 36) > STALE_MINUTES)
      await dropSchema(catalog, name).catch(() => {});
  const schema = `${PREFIX}${minute.toString(36)}_${process.pid}_${Math.random().toString(36).slice(2, 8)}`;
  await runOnTrino(`create schema "${catalog}"."${schema}"`);
  later(() => dropSchema(catalog, schema));
  return schema;
}

/** Not every connector drops a schema with its tables. */
async function dropSchema(catalog: string, schema: string): Promise<void> {
  const relations = await runOnTrino(
    `select table_name, if(table_type = 'VIEW', 'view', 'table') from "${catalog}".information_schema.tables where table_schema = '${schema}'`,
  );
  for (const [name, kind] of relations) await runOnTrino(`drop ${kind} if exists "${catalog}"."${schema}"."${name}"`);
  await runOnTrino(`drop schema if exists "${catalog}"."${schema}"`);
}

interface ColumnCopy {
  readonly type: string;
  readonly text: (column: string) => string;
}

const plain = (type: string): ColumnCopy => ({ type, text: (column) => `${column}::varchar` });
const number = (type: string): ColumnCopy => ({
  type,
  text: (column) =>
    `case ${column}::varchar when 'nan' then 'NaN' when 'inf' then 'Infinity' when '-inf' then '-Infinity' else ${column}::varchar end`,
});

/** The type of a DuckDB column in Trino, and its values as text that Trino casts to the same bits. */
const COLUMNS: Readonly<Record<string, ColumnCopy>> = {
  VARCHAR: plain('varchar'),
  UUID: plain('uuid'),
  BOOLEAN: plain('boolean'),
  INTEGER: plain('integer'),
  BIGINT: plain('bigint'),
  'DECIMAL(10,2)': plain('decimal(10, 2)'),
  FLOAT: number('real'),
  DOUBLE: number('double'),
  DATE: plain('date'),
  TIMESTAMP: plain('timestamp(6)'),
  'TIMESTAMP WITH TIME ZONE': {
    type: 'timestamp(6) with time zone',
    text: (column) => `(${column} at time zone 'UTC')::varchar || ' UTC'`,
  },
};

/**
 * Copies what DuckDB selects into new tables of Trino, by their full names: the same values on both engines. As JSON, so that
 * it is the same for every connector and needs no folder that both can see.
 */
export async function copyToTrino(
  tables: Readonly<Record<string, string>>,
  options: { readonly database?: string } = {},
): Promise<void> {
  const { database } = options;
  // Others read it too.
  const instance = await (database === undefined
    ? DuckDBInstance.create(':memory:')
    : DuckDBInstance.create(database, { access_mode: 'READ_ONLY' }));
  const connection = await instance.connect();
  try {
    await connection.run("set TimeZone = 'UTC'");
    for (const [table, select] of Object.entries(tables)) await copy(connection, table, select);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function copy(connection: DuckDBConnection, table: string, select: string): Promise<void> {
  const described = await connection.runAndReadAll(`describe ${select}`);
  const columns = described.getRowObjects().map(({ column_name, column_type }) => {
    const known = COLUMNS[String(column_type)];
    if (known === undefined) throw new Error(`${table}: no type for ${column_name}, a ${column_type}.`);
    const name = `"${column_name}"`;
    return { name, type: known.type, text: known.text(name) };
  });
  const listed = (item: (column: (typeof columns)[number], i: number) => string) => columns.map(item).join(', ');
  await runOnTrino(`create table ${table} (${listed(({ name, type }) => `${name} ${type}`)})`);
  const rows = await connection.runAndReadAll(`select ${listed(({ text }) => text)} from (${select})`);
  const insert = (values: readonly string[]) =>
    runOnTrino(
      `insert into ${table} select ${listed(({ type }, i) => `cast(c${i} as ${type})`)}
from unnest(cast(json_parse('[${values.join(',')}]') as array(row(${listed((_, i) => `c${i} varchar`)}))))`,
    );
  let batch: string[] = [];
  let size = 0;
  for (const row of rows.getRows()) {
    const text = JSON.stringify(row).replaceAll("'", "''");
    if (size + text.length > MOST_CHARACTERS) {
      await insert(batch);
      batch = [];
      size = 0;
    }
    batch.push(text);
    size += text.length + 1;
  }
  if (batch.length > 0) await insert(batch);
}
