import { type Dialect, NUMBER } from '../dialect.ts';
import { formatDouble } from '../number.ts';
import { sql, trusted } from '../sql.ts';
import { arrays } from './trino-arrays.ts';
import { inOrder } from './trino-in-order.ts';
import { lists } from './trino-lists.ts';
import { valueLists } from './trino-value-lists.ts';

const TYPES = {
  STRING: 'varchar',
  INTEGER: 'bigint',
  FLOAT: 'double',
  BOOLEAN: 'boolean',
  DATE: 'date',
  DATETIME: 'timestamp(6)',
};

/** Trino 476. */
export const trino: Dialect = {
  name: 'TRINO',
  placeholder: () => '?',
  // A bare `timestamp` is timestamp(3) and cuts microseconds.
  timestamp: (value) => sql`cast(${value} as timestamp(6))`,
  instant: (column, engineType) => {
    if (/with time zone/i.test(engineType)) return sql`cast(${column} at time zone 'UTC' as timestamp(6))`;
    if (/^(timestamp|date)/i.test(engineType)) return sql`cast(${column} as timestamp(6))`;
    // ISO 8601 in full; else what the cast reads: a bare date, an offset without minutes or colon, the name of a zone.
    const iso = sql`try(from_iso8601_timestamp_nanos(replace(${column}, ' ', 'T')))`;
    const other = sql`try_cast(regexp_replace(${column}, '(\\d)T(\\d)', '$1 $2') as timestamp(6) with time zone)`;
    return sql`cast(coalesce(${iso}, ${other}) at time zone 'UTC' as timestamp(6))`;
  },
  // Beyond microseconds the conversion rounds, and the column itself would compare otherwise.
  comparable: (timestamp, engineType) => {
    const [, digits, zoned] = /^timestamp(?:\((\d+)\))?( with time zone)?$/i.exec(engineType) ?? [];
    if (!/^timestamp/i.test(engineType) || Number(digits ?? 3) > 6) return null;
    return zoned === undefined ? timestamp : sql`with_timezone(${timestamp}, 'UTC')`;
  },
  double: (value, type) => {
    if (type === 'INTEGER' || type === 'FLOAT') return sql`cast(${value} as double)`;
    const number = sql`try_cast(${value} as double)`;
    return type === 'STRING' ? sql`case when regexp_like(${value}, '^${trusted(NUMBER)}$') then ${number} end` : number;
  },
  isFinite: (value) => sql`is_finite(${value})`,
  text: (value) => sql`cast(${value} as varchar)`,
  plusSeconds: (timestamp, seconds) => sql`${timestamp} + interval '${trusted(String(seconds))}' second`,
  // No percentile_cont; approx_percentile is too far off for results. Index h = p(n-1), linear between its neighbours.
  quantile: (value, p) => {
    const at = (round: string) =>
      sql`element_at(array_sort(array_agg(${value}) filter (where ${value} is not null)), cast(${trusted(round)}(${trusted(formatDouble(p))} * (count(${value}) - 1)) as integer) + 1)`;
    const h = sql`${trusted(formatDouble(p))} * (count(${value}) - 1)`;
    return sql`(${at('floor')} + (${at('ceiling')} - ${at('floor')}) * (${h} - floor(${h})))`;
  },
  valueLists,
  arrays,
  number: formatDouble,
  reuse: { kind: 'inlined', lists },
  period: (timestamp, grain, timezone) =>
    grain === 'HOUR'
      ? sql`date_trunc('hour', ${timestamp})`
      : sql`cast(date_trunc('${trusted(grain.toLowerCase())}', with_timezone(${timestamp}, 'UTC') at time zone '${trusted(timezone.replaceAll("'", "''"))}') as date)`,
  startOfDay: (date, timezone) =>
    sql`cast(with_timezone(cast(${date} as timestamp(6)), '${trusted(timezone.replaceAll("'", "''"))}') at time zone 'UTC' as timestamp(6))`,
  half: (unit, seed) =>
    sql`cast(bitwise_and(from_big_endian_64(xxhash64(to_utf8(${unit} || ':' || ${seed}))), 1) as smallint)`,
  // date_diff cuts both to milliseconds first.
  elapsedDays: (from, to) =>
    sql`cast(floor((round(to_unixtime(${to}) * 1e6) - round(to_unixtime(${from}) * 1e6)) / 86400000000e0) as bigint)`,
  // The seconds as a double are off by less than half a microsecond, up to the year 2112.
  microseconds: (timestamp) => sql`round(to_unixtime(${timestamp}) * 1e6)`,
  inOrder,
  // A timestamp's date and time stand apart by a space; the T of ISO 8601 is refused.
  literal: (value, type) =>
    sql`cast(${type === 'DATETIME' ? sql`replace(${value}, 'T', ' ')` : value} as ${trusted(TYPES[type])})`,
};
