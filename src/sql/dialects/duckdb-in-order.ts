import type { Dialect } from '../dialect.ts';
import { afterEntry, entryOf, noneReached } from '../in-order.ts';
import { join, sql, trusted } from '../sql.ts';

/**
 * A fold over the sorted entries. DuckDB folds into what the list holds, so that each entry is made a list of one. One FILTER for
 * all steps: many of them are slow.
 */
export const inOrder: Dialect['inOrder'] = (time, steps) => {
  const taken = join(
    steps.map(({ when }, i) => sql`case when ${when} then ${entryOf(time, i, steps)} end`),
    ', ',
  );
  const any = join(
    steps.map(({ when }) => sql`(${when})`),
    ' or ',
  );
  const entries = sql`flatten(list(list_filter([${taken}], lambda e: e is not null)) filter (where ${any}))`;
  const after = afterEntry(sql`e[1]`, (i) => sql`s[${trusted(String(i + 1))}]`, steps);
  const reached = sql`list_reduce(list_transform(list_sort(${entries}), lambda e: [e]), lambda s, e: [${join(after, ', ')}], [${noneReached(steps)}])`;
  return sql`(${reached}[${trusted(String(steps.length))}] is not null)`;
};
