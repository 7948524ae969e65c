import type { FactSource } from '../catalog/catalog.ts';
import type { Dialect } from '../sql/dialect.ts';
import { type Sql, sql, trusted } from '../sql/sql.ts';
import { columnOf, isPlainText } from './relation.ts';

/** A value as a finite double; NaN, infinities and text that is no number become null, so that one bad row spoils nothing. */
export function usable(dialect: Dialect, source: FactSource, text: string): Sql {
  const column = /^"?[A-Za-z_][A-Za-z0-9_]*"?$/.test(text.trim())
    ? columnOf(source, text.trim().replaceAll('"', ''))
    : null;
  const read = trusted(`(${text})`);
  const isOtherText = column?.type === 'STRING' && !isPlainText(column);
  const double = dialect.double(isOtherText ? dialect.text(read) : read, column?.type ?? null);
  const exact = column?.type === 'INTEGER' || (column !== null && /^DECIMAL/i.test(column.engineType));
  return exact ? double : sql`case when ${dialect.isFinite(double)} then ${double} end`;
}
