import { DuckDBInstance } from '@duckdb/node-api';
import type { Formula } from '../../src/models/statistics/formula.ts';
import { formulaSteps } from '../../src/models/statistics/formula.ts';
import type { Dialect } from '../../src/sql/dialect.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import { formatDouble } from '../../src/sql/number.ts';
import { compile, ident, join, type Sql, sql, trusted } from '../../src/sql/sql.ts';
import { as, type Step, statement } from '../../src/sql/statement.ts';
import type { EngineName } from '../support/engines.ts';
import { runOnTrino, TRINO_URL } from '../support/trino.ts';

export type Cell = number | string | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

export const ENGINES: readonly EngineName[] = TRINO_URL === null ? ['DuckDB'] : ['DuckDB', 'Trino'];
export const dialectOf = (engine: EngineName): Dialect => DIALECTS[engine === 'DuckDB' ? 'DUCKDB' : 'TRINO'];

function literal(value: Cell): Sql {
  if (value === null) return sql`cast(null as double)`;
  if (typeof value === 'boolean') return trusted(String(value));
  if (typeof value === 'string') return trusted(`cast('${value.replaceAll("'", "''")}' as varchar)`);
  return Number.isFinite(value) ? trusted(formatDouble(value)) : trusted(`cast('${value}' as double)`);
}

/** Rows as a step; all have the columns of the first. */
export function casesStep(engine: EngineName, name: string, rows: readonly Row[]): Step {
  return { name, comment: 'The cases', query: engine === 'DuckDB' ? asValues(rows) : asUnnested(rows) };
}

function asValues(rows: readonly Row[]): Sql {
  const names = Object.keys(rows[0]!);
  const tuples = rows.map(
    (row) =>
      sql`(${join(
        names.map((column) => literal(row[column]!)),
        ', ',
      )})`,
  );
  return sql`select * from (values\n${join(tuples, ',\n')}) as t(${join(
    names.map((column) => ident(column)),
    ', ',
  )})`;
}

/** Trino works out projections of VALUES while it plans, row by row and slowly; it cannot do so for what is unnested. */
function asUnnested(rows: readonly Row[]): Sql {
  const names = Object.keys(rows[0]!);
  const type = (column: string) => {
    const value = rows.map((row) => row[column]).find((cell) => cell !== null);
    return typeof value === 'string' ? 'varchar' : typeof value === 'boolean' ? 'boolean' : 'double';
  };
  const cells = (row: Row) =>
    names.map((column) => {
      const value = row[column]!;
      return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
    });
  const json = JSON.stringify(rows.map(cells)).replaceAll("'", "''");
  const columns = join(
    names.map((column) => sql`${ident(column)} ${trusted(type(column))}`),
    ', ',
  );
  return sql`select * from unnest(cast(json_parse('${trusted(json)}') as array(row(${columns}))))`;
}

/** One statement's rows by column, on one engine. */
export async function runOn(engine: EngineName, query: Sql): Promise<readonly (readonly unknown[])[]> {
  const { sql: text, parameters } = compile(query, dialectOf(engine).placeholder);
  if (parameters.length > 0) throw new Error('A formula binds no parameters.');
  if (engine === 'Trino') return runOnTrino(text);
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(text)).getRowsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

export const cellOf = (value: unknown): Cell => {
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  return value as Cell; // as the column's type has it
};

/** The columns of a formula over cases, in their order, by one statement. */
export async function evaluateOn<Name extends string>(
  engine: EngineName,
  rows: readonly Row[],
  formula: (dialect: Dialect) => Formula<Name>,
): Promise<Record<Name, Cell>[]> {
  const { definitions, columns } = formula(dialectOf(engine));
  const keep = [ident('case_number'), ...Object.values<Sql>(columns)];
  const numbered = rows.map((row, i) => ({ case_number: i, ...row }));
  const steps = [casesStep(engine, 'cases', numbered), ...formulaSteps('answers', ident('cases'), definitions, keep)];
  const names = Object.keys(columns) as Name[];
  const wanted = join(
    names.map((name) => as(columns[name], name)),
    ', ',
  );
  const last = ident(steps.at(-1)!.name);
  const query = statement(steps, sql`select ${wanted}\nfrom ${last}\norder by "case_number"`, dialectOf(engine).reuse);
  const answers = await runOn(engine, query);
  return answers.map((row) => Object.fromEntries(names.map((name, i) => [name, cellOf(row[i])])) as Record<Name, Cell>);
}

/** |got − expected| relative to |expected|, or to a floor where given; infinite where only one is a number. */
export function relativeError(got: Cell, expected: Cell, floor = 0): number {
  if (got === expected) return 0;
  if (typeof got !== 'number' || typeof expected !== 'number') return Number.POSITIVE_INFINITY;
  const error = Math.abs(got - expected) / Math.max(Math.abs(expected), floor);
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}
