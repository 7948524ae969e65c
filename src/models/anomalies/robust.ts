import type { Arrays } from '../../sql/arrays.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql, trusted } from '../../sql/sql.ts';
import { NORMAL_MAD, ROUNDING } from '../../statistics/anomaly/robust-scale.ts';
import type { Draft } from '../statistics/formula.ts';

/** A value that is written once and read several times. */
export function named({ at, each }: Arrays, value: Sql, name: string, of: (value: Sql) => Sql): Sql {
  return at(each(sql`array[${value}]`, name, of), sql`1`);
}

/** The median of a list of doubles without nulls (`median`); null for none. `name`: a word that is not in use where it stands. */
export function medianOf(arrays: Arrays, list: Sql, name = 'sorted'): Sql {
  return named(arrays, sql`array_sort(${list})`, name, (sorted) => {
    const size = arrays.size(sorted);
    const below = arrays.at(sorted, sql`cast(floor((${size} + 1) / 2e0) as bigint)`);
    const above = arrays.at(sorted, sql`(cast(floor(${size} / 2e0) as bigint) + 1)`);
    return sql`case when ${size} > 0 then ${below} + (${above} - ${below}) / 2e0 end`;
  });
}

/** The items of a list that are no null. */
export const presentOf = (arrays: Arrays, list: Sql): Sql => arrays.keep(list, 'v', (v) => sql`${v} is not null`);

/** The larger of two numbers, the second where the first is null. */
export const larger = (a: Sql, b: Sql): Sql => sql`case when ${a} > ${b} then ${a} else ${b} end`;

/** The smaller of two numbers that are known. */
export const smaller = (a: Sql, b: Sql): Sql => sql`case when ${a} < ${b} then ${a} else ${b} end`;

/** The spread of a list of doubles without nulls about a centre (`robustScale`); 0 where all are at it, null for none. */
export function robustScaleOf(
  define: Draft['define'],
  { arrays, number }: Dialect,
  name: string,
  values: Sql,
  centre: Sql,
): Sql {
  const constant = (value: number) => trusted(number(value));
  const away = define(
    `${name}_away`,
    arrays.each(values, 'v', (v) => sql`abs(${v} - ${centre})`),
  );
  const size = define(`${name}_size`, arrays.largest(arrays.each(values, 'v', (v) => sql`abs(${v})`)));
  const mad = define(`${name}_mad`, sql`${constant(NORMAL_MAD)} * ${medianOf(arrays, away)}`);
  const rounding = define(`${name}_rounding`, sql`${constant(ROUNDING)} * ${larger(size, sql`abs(${centre})`)}`);
  const count = arrays.size(away);
  const mean = sql`case when ${count} > 0 then ${constant(Math.sqrt(Math.PI / 2))} * ${arrays.sum(away)} / ${count} end`;
  const spread = define(`${name}_mean`, mean);
  return define(
    `${name}_scale`,
    sql`case when ${mad} > ${rounding} then ${mad} when ${spread} > ${rounding} then ${spread} when ${spread} is not null then 0e0 end`,
  );
}
