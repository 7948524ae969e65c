import type { ColumnType } from '../../core/vocabulary.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { bind, ident, join, type Parameter, type Sql, sql, trusted } from '../../sql/sql.ts';
import { as, list } from '../../sql/statement.ts';

/** A column of constants; text, whole numbers, doubles or booleans. */
export interface ListedColumn {
  readonly name: string;
  readonly type: Extract<ColumnType, 'STRING' | 'INTEGER' | 'FLOAT' | 'BOOLEAN'>;
}

const TYPES = { STRING: 'varchar', INTEGER: 'bigint', FLOAT: 'double', BOOLEAN: 'boolean' } as const;

/** Constants as a query. Trino plans long lists of VALUES slowly, row by row, but not what it unnests. */
export function listed(
  dialect: Dialect,
  columns: readonly ListedColumn[],
  rows: readonly (readonly Parameter[])[],
): Sql {
  const typed = columns.map(({ name, type }) => as(sql`cast(${ident('v', name)} as ${trusted(TYPES[type])})`, name));
  const names = join(
    columns.map(({ name }) => ident(name)),
    ', ',
  );
  if (rows.length === 0) {
    const nulls = columns.map(({ name, type }) => as(sql`cast(null as ${trusted(TYPES[type])})`, name));
    return sql`select ${join(nulls, ', ')} where false`;
  }
  if (dialect.name === 'TRINO') {
    const types = columns.map(({ name, type }) => sql`${ident(name)} ${trusted(TYPES[type])}`);
    return sql`select ${names} from unnest(cast(json_parse(${bind(JSON.stringify(rows))}) as array(row(${join(types, ', ')}))))`;
  }
  const cell = (value: Parameter, { type }: ListedColumn) =>
    typeof value === 'number' && type === 'FLOAT' ? trusted(dialect.number(value)) : bind(value);
  const tuples = rows.map(
    (row) =>
      sql`(${join(
        row.map((value, i) => cell(value, columns[i]!)),
        ', ',
      )})`,
  );
  return sql`select\n  ${list(typed)}\nfrom (values\n  ${join(tuples, ',\n  ')}) as v(${names})`;
}
