import type { AssignmentSource, Catalog, WarehouseColumn } from '../../catalog/catalog.ts';
import { type CanonicalInstant, END_OF_TIME, sqlTimestamp } from '../../core/instant.ts';
import { assignmentRows } from '../../plan/assignment-rows.ts';
import { dayOf } from '../../plan/facts.ts';
import { instantSql, untilSql, withinSql } from '../../plan/relation.ts';
import { boundsOf, createScope } from '../../plan/scope.ts';
import { bind, ident, join, type Sql, sql } from '../../sql/sql.ts';
import { and, as, list, type Step, statement } from '../../sql/statement.ts';
import { populationUntilHorizon } from '../as-of.ts';
import { modelledExperiments } from '../declared.ts';
import type { ModelContext } from '../model.ts';

/** The assignment sources of the models that tell when a row happened: only those can be taken day by day. */
export function compactedSources(catalog: Catalog): readonly AssignmentSource[] {
  const names = new Set(modelledExperiments(catalog).map(({ assignments }) => assignments));
  return [...catalog.sources.values()]
    .filter((source): source is AssignmentSource => source.kind === 'assignments' && names.has(source.name))
    .filter(({ timestamp }) => timestamp !== null)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Columns of a table of assignments by day, in order. */
export function assignmentDayColumns(source: AssignmentSource): readonly string[] {
  return [
    ...['experiment', 'unit', 'variant', 'at'],
    ...source.dimensions.map(({ name }) => `dim_${name}`),
    ...(source.exclude === null ? [] : ['excluded']),
    ...(source.cluster == null ? [] : ['cluster']),
    ...['rows', 'day'],
  ];
}

/**
 * A source's rows, one for those of a unit, variant and UTC day that lie alike in the enrolment: the first of them, with the
 * number of all. What statements make of assignments they make of these just as well.
 */
export function assignmentDays(
  { catalog, dialect }: ModelContext,
  source: AssignmentSource,
  since: CanonicalInstant | null,
): Sql {
  const experiments = modelledExperiments(catalog).filter(({ assignments }) => assignments === source.name);
  const populations = experiments.map(populationUntilHorizon);
  const scope = {
    ...createScope(catalog, dialect, populations, { dimensions: source.dimensions.map(({ name }) => name) }),
    unitAsText: true,
  };
  const own = source.experiment === null ? dialect.text(bind(experiments[0]!.key)) : ident('s', '__experiment');
  const at = ident('s', '__at');
  const from = since === null ? null : dialect.timestamp(bind(sqlTimestamp(since)));
  const until = untilSql(END_OF_TIME, dialect);
  // A row without a time is counted as dropped; it is of no day and read each time.
  const within = and(withinSql(source, source.timestamp!, { from, until }, dialect));
  const told = sql`(${instantSql(source, source.timestamp!, dialect)} is null or (${within}))`;
  const rows: Step = {
    name: 'assignment_rows',
    comment: 'the rows, and whether they lie in the enrolment of their experiment',
    query: sql`select\n  ${list([
      as(own, 'experiment'),
      as(ident('s', '__unit'), 'unit'),
      as(ident('s', '__variant'), 'variant'),
      as(at, 'at'),
      ...source.dimensions.map(({ name }) => ident('s', `dim_${name}`)),
      ...(source.exclude === null ? [] : [as(ident('s', '__excluded'), 'excluded')]),
      ...(source.cluster == null ? [] : [as(ident('s', '__cluster'), 'cluster')]),
      as(dayOf(at), 'day'),
      as(
        sql`(${ident('e', 'enrol_from')} is null or ${at} >= ${ident('e', 'enrol_from')}) and (${ident('e', 'enrol_until')} is null or ${at} < ${ident('e', 'enrol_until')})`,
        'enrolled',
      ),
    ])}\nfrom (\n  ${assignmentRows(scope, [told])}\n) as s\njoin enrolments as e on ${ident('e', 'experiment')} = ${own}`,
  };
  const instant = (value: string | null) =>
    dialect.timestamp(bind(value === null || value === END_OF_TIME ? null : sqlTimestamp(value)));
  const enrolments: Step = {
    name: 'enrolments',
    comment: 'when each experiment takes units in',
    query: sql`select * from (values\n  ${list(
      experiments.map((experiment) => {
        const { enrolFrom, enrolUntil } = boundsOf(experiment, END_OF_TIME, true);
        return sql`(${join([dialect.text(bind(experiment.key)), instant(enrolFrom), instant(enrolUntil)], ', ')})`;
      }),
    )}\n) as e ("experiment", "enrol_from", "enrol_until")`,
  };
  const alike = ['experiment', 'unit', 'variant', 'day', 'enrolled', ...(source.cluster == null ? [] : ['cluster'])];
  const over = sql`partition by ${columns(alike)}`;
  const order = columns(['at', ...source.dimensions.map(({ name }) => `dim_${name}`)]);
  const excluded = sql`max(case when "excluded" then 1 else 0 end) over (${over}) = 1`;
  const ranked: Step = {
    name: 'ranked',
    comment: 'those that are alike, in order',
    query: sql`select\n  ${list([
      ...['experiment', 'unit', 'variant', 'at', ...source.dimensions.map(({ name }) => `dim_${name}`)].map((name) =>
        ident(name),
      ),
      ...(source.exclude === null ? [] : [as(excluded, 'excluded')]),
      ...(source.cluster == null ? [] : [ident('cluster')]),
      as(sql`count(*) over (${over})`, 'rows'),
      ident('day'),
      as(sql`row_number() over (${over} order by ${order})`, 'position'),
    ])}\nfrom assignment_rows`,
  };
  return statement(
    [enrolments, rows, ranked],
    sql`select ${columns(assignmentDayColumns(source))}\nfrom ranked\nwhere "position" = 1`,
    dialect.reuse,
  );
}

const columns = (names: readonly string[]): Sql =>
  join(
    names.map((name) => ident(name)),
    ', ',
  );

/** The catalog with those sources read from tables of their days; `tables`: parts of the qualified name by source. */
export function withCompacted(catalog: Catalog, tables: ReadonlyMap<string, Sql>, instantType: string): Catalog {
  const compacted = compactedSources(catalog).map(
    (source) => [source.name, compactedSource(source, tables.get(source.name)!, instantType)] as const,
  );
  return { ...catalog, sources: new Map([...catalog.sources, ...compacted]) };
}

function compactedSource(source: AssignmentSource, table: Sql, instantType: string): AssignmentSource {
  const text: WarehouseColumn = { type: 'STRING', engineType: 'VARCHAR' };
  const known = (column: string) => source.columns.get(column) ?? text;
  const { place } = source;
  return {
    ...{ name: source.name, kind: 'assignments', place, unit: 'unit', experiment: 'experiment', variant: 'variant' },
    ...{ timestamp: 'at', loadedAt: null, weight: 'rows' },
    relation: { kind: 'sql', query: { text: `select * from ${textOfName(table)}`, place } },
    cluster: source.cluster == null ? null : 'cluster',
    exclude: source.exclude === null ? null : { text: 'excluded', place },
    dimensions: source.dimensions.map(({ name, title }) => ({ name, title, column: `dim_${name}` })),
    columns: new Map([
      ...['experiment', 'unit', 'variant', 'cluster'].map((name) => [name, text] as const),
      ['at', { type: 'DATETIME', engineType: instantType }],
      ['excluded', { type: 'BOOLEAN', engineType: 'BOOLEAN' }],
      ['rows', { type: 'INTEGER', engineType: 'BIGINT' }],
      ...source.dimensions.map(({ name, column }) => [`dim_${name}`, known(column)] as const),
    ]),
  };
}

const textOfName = (table: Sql): string => table.pieces.join('');
