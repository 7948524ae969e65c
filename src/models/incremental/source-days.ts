import type { AssignmentSource, Catalog, FactSource } from '../../catalog/catalog.ts';
import { type CanonicalInstant, END_OF_TIME, sqlTimestamp } from '../../core/instant.ts';
import { dayOf } from '../../plan/facts.ts';
import { arrivedBefore, instantSql, relationSql, untilSql, withinSql } from '../../plan/relation.ts';
import { bind, ident, type Sql, sql } from '../../sql/sql.ts';
import { and, as, list } from '../../sql/statement.ts';
import type { ModelContext } from '../model.ts';
import { sourcesRead } from '../tables/sources-read.ts';

type TimedSource = (AssignmentSource | FactSource) & { readonly timestamp: string };

/** The sources of the models whose rows have times: their days can be counted one by one. */
export function timedSources(catalog: Catalog): readonly TimedSource[] {
  return sourcesRead(catalog)
    .map((name) => catalog.sources.get(name)!) // checked when the catalog was loaded
    .filter((source): source is TimedSource => source.kind !== 'experiments' && source.timestamp !== null);
}

export const SOURCE_DAY_COLUMNS = ['day', 'rows', 'latest'] as const;

/** How many rows a source has of each UTC day, and when the newest happened, from `since` on; null: of all days. */
export function sourceDays({ dialect }: ModelContext, source: TimedSource, since: CanonicalInstant | null): Sql {
  const at = instantSql(source, source.timestamp, dialect);
  const from = since === null ? null : dialect.timestamp(bind(sqlTimestamp(since)));
  const within = withinSql(source, source.timestamp, { from, until: untilSql(END_OF_TIME, dialect) }, dialect);
  const where = and([...within, ...arrivedBefore(source, END_OF_TIME, dialect)]);
  const day = dayOf(ident('r', 'at'));
  return sql`select ${list([as(day, 'day'), as(sql`count(*)`, 'rows'), as(sql`max(r."at")`, 'latest')])}
from (select ${as(at, 'at')} from ${relationSql(source)} as s where ${where}) as r
group by ${day}`;
}
