import type { Dialect } from '../dialect.ts';
import { afterEntry, entryOf, noneReached } from '../in-order.ts';
import { join, sql, trusted } from '../sql.ts';

/** A fold over the sorted entries. */
export const inOrder: Dialect['inOrder'] = (time, steps) => {
  const lists = steps.map(
    ({ when }, i) => sql`coalesce(array_agg(${entryOf(time, i, steps)}) filter (where ${when}), array[])`,
  );
  const after = afterEntry(sql`e`, (i) => sql`s[${trusted(String(i + 1))}]`, steps);
  const last = trusted(String(steps.length));
  return sql`coalesce(reduce(array_sort(concat(${join(lists, ', ')})), array[${noneReached(steps)}], (s, e) -> array[${join(after, ', ')}], s -> s[${last}] is not null), false)`;
};
