import { sqlTimestamp } from '../core/instant.ts';
import { bind, ident, join, type Sql, sql, trusted } from '../sql/sql.ts';
import { and, as, list, type Step } from '../sql/statement.ts';
import { columnOf, instantSql, relationSql, unitSql } from './relation.ts';
import { BOUND_COLUMNS, type BoundName, type Scope } from './scope.ts';

/** Rows of the assignment source as the other steps see them: one name a role, whatever the user's columns are called. */
export function assignmentRows(scope: Scope): Sql {
  const { source, dialect, populations } = scope;
  const text = (column: string) =>
    columnOf(source, column)?.type === 'STRING' ? ident(column) : dialect.text(ident(column));
  const columns = [
    ...(source.experiment === null ? [] : [as(text(source.experiment), '__experiment')]),
    as(unitSql(source, scope.unitAsText, dialect), '__unit'),
    as(sql`nullif(${text(source.variant)}, '')`, '__variant'),
    ...(source.timestamp === null ? [] : [as(instantSql(source, source.timestamp, dialect), '__at')]),
    ...(scope.dimensions.length === 0
      ? []
      : source.dimensions.map((dimension) => as(ident(dimension.column), `dim_${dimension.name}`))),
    ...(source.exclude === null ? [] : [as(sql`coalesce((${trusted(source.exclude.text)}), false)`, '__excluded')]),
  ];
  const only =
    source.experiment === null
      ? sql``
      : sql`\n  where ${text(source.experiment)} in (${join(
          populations.map(({ experiment }) => bind(experiment.key)),
          ', ',
        )})`;
  return sql`select\n  ${list(columns)}\n  from ${relationSql(source)} as s${only}`;
}

/** The variants of each experiment and the instants that bound it. */
export function configuredStep(scope: Scope): Step {
  const { dialect, populations, bounds, source } = scope;
  const many = scope.keys.length > 0;
  const timed = source.timestamp !== null;
  const names = (Object.keys(BOUND_COLUMNS) as BoundName[]).filter(
    (name) => many && (timed || name === 'observedUntil' || name === 'measuredUntil'),
  );
  const instant = (value: string | null) => dialect.timestamp(bind(value === null ? null : sqlTimestamp(value)));
  const rows = populations.flatMap(({ experiment }, i) =>
    experiment.variants.map(
      (variant) =>
        sql`(${join([dialect.text(bind(experiment.key)), dialect.text(bind(variant.key)), ...names.map((name) => instant(bounds[i]![name]))], ', ')})`,
    ),
  );
  const columns = ['experiment', 'variant', ...names.map((name) => BOUND_COLUMNS[name])].map((name) => ident(name));
  return {
    name: 'configured',
    comment: 'the variants as configured',
    query: sql`select * from (values\n  ${list(rows)}\n) as c (${join(columns, ', ')})`,
  };
}

/** Joins rows (`s`) with the configured variants (`c`). */
export function isConfigured(scope: Scope): Sql {
  const experiment = scope.keys.length === 0 ? [] : [sql`${ident('c', 'experiment')} = ${ident('s', '__experiment')}`];
  return and([...experiment, sql`${ident('c', 'variant')} = ${ident('s', '__variant')}`]);
}

/** The order of a unit's assignments: by time, ties by variant, then by the dimensions as declared. */
export function assignmentOrder({ source, dimensions }: Scope): Sql {
  const time = source.timestamp === null ? [] : ['assigned_at'];
  const declared = dimensions.length === 0 ? [] : source.dimensions.map(({ name }) => `dim_${name}`);
  return columnList([...time, 'variant', ...declared]);
}

/** What makes a unit of one experiment. */
export function unitKey({ keys }: Scope): Sql {
  return columnList([...keys, 'unit']);
}

function columnList(names: readonly string[]): Sql {
  return join(
    names.map((name) => ident(name)),
    ', ',
  );
}
