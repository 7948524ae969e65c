import { END_OF_TIME } from '../../core/instant.ts';
import { freshnessQuery } from '../../plan/plan-units.ts';
import { bind, sql } from '../../sql/sql.ts';
import { as } from '../../sql/statement.ts';
import type { Model, ModelColumn } from '../model.ts';
import { AS_OF, asOfSql } from './shared-columns.ts';
import { united } from './shared-scopes.ts';
import { sourcesRead } from './sources-read.ts';

const COLUMNS: readonly ModelColumn[] = [
  { name: 'source', type: 'STRING', description: 'Name of the source in the catalog.' },
  { name: 'rows', type: 'INTEGER', description: 'Its rows before `as_of`; all of them, without timestamps.' },
  {
    name: 'latest',
    type: 'DATETIME',
    nullable: true,
    description: 'When the newest of them happened, in UTC; null: it has none, or no timestamps.',
  },
  AS_OF,
];

/** How much the sources of the models hold. */
export const sourceFreshness: Model = {
  name: 'source_freshness',
  materialization: 'table',
  ofRows: true,
  description: 'How many rows each source that the models read had, and when the newest happened.',
  columns: () => COLUMNS,
  key: ['source'],
  uses: [],
  sources: sourcesRead,
  select: (context) => {
    const { catalog, dialect } = context;
    const parts = sourcesRead(catalog).map((name) => {
      const source = catalog.sources.get(name)!; // checked when the catalog was loaded
      const days = context.sourceDays?.get(name);
      const counted =
        days === undefined
          ? freshnessQuery(dialect, { source, asOf: END_OF_TIME })
          : sql`select coalesce(sum("rows"), 0) as "rows", max("latest") as "latest" from ${days}`;
      const latest = dialect.timestamp(sql`r."latest"`);
      return sql`select ${as(dialect.text(bind(name)), 'source')}, cast(r."rows" as bigint) as "rows", ${as(latest, 'latest')}, ${asOfSql(context)}\nfrom (\n${counted}\n) as r`;
    });
    return united(context, COLUMNS, parts);
  },
};
