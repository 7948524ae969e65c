import type { Sql } from './sql.ts';

/**
 * Lists of one row, item by item. An item is known in what is written for it by the name given: a plain word, another one for each
 * list inside a list. Items are numbered from 1. What all engines call alike needs no member: `array_sort`, `array[…]`.
 */
export interface Arrays {
  /** The whole numbers 1, 2, … up to one that is 0 or more. */
  positions(last: Sql): Sql;
  /** A value for each item. */
  each(list: Sql, item: string, of: (item: Sql) => Sql): Sql;
  /** The items for which a condition holds. */
  keep(list: Sql, item: string, when: (item: Sql) => Sql): Sql;
  /** A value that each item changes, one after the other; of the items' own type, from `start` on. `state`: its name, as `item`. */
  fold(list: Sql, start: Sql, state: string, of: (state: Sql) => Sql): Sql;
  /** Sum of doubles; 0 for none. */
  sum(list: Sql): Sql;
  /** The largest of numbers that are no NaN; null for none. */
  largest(list: Sql): Sql;
  /** Number i, at least 1; null behind the end. */
  at(list: Sql, i: Sql): Sql;
  size(list: Sql): Sql;
}
