import type { Source, WarehouseColumn } from '../catalog/catalog.ts';
import { assertNever } from '../core/errors.ts';
import { type CanonicalInstant, END_OF_TIME, sqlTimestamp } from '../core/instant.ts';
import type { Dialect } from '../sql/dialect.ts';
import { bind, ident, type Sql, sql, trusted } from '../sql/sql.ts';

/** Where a source's rows come from, as it stands after `from`. */
export function relationSql(source: Source): Sql {
  switch (source.relation.kind) {
    case 'table':
      return ident(...source.relation.name);
    case 'file':
      return ident('memory', 'files', source.name);
    case 'sql':
      return sql`(${trusted(source.relation.query.text)})`;
    default:
      return assertNever(source.relation);
  }
}

/** A column as the warehouse has it, found as engines find it: whatever the case. */
export function columnOf(source: Source, name: string): WarehouseColumn | null {
  const exact = source.columns.get(name);
  if (exact !== undefined) return exact;
  const folded = name.toLowerCase();
  for (const [candidate, column] of source.columns) if (candidate.toLowerCase() === folded) return column;
  return null;
}

/** The unit of a row; empty text is no unit. As text where the sources of a statement disagree on its type. */
export function unitSql(source: Source & { readonly unit: string }, asText: boolean, dialect: Dialect): Sql {
  const column = ident(source.unit);
  const type = columnOf(source, source.unit)?.type ?? 'STRING';
  if (type === 'STRING') return sql`nullif(${textSql(source, source.unit, dialect)}, '')`;
  return asText ? dialect.text(column) : column;
}

/** A column as text. What is text of another kind (uuid, enum, char) compares with plain text only once it is converted. */
export function textSql(source: Source, name: string, dialect: Dialect): Sql {
  const column = columnOf(source, name);
  return column === null || isPlainText(column) ? ident(name) : dialect.text(ident(name));
}

export const isPlainText = ({ engineType }: WarehouseColumn): boolean => /^(varchar|text)/i.test(engineType);

/**
 * That a source's instants lie in [from, until), both UTC timestamps; null: unbounded. The column itself is compared where that
 * says the same, so that the engine can skip partitions and row groups.
 */
export function withinSql(
  source: Source,
  column: string,
  { from, until }: { readonly from: Sql | null; readonly until: Sql | null },
  dialect: Dialect,
): readonly Sql[] {
  const engineType = columnOf(source, column)?.engineType ?? 'TIMESTAMP';
  const compare = (operator: Sql, bound: Sql | null) => {
    if (bound === null) return [];
    const own = dialect.comparable(bound, engineType);
    return [
      own === null
        ? sql`${dialect.instant(ident(column), engineType)} ${operator} ${bound}`
        : sql`${ident(column)} ${operator} ${own}`,
    ];
  };
  return [...compare(sql`>=`, from), ...compare(sql`<`, until)];
}

/** An instant that rows must come before, never later than the present. */
export function untilSql(instant: CanonicalInstant, dialect: Dialect): Sql {
  const own = dialect.timestamp(bind(sqlTimestamp(instant)));
  if (dialect.horizon === undefined) return own;
  return instant === END_OF_TIME ? dialect.horizon : sql`least(${own}, ${dialect.horizon})`;
}

/** That a row had arrived before asOf, where the source tells when it did; a row without a time of arrival had not. */
export function arrivedBefore(source: Source, asOf: CanonicalInstant, dialect: Dialect): readonly Sql[] {
  if (source.kind === 'experiments' || source.loadedAt == null) return [];
  const until = untilSql(asOf, dialect);
  return withinSql(source, source.loadedAt, { from: null, until }, dialect);
}

export function instantSql(source: Source, column: string, dialect: Dialect): Sql {
  return dialect.instant(ident(column), columnOf(source, column)?.engineType ?? 'TIMESTAMP');
}
