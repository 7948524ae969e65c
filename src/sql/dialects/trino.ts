import type { Dialect } from '../dialect.ts';
import { formatDouble } from '../number.ts';
import { sql, trusted } from '../sql.ts';

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
    return sql`cast(try(from_iso8601_timestamp_nanos(replace(${column}, ' ', 'T'))) at time zone 'UTC' as timestamp(6))`;
  },
  double: (value, type) =>
    type === 'INTEGER' || type === 'FLOAT' ? sql`cast(${value} as double)` : sql`try_cast(${value} as double)`,
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
  number: formatDouble,
  materialized: ' as',
  period: (timestamp, grain, timezone) =>
    grain === 'HOUR'
      ? sql`date_trunc('hour', ${timestamp})`
      : sql`cast(date_trunc('${trusted(grain.toLowerCase())}', with_timezone(${timestamp}, 'UTC') at time zone '${trusted(timezone.replaceAll("'", "''"))}') as date)`,
  literal: (value, type) => sql`cast(${value} as ${trusted(TYPES[type])})`,
};
