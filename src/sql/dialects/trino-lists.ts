import type { Lists } from '../dialect.ts';
import { formatDouble } from '../number.ts';
import { join, type Sql, sql, trusted } from '../sql.ts';

const item = (row: Sql, i: number, width: number): Sql => (width === 1 ? row : sql`${row}[${trusted(String(i + 1))}]`);
const ROW = sql`r`;

/** Trino's arrays: of doubles, or of rows of doubles. */
export const lists: Lists = {
  collect: (values, when) => {
    const row = values.length === 1 ? values[0]! : sql`row(${join(values, ', ')})`;
    return sql`coalesce(array_agg(${row}) filter (where ${when}), array[])`;
  },
  item,
  sum: (list, of) => sql`reduce(${list}, 0e0, (s, r) -> s + ${of(ROW)}, s -> s)`,
  size: (list) => sql`cardinality(${list})`,
  pool: (list, partition) => sql`flatten(array_agg(${list}) over (${partition}))`,
  sorted: (list, i, width, keep) => {
    const numbers = width === 1 ? list : sql`transform(${list}, r -> ${item(ROW, i, width)})`;
    return sql`array_sort(filter(${numbers}, r -> ${keep(ROW)}))`;
  },
  // Index h = p(n-1), linear between its neighbours.
  quantile: (sorted, p) => {
    const h = sql`${trusted(formatDouble(p))} * (cardinality(${sorted}) - 1)`;
    const at = (round: string) => sql`element_at(${sorted}, cast(${trusted(round)}(${h}) as integer) + 1)`;
    return sql`case when cardinality(${sorted}) > 0 then ${at('floor')} + (${at('ceiling')} - ${at('floor')}) * (${h} - floor(${h})) end`;
  },
};
