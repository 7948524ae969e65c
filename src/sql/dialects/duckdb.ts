import { type Dialect, NUMBER } from '../dialect.ts';
import { formatDouble } from '../number.ts';
import { sql, trusted } from '../sql.ts';
import { arrays } from './duckdb-arrays.ts';
import { inOrder } from './duckdb-in-order.ts';
import { valueLists } from './duckdb-value-lists.ts';

const TYPES = {
  STRING: 'varchar',
  INTEGER: 'bigint',
  FLOAT: 'double',
  BOOLEAN: 'boolean',
  DATE: 'date',
  DATETIME: 'timestamp',
};

/** DuckDB 1.5. */
export const duckdb: Dialect = {
  name: 'DUCKDB',
  placeholder: (index) => `$${index}`,
  timestamp: (value) => sql`cast(${value} as timestamp)`,
  instant: (column, engineType) => {
    // A zoned value is moved to UTC; a bare one is taken as UTC. Casting text straight to timestamp would drop its offset.
    if (/WITH TIME ZONE|TIMESTAMPTZ/i.test(engineType)) return sql`(${column} at time zone 'UTC')`;
    if (/^TIMESTAMP$/i.test(engineType)) return column;
    if (/^(TIMESTAMP|DATE)/i.test(engineType)) return sql`cast(${column} as timestamp)`;
    return sql`(try_cast(${column} as timestamptz) at time zone 'UTC')`;
  },
  comparable: (timestamp, engineType) => {
    if (/WITH TIME ZONE|TIMESTAMPTZ/i.test(engineType)) return sql`(${timestamp} at time zone 'UTC')`;
    return /^TIMESTAMP$/i.test(engineType) ? timestamp : null;
  },
  double: (value, type) => {
    if (type === 'INTEGER' || type === 'FLOAT') return sql`cast(${value} as double)`;
    const number = sql`try_cast(${value} as double)`;
    return type === 'STRING'
      ? sql`case when regexp_full_match(${value}, '${trusted(NUMBER)}') then ${number} end`
      : number;
  },
  isFinite: (value) => sql`isfinite(${value})`,
  text: (value) => sql`cast(${value} as varchar)`,
  plusSeconds: (timestamp, seconds) => sql`${timestamp} + interval '${trusted(String(seconds))}' second`,
  quantile: (value, p) => sql`quantile_cont(${value}, ${trusted(formatDouble(p))})`,
  valueLists,
  arrays,
  number: formatDouble,
  reuse: { kind: 'materialized', clause: ' as materialized' },
  period: (timestamp, grain, timezone) =>
    grain === 'HOUR'
      ? sql`date_trunc('hour', ${timestamp})`
      : sql`cast(date_trunc('${trusted(grain.toLowerCase())}', (${timestamp} at time zone 'UTC') at time zone '${trusted(timezone.replaceAll("'", "''"))}') as date)`,
  startOfDay: (date, timezone) =>
    sql`((cast(${date} as timestamp) at time zone '${trusted(timezone.replaceAll("'", "''"))}') at time zone 'UTC')`,
  half: (unit, seed) => sql`cast(hash(${unit} || ':' || ${seed}) % 2 as smallint)`,
  elapsedDays: (from, to) => sql`cast(floor((epoch_us(${to}) - epoch_us(${from})) / 86400000000e0) as bigint)`,
  microseconds: (timestamp) => sql`cast(epoch_us(${timestamp}) as double)`,
  inOrder,
  literal: (value, type) => sql`cast(${value} as ${trusted(TYPES[type])})`,
};
