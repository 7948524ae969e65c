import { sql } from '../sql.ts';
import type { ValueLists } from '../value-lists.ts';

/** DuckDB's lists; its `cardinality` is of maps, and lambdas are written by word. */
export const valueLists: ValueLists = {
  size: (list) => sql`len(${list})`,
  countUpTo: (list, bound) => sql`len(list_filter(${list}, lambda v: v <= ${bound}))`,
  pairs: (lists, of) => {
    const [first, second] = of(sql`l`);
    return sql`list_transform(${lists}, lambda l: row(cast(${first} as double), cast(${second} as double)))`;
  },
  sumOfPairs: (pairs, of) =>
    sql`list_sum(list_transform(${pairs}, lambda p: ${of(sql`struct_extract_at(p, 1)`, sql`struct_extract_at(p, 2)`)}))`,
};
