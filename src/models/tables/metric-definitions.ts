import type { Catalog } from '../../catalog/catalog.ts';
import { canonicalInstant, sqlTimestamp } from '../../core/instant.ts';
import { GOOD_WHEN, METRIC_TYPES, VALUE_FORMATS } from '../../core/vocabulary.ts';
import { bind, ident, join, type Parameter, type Sql, sql } from '../../sql/sql.ts';
import { as, list } from '../../sql/statement.ts';
import type { Model, ModelColumn } from '../model.ts';
import { AS_OF, asOfSql, METRIC } from './shared-columns.ts';

/** Columns and their values, one row a version of a metric. Instants are text of a timestamp. */
const COLUMNS: readonly ModelColumn[] = [
  METRIC,
  { name: 'version', type: 'INTEGER', description: 'Number of the version, from 1.' },
  { name: 'is_current', type: 'BOOLEAN', description: 'Whether it is the newest version of the metric.' },
  { name: 'type', type: 'STRING', description: 'Kind of the metric.', values: METRIC_TYPES },
  { name: 'title', type: 'STRING', description: 'Name for people.' },
  { name: 'description', type: 'STRING', nullable: true, description: 'What the metric measures.' },
  { name: 'owner', type: 'STRING', nullable: true, description: 'Who answers for it.' },
  { name: 'tags', type: 'STRING', description: 'JSON list of its tags.' },
  { name: 'good_when', type: 'STRING', description: 'Which direction is an improvement.', values: GOOD_WHEN },
  { name: 'format', type: 'STRING', description: 'How a value is shown.', values: VALUE_FORMATS },
  {
    name: 'hash',
    type: 'STRING',
    description: 'Over what changes the number: two versions with one hash give the same results.',
  },
  { name: 'definition', type: 'STRING', description: 'JSON of the definition as written, defaults not filled in.' },
  {
    name: 'valid_from',
    type: 'DATETIME',
    nullable: true,
    description: 'From when on it is the current version, in UTC; null: always.',
  },
  { name: 'changelog', type: 'STRING', nullable: true, description: 'What changed with this version.' },
  {
    name: 'deprecated',
    type: 'STRING',
    nullable: true,
    description: 'Why the metric should no longer be used; null: it is current.',
  },
  { name: 'file', type: 'STRING', description: 'File that defines it, relative to the catalog.' },
  { name: 'line', type: 'INTEGER', description: 'Line of the file that the definition begins on, from 1.' },
];

/** Every version of every metric of the catalog. */
export const metricDefinitions: Model = {
  name: 'metric_definitions',
  materialization: 'table',
  description: 'Every version of every metric of the catalog, as defined when the models were generated.',
  columns: () => [...COLUMNS, AS_OF],
  key: ['metric', 'version'],
  uses: [],
  sources: () => [],
  select: (context) => {
    const { catalog, dialect } = context;
    const rows = rowsOf(catalog);
    // What is null in all rows has no type of its own.
    const typed = COLUMNS.map(({ name, type }) =>
      as(type === 'DATETIME' ? dialect.timestamp(ident(name)) : dialect.literal(ident(name), type), name),
    );
    const names = join(
      COLUMNS.map(({ name }) => ident(name)),
      ', ',
    );
    const none = rows.length === 0 ? sql`\nwhere false` : sql``;
    const values = rows.length === 0 ? [COLUMNS.map(() => null)] : rows;
    return sql`-- every version of every metric\nselect\n  ${list([...typed, asOfSql(context)])}\nfrom (values\n  ${list(values.map(valuesRow))}\n) as d (${names})${none}`;
  },
};

const valuesRow = (row: readonly Parameter[]): Sql => sql`(${join(row.map(bind), ', ')})`;

function rowsOf({ metrics }: Catalog): readonly (readonly Parameter[])[] {
  return [...metrics.values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ name, title, description, owner, tags, deprecated, versions }) =>
      versions.map((version) => [
        name,
        version.number,
        version === versions.at(-1),
        version.type,
        title,
        description,
        owner,
        JSON.stringify(tags),
        version.goodWhen,
        version.format,
        version.hash,
        JSON.stringify(version.definition),
        version.validFrom === null ? null : sqlTimestamp(canonicalInstant(version.validFrom)),
        version.changelog,
        deprecated,
        version.place.file,
        version.place.line,
      ]),
    );
}
