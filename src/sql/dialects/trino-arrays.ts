import type { Arrays } from '../arrays.ts';
import { sql, trusted } from '../sql.ts';

/** Trino's arrays. */
export const arrays: Arrays = {
  // A sequence to 0 would go downwards.
  positions: (last) => sql`filter(sequence(0, ${last}), n -> n > 0)`,
  each: (list, item, of) => sql`transform(${list}, ${trusted(item)} -> ${of(trusted(item))})`,
  keep: (list, item, when) => sql`filter(${list}, ${trusted(item)} -> ${when(trusted(item))})`,
  fold: (list, start, state, of) =>
    sql`reduce(${list}, ${start}, (${trusted(state)}, item) -> ${of(trusted(state))}, ${trusted(state)} -> ${trusted(state)})`,
  sum: (list) => sql`reduce(${list}, 0e0, (s, v) -> s + v, s -> s)`,
  largest: (list) => sql`array_max(${list})`,
  at: (list, i) => sql`element_at(${list}, ${i})`,
  size: (list) => sql`cardinality(${list})`,
};
