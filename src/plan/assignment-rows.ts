import { sqlTimestamp } from '../core/instant.ts';
import { bind, ident, join, type Sql, sql, trusted } from '../sql/sql.ts';
import { and, as, list, type Step } from '../sql/statement.ts';
import { arrivedBefore, columnOf, instantSql, relationSql, textSql, unitSql, untilSql } from './relation.ts';
import { BOUND_COLUMNS, type BoundName, type Scope } from './scope.ts';

/** Rows of the assignment source as the other steps see them: one name a role, whatever the user's columns are called. */
export function assignmentRows(scope: Scope, more: readonly Sql[] = []): Sql {
  const { source, dialect, populations } = scope;
  const text = (column: string) => textSql(source, column, dialect);
  // Dimensions keep their type, but text of every kind is plain text, and a number a double, to filters and slices.
  const dimension = (column: string) => {
    const { type, engineType } = columnOf(source, column) ?? {};
    if (type === 'STRING') return text(column);
    return /^(real|float)$/i.test(engineType ?? '') ? dialect.double(ident(column), 'FLOAT') : ident(column);
  };
  const columns = [
    ...(source.experiment === null ? [] : [as(text(source.experiment), '__experiment')]),
    as(unitSql(source, scope.unitAsText, dialect), '__unit'),
    ...(source.cluster == null ? [] : [as(clusterSql(source, source.cluster, dialect), '__cluster')]),
    as(sql`nullif(${text(source.variant)}, '')`, '__variant'),
    ...(source.timestamp === null ? [] : [as(instantSql(source, source.timestamp, dialect), '__at')]),
    ...(scope.dimensions.length === 0
      ? []
      : source.dimensions.map(({ name, column }) => as(dimension(column), `dim_${name}`))),
    ...(source.exclude === null ? [] : [as(sql`coalesce((${trusted(source.exclude.text)}), false)`, '__excluded')]),
    ...(source.weight === undefined ? [] : [as(ident(source.weight), '__weight')]),
  ];
  const keys = populations.map(({ experiment }) => bind(experiment.key));
  const own = source.experiment === null ? [] : [sql`${text(source.experiment)} in (${join(keys, ', ')})`];
  const conditions = [...own, ...more, ...arrivedBefore(source, populations[0]!.asOf, dialect)];
  const where = conditions.length === 0 ? sql`` : sql`\n  where ${and(conditions)}`;
  return sql`select\n  ${list(columns)}\n  from ${relationSql(source)} as s${where}`;
}

/** What was randomised, as text; empty text is none. */
function clusterSql(source: Scope['source'], column: string, dialect: Scope['dialect']): Sql {
  const isText = (columnOf(source, column)?.type ?? 'STRING') === 'STRING';
  return sql`nullif(${isText ? textSql(source, column, dialect) : dialect.text(ident(column))}, '')`;
}

/**
 * The variants of each experiment, numbered in declared order, and the instants that bound it. The steps carry the number:
 * it is one or two bytes a unit where a name is many.
 */
export function configuredStep(scope: Scope): Step {
  const { dialect, populations, bounds, source } = scope;
  const many = scope.keys.length > 0;
  const timed = source.timestamp !== null;
  const names = (Object.keys(BOUND_COLUMNS) as BoundName[]).filter(
    (name) => many && (timed || name === 'observedUntil' || name === 'measuredUntil'),
  );
  const instant = (name: BoundName, value: string | null) =>
    value === null || name === 'enrolFrom'
      ? dialect.timestamp(bind(value === null ? null : sqlTimestamp(value)))
      : untilSql(value, dialect);
  const rows = populations.flatMap(({ experiment }, i) =>
    experiment.variants.map(
      (variant, arm) =>
        sql`(${join([dialect.text(bind(experiment.key)), dialect.text(bind(variant.key)), armNumber(arm), ...names.map((name) => instant(name, bounds[i]![name]))], ', ')})`,
    ),
  );
  const columns = ['experiment', 'variant', 'arm', ...names.map((name) => BOUND_COLUMNS[name])].map((name) =>
    ident(name),
  );
  return {
    name: 'configured',
    comment: 'the variants as configured',
    query: sql`select * from (values\n  ${list(rows)}\n) as c (${join(columns, ', ')})`,
  };
}

const armNumber = (arm: number): Sql => sql`cast(${trusted(String(arm))} as smallint)`;

/** The rows of a step with the names of their variants, in order. `left`: rows without an arm stay. */
export function withVariantNames(
  { keys }: Scope,
  step: string,
  options: { readonly orderBy: readonly string[]; readonly join?: 'inner' | 'left' },
): Sql {
  const on = ['arm', ...keys].map((key) => sql`${ident('c', key)} = ${ident('r', key)}`);
  const order = [...keys, ...options.orderBy].map((name) => ident('r', name));
  return sql`select ${ident('c', 'variant')}, r.*
from ${ident(step)} as r
${trusted(options.join ?? 'inner')} join configured as c on ${and(on)}
order by ${join(order, ', ')}`;
}

/** Joins rows (`s`) with the configured variants (`c`). */
export function isConfigured(scope: Scope): Sql {
  const experiment = scope.keys.length === 0 ? [] : [sql`${ident('c', 'experiment')} = ${ident('s', '__experiment')}`];
  return and([...experiment, sql`${ident('c', 'variant')} = ${ident('s', '__variant')}`]);
}

/** That a row (`s`) tells what was randomised and who is analysed. */
export function isKnown({ source }: Scope): Sql {
  const unit = sql`${ident('s', '__unit')} is not null`;
  return source.cluster == null ? unit : and([unit, sql`${ident('s', '__cluster')} is not null`]);
}

/** The order of a unit's assignments: by time, ties by variant as declared, then by the dimensions as declared. */
export function assignmentOrder({ source, dimensions }: Scope): Sql {
  const time = source.timestamp === null ? [] : ['assigned_at'];
  const declared = dimensions.length === 0 ? [] : source.dimensions.map(({ name }) => `dim_${name}`);
  return columnList([...time, 'arm', ...declared]);
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
