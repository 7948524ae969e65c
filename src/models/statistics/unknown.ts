import type { Unknown } from '../../core/vocabulary.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { and } from '../../sql/statement.ts';

/** No reason: for inputs that are known. */
export const KNOWN = sql`cast(null as varchar)`;

/** One reason and when it holds. */
export type Refusal = readonly [reason: Unknown, when: Sql];

/**
 * The reason why a row's numbers are not known, or null: those that its inputs have already, then the first of its own that
 * holds, and OVERFLOW unless all of `finite` are finite (a null is not).
 */
export function unknownOf(
  earlier: readonly Sql[],
  refusals: readonly Refusal[],
  finite: readonly Sql[],
  dialect: Pick<Dialect, 'isFinite'>,
): Sql {
  const arms = [
    ...earlier.map((reason) => sql`when ${reason} is not null then ${reason}`),
    ...refusals.map(([reason, when]) => sql`when ${when} then '${trusted(reason)}'`),
    ...(finite.length === 0 ? [] : [sql`when ${and(finite.map((value) => dialect.isFinite(value)))} then null`]),
  ];
  return sql`case ${join(arms, ' ')} ${finite.length === 0 ? sql`end` : sql`else 'OVERFLOW' end`}`;
}

/** A number where there is no reason against it. */
export const unless = (unknown: Sql, value: Sql): Sql => sql`case when ${unknown} is null then ${value} end`;
