import type { ColumnType, SqlDialectName, TimeGrain } from '../core/vocabulary.ts';
import type { Sql } from './sql.ts';

/**
 * What differs between the engines, as functions over fragments. Members never call one another. All instants are
 * timestamps without zone in UTC; all metric values are doubles. What was found out about the engines is in docs/dialects.md.
 */
export interface Dialect {
  readonly name: SqlDialectName;
  /** Placeholder of the n-th parameter (from 1). */
  placeholder(index: number): string;
  /** A parameter that holds `YYYY-MM-DD HH:MM:SS.ffffff` as a timestamp. */
  timestamp(value: Sql): Sql;
  /** A column of the given engine type as a UTC timestamp without zone; null where it cannot be read. */
  instant(column: Sql, engineType: string): Sql;
  /** A value as double; text that is no number becomes null. */
  double(value: Sql, type: ColumnType | null): Sql;
  isFinite(value: Sql): Sql;
  text(value: Sql): Sql;
  plusSeconds(timestamp: Sql, seconds: number): Sql;
  /** Aggregate: percentile p in (0, 1) by linear interpolation (PERCENTILE_CONT); nulls do not count; null for no values. */
  quantile(value: Sql, p: number): Sql;
  /** A finite double that reads back as the same bits. */
  number(value: number): string;
  /** How a CTE starts that is read more than once and should be computed once, where the engine can. */
  readonly materialized: string;
  /** Start of the period that holds a UTC timestamp, as a date of the zone's calendar (HOUR: as UTC timestamp). */
  period(timestamp: Sql, grain: TimeGrain, timezone: string): Sql;
  /** A text parameter as the type of the column that it is compared with. */
  literal(value: Sql, type: ColumnType): Sql;
}
