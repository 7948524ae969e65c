import type { Sql } from './sql.ts';

/**
 * Lists of doubles, and lists of such lists. What all engines call alike needs no member: `array_agg` and `flatten`,
 * `array_sort` (ascending), and `list[i]` from 1, where i is a bigint inside the list.
 */
export interface ValueLists {
  /** How many items a list has; null for a null list. */
  size(list: Sql): Sql;
  /** How many doubles of a list are at most a bound. */
  countUpTo(list: Sql, bound: Sql): Sql;
  /** Two doubles for each list of a list. */
  pairs(lists: Sql, of: (list: Sql) => readonly [Sql, Sql]): Sql;
  /** Sum of a double over pairs. */
  sumOfPairs(pairs: Sql, of: (first: Sql, second: Sql) => Sql): Sql;
}
