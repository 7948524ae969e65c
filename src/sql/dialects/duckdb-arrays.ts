import type { Arrays } from '../arrays.ts';
import { sql, trusted } from '../sql.ts';

/** DuckDB's lists. */
export const arrays: Arrays = {
  positions: (last) => sql`generate_series(1, ${last})`,
  each: (list, item, of) => sql`list_transform(${list}, lambda ${trusted(item)}: ${of(trusted(item))})`,
  keep: (list, item, when) => sql`list_filter(${list}, lambda ${trusted(item)}: ${when(trusted(item))})`,
  fold: (list, start, state, of) =>
    sql`list_reduce(${list}, lambda ${trusted(state)}, item: ${of(trusted(state))}, ${start})`,
  sum: (list) => sql`coalesce(list_sum(${list}), 0e0)`,
  largest: (list) => sql`list_max(${list})`,
  at: (list, i) => sql`list_extract(${list}, ${i})`,
  size: (list) => sql`len(${list})`,
};
