import type { ColumnType, SqlDialectName, TimeGrain } from '../core/vocabulary.ts';
import type { Arrays } from './arrays.ts';
import type { Sql } from './sql.ts';
import type { ValueLists } from './value-lists.ts';

/**
 * What differs between the engines, as functions over fragments. Members never call one another. All instants are
 * timestamps without zone in UTC; all metric values are doubles. What was found out about the engines is in docs/dialects.md.
 */
export interface Dialect {
  readonly name: SqlDialectName;
  /**
   * The present, as a UTC timestamp, where the statement is written before it is known: a model that is built again and again. What
   * ends with the present, by whatever instant of the catalog, ends at the earlier of the two. Absent: the plan knows it.
   */
  readonly horizon?: Sql;
  /** Placeholder of the n-th parameter (from 1). */
  placeholder(index: number): string;
  /** A parameter that holds `YYYY-MM-DD HH:MM:SS.ffffff` as a timestamp. */
  timestamp(value: Sql): Sql;
  /** A column of the given engine type as a UTC timestamp without zone; null where it cannot be read. */
  instant(column: Sql, engineType: string): Sql;
  /**
   * A UTC timestamp as something that a column of the given engine type is compared with as it is, so that the engine can skip
   * what lies outside; null where the column must be converted first.
   */
  comparable(timestamp: Sql, engineType: string): Sql | null;
  /** A value as double; text that is no number becomes null. What a number looks like is the same for all: `NUMBER`. */
  double(value: Sql, type: ColumnType | null): Sql;
  isFinite(value: Sql): Sql;
  text(value: Sql): Sql;
  plusSeconds(timestamp: Sql, seconds: number): Sql;
  /** Aggregate: percentile p in (0, 1) by linear interpolation (PERCENTILE_CONT); nulls do not count; null for no values. */
  quantile(value: Sql, p: number): Sql;
  readonly valueLists: ValueLists;
  readonly arrays: Arrays;
  /** A finite double that reads back as the same bits. */
  number(value: number): string;
  readonly reuse: Reuse;
  /** Start of the period that holds a UTC timestamp, as a date of the zone's calendar (HOUR: as UTC timestamp). */
  period(timestamp: Sql, grain: TimeGrain, timezone: string): Sql;
  /** The UTC timestamp at which a date begins in a zone; where its midnight comes twice, either. */
  startOfDay(date: Sql, timezone: string): Sql;
  /** 0 or 1 at random, the same for the same unit and seed, both texts; each engine's own. */
  half(unit: Sql, seed: Sql): Sql;
  /** Whole days of 24 hours from one UTC timestamp to another, rounded down. */
  elapsedDays(from: Sql, to: Sql): Sql;
  /** Microseconds since 1970 of a UTC timestamp, as a double that holds them exactly. */
  microseconds(timestamp: Sql): Sql;
  /**
   * Aggregate: whether there are rows for all steps, each no earlier than that of the step before it and within its time of it.
   * Any rows count, not the earliest alone. `time` is a bigint that is not negative.
   */
  inOrder(time: Sql, steps: readonly StepInOrder[]): Sql;
  /** A text parameter as the type of the column that it is compared with. */
  literal(value: Sql, type: ColumnType): Sql;
}

/** One of several steps that rows take one after the other. */
export interface StepInOrder {
  /** Whether a row takes it. */
  readonly when: Sql;
  /** How long after the step before it, in the unit of the rows' times; null: however long. */
  readonly within: number | null;
}

/** Text that is a number. Engines read more than this, each its own: `0x1F`, `5d`, `1_000`. */
export const NUMBER = '\\s*[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?\\s*';

/** What an engine does with a step that several others read. */
export type Reuse =
  /** Computes it once, where the step starts with this clause. */
  | { readonly kind: 'materialized'; readonly clause: string }
  /** Computes it anew for each reader, so that none may be read twice. A second look at the units goes over lists of their values. */
  | { readonly kind: 'inlined'; readonly lists: Lists };

/** Values of units as lists, one a group of units. */
export interface Lists {
  /** Aggregate: the rows of one or more doubles for which a condition holds; empty for none. */
  collect(values: readonly Sql[], when: Sql): Sql;
  /** Number i (from 0) of a row that `sum` or `numbers` is at. */
  item(row: Sql, i: number, width: number): Sql;
  /** Sum of a double over the rows of a list; 0 for none. */
  sum(list: Sql, of: (row: Sql) => Sql): Sql;
  size(list: Sql): Sql;
  /** The rows of the lists of several groups, over a window. */
  pool(list: Sql, partition: Sql): Sql;
  /** Number i of each row that is kept, ascending. */
  sorted(list: Sql, i: number, width: number, keep: (number: Sql) => Sql): Sql;
  /** Percentile p as `Dialect.quantile` of an ascending list. */
  quantile(sorted: Sql, p: number): Sql;
}
