import { canonicalInstant, sqlTimestamp } from '../core/instant.ts';
import type { ColumnType } from '../core/vocabulary.ts';
import { literalOf } from '../sql/literal.ts';
import { ident } from '../sql/sql.ts';
import type { Cell } from './engine.ts';
import type { NewColumn, NewRows } from './warehouse.ts';

/** Types of columns as DuckDB and Trino both write them. */
const TYPES: Readonly<Record<ColumnType, string>> = {
  STRING: 'varchar',
  INTEGER: 'bigint',
  FLOAT: 'double',
  BOOLEAN: 'boolean',
  DATE: 'date',
  DATETIME: 'timestamp(6)',
};

export const qualified = (...parts: readonly string[]): string => ident(...parts).pieces.join('');

export function createTableText(table: string, columns: readonly NewColumn[]): string {
  const listed = columns.map(({ name, type }) => `${qualified(name)} ${TYPES[type]}`);
  return `create table if not exists ${table} (\n  ${listed.join(',\n  ')}\n)`;
}

/** Adds the rows whose key is not there, so that a statement that is sent twice adds them once. */
export function appendText(table: string, { columns, key, rows }: NewRows): string {
  const names = columns.map(({ name }) => qualified(name)).join(', ');
  const values = rows.map((row) => `(${row.map((cell, i) => typed(cell, columns[i]!.type)).join(', ')})`);
  const same = key.map((name) => `o.${qualified(name)} = n.${qualified(name)}`).join(' and ');
  return `insert into ${table} (${names})
select ${names}
from (values
  ${values.join(',\n  ')}
) as n (${names})
where not exists (select 1 from ${table} as o where ${same})`;
}

function typed(cell: Cell, type: ColumnType): string {
  const value = type === 'DATETIME' && cell !== null ? sqlTimestamp(canonicalInstant(String(cell))) : cell;
  return `cast(${literalOf(value)} as ${TYPES[type]})`;
}
