import { sql } from '../../sql/sql.ts';
import { NotBuilt } from './not-built.ts';
import { columnList, isOneOf, type TableReader } from './table-reader.ts';

/** How much each source held, from `source_freshness`. */
export const freshnessReader: TableReader<'freshness'> = {
  kind: 'freshness',
  model: 'source_freshness',
  covers: (question, _, asOf) => question.asOf === asOf,
  select: (from, questions) => sql`-- rows of each source before asOf, and the newest, from the table of the models
select ${columnList(['source', 'rows', 'latest'])}
from ${from}
where ${isOneOf(
    'source',
    questions.map(({ source }) => source.name),
  )}
order by "source"`,
  answer: ({ source }, rows) => {
    const own = rows.find((row) => row.source === source.name);
    if (own === undefined) throw new NotBuilt(`source ${source.name}`);
    return { rows: Number(own.rows), latest: own.latest == null ? null : String(own.latest) };
  },
};
