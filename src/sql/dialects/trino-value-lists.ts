import { sql } from '../sql.ts';
import type { ValueLists } from '../value-lists.ts';

/** Trino's arrays. */
export const valueLists: ValueLists = {
  size: (list) => sql`cardinality(${list})`,
  countUpTo: (list, bound) => sql`cardinality(filter(${list}, v -> v <= ${bound}))`,
  pairs: (lists, of) => {
    const [first, second] = of(sql`l`);
    return sql`transform(${lists}, l -> row(cast(${first} as double), cast(${second} as double)))`;
  },
  sumOfPairs: (pairs, of) => sql`reduce(${pairs}, 0e0, (s, p) -> s + ${of(sql`p[1]`, sql`p[2]`)}, s -> s)`,
};
