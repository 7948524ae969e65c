import type { AssignmentSource } from '../../catalog/catalog.ts';
import { dimensionType } from '../../plan/filter.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { ident, type Sql, sql } from '../../sql/sql.ts';

/** The dimension of a row (`r`) as text. Whole numbers are the same on all engines; others are as each writes a double. */
export function dimensionText(source: AssignmentSource, name: string, dialect: Dialect): Sql {
  const column = ident('r', `dim_${name}`);
  if (dimensionType(source, name) !== 'FLOAT') return dialect.text(column);
  const double = dialect.double(column, 'FLOAT');
  const isWhole = sql`${double} = floor(${double}) and abs(${double}) < 1e15`;
  return sql`case when ${isWhole} then ${dialect.text(sql`cast(${double} as bigint)`)} else ${dialect.text(double)} end`;
}
