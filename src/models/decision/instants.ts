import type { Dialect } from '../../sql/dialect.ts';
import { join, type Sql, sql, trusted } from '../../sql/sql.ts';

/** A timestamp some seconds later, the seconds being a column that holds one of a few values. */
export function laterBy(dialect: Dialect, timestamp: Sql, column: Sql, values: readonly number[]): Sql {
  const cases = [...new Set(values)].map(
    (seconds) =>
      sql`when ${column} = ${trusted(String(seconds))} then ${seconds === 0 ? timestamp : dialect.plusSeconds(timestamp, seconds)}`,
  );
  return cases.length === 0 ? timestamp : sql`case ${join(cases, ' ')} end`;
}

/** The earliest of some instants; null does not count. */
export function earliestOf(...instants: readonly Sql[]): Sql {
  return instants.reduce((a, b) => sql`(case when ${a} <= ${b} then ${a} else coalesce(${b}, ${a}) end)`);
}
