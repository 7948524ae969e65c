import { sqlTimestamp } from '../core/instant.ts';
import { bind, ident, join, type Sql, sql, trusted } from '../sql/sql.ts';
import { and, as, list, type Step } from '../sql/statement.ts';
import { filterSql } from './filter.ts';
import { columnOf, instantSql, relationSql, unitSql } from './relation.ts';
import { BOUND_COLUMNS, type BoundName, boundSql, type Scope } from './scope.ts';

/** Rows of the assignment source as the other steps see them: one name a role, whatever the user's columns are called. */
export function assignmentRows(scope: Scope): Sql {
  const { source, dialect, populations } = scope;
  const text = (column: string) => (columnOf(source, column)?.type === 'STRING' ? ident(column) : dialect.text(ident(column)));
  const columns = [
    ...(source.experiment === null ? [] : [as(text(source.experiment), '__experiment')]),
    as(unitSql(source, scope.unitAsText, dialect), '__unit'),
    as(sql`nullif(${text(source.variant)}, '')`, '__variant'),
    ...(source.timestamp === null ? [] : [as(instantSql(source, source.timestamp, dialect), '__at')]),
    ...(scope.dimensions.length === 0 ? [] : source.dimensions.map((dimension) => as(ident(dimension.column), `dim_${dimension.name}`))),
    ...(source.exclude === null ? [] : [as(sql`coalesce((${trusted(source.exclude.text)}), false)`, '__excluded')]),
  ];
  const only = source.experiment === null ? sql`` : sql`\n  where ${text(source.experiment)} in (${join(populations.map(({ experiment }) => bind(experiment.key)), ', ')})`;
  return sql`select\n  ${list(columns)}\n  from ${relationSql(source)} as s${only}`;
}

/** The variants of each experiment and the instants that bound it. */
export function configuredStep(scope: Scope): Step {
  const { dialect, populations, bounds, source } = scope;
  const many = scope.keys.length > 0;
  const timed = source.timestamp !== null;
  const names = (Object.keys(BOUND_COLUMNS) as BoundName[]).filter((name) => many && (timed || name === 'observedUntil' || name === 'measuredUntil'));
  const instant = (value: string | null) => dialect.timestamp(bind(value === null ? null : sqlTimestamp(value)));
  const rows = populations.flatMap(({ experiment }, i) =>
    experiment.variants.map(
      (variant) => sql`(${join([dialect.text(bind(experiment.key)), dialect.text(bind(variant.key)), ...names.map((name) => instant(bounds[i]![name]))], ', ')})`,
    ),
  );
  const columns = ['experiment', 'variant', ...names.map((name) => BOUND_COLUMNS[name])].map((name) => ident(name));
  return { name: 'configured', comment: 'the variants as configured', query: sql`select * from (values\n  ${list(rows)}\n) as c (${join(columns, ', ')})` };
}

/** Conditions on a row's time, where the source has one; `c` is `configured`. */
function enrolment(scope: Scope): readonly Sql[] {
  if (scope.source.timestamp === null) return [];
  const { bounds, dialect } = scope;
  const at = ident('s', '__at');
  const froms = bounds.map((bound) => bound.enrolFrom);
  const bounded = froms.every((from) => from !== null);
  const span = {
    from: bounded ? [...froms].sort()[0]! : null,
    until: bounds.map((bound) => bound.enrolUntil!).sort().at(-1)!,
  };
  const parameter = (instant: string) => dialect.timestamp(bind(sqlTimestamp(instant)));
  const own = scope.keys.length === 0 ? [] : [
    sql`(${ident('c', 'enrol_from')} is null or ${at} >= ${ident('c', 'enrol_from')})`,
    sql`${at} < ${ident('c', 'enrol_until')}`,
  ];
  return [...(span.from === null ? [] : [sql`${at} >= ${parameter(span.from)}`]), sql`${at} < ${parameter(span.until)}`, ...own];
}

/**
 * The clean exposures: one row a unit (and experiment), with its variant, its first exposure and the dimensions asked for,
 * read at the first exposure (ties broken by variant, then by the dimensions in declared order). Units seen in several
 * variants are dropped unless the experiment says `multiExposure: first`; units under the exclusion rule are dropped.
 */
export function exposureSteps(scope: Scope, options: { readonly markOnly?: boolean } = {}): readonly Step[] {
  const { source, keys } = scope;
  const first = scope.populations[0]!.experiment.multiExposure === 'first';
  const timed = source.timestamp !== null;
  const ranked = scope.dimensions.length > 0 || first;
  const many = keys.length > 0;
  const carried: readonly BoundName[] = many ? ['observedUntil', 'measuredUntil'] : [];

  const partition = join([...keys, 'unit'].map((name) => ident(name)), ', ');
  const order = join([...(timed ? ['assigned_at'] : []), 'variant', ...source.dimensions.map(({ name }) => `dim_${name}`)].map((name) => ident(name)), ', ');
  const joinOn = and([...(source.experiment === null || !many ? [] : [sql`${ident('c', 'experiment')} = ${ident('s', '__experiment')}`]), sql`${ident('c', 'variant')} = ${ident('s', '__variant')}`]);
  const assigned: Step = {
    name: 'assigned',
    comment: 'assignments with a known unit and a configured variant, inside the enrolment period',
    query: sql`select\n  ${list([
      ...keys.map((key) => ident('c', key)),
      as(ident('s', '__unit'), 'unit'),
      ident('c', 'variant'),
      ...(timed ? [as(ident('s', '__at'), 'assigned_at')] : []),
      ...(ranked ? source.dimensions.filter(() => scope.dimensions.length > 0).map(({ name }) => ident('s', `dim_${name}`)) : []),
      ...(source.exclude === null ? [] : [as(ident('s', '__excluded'), 'excluded')]),
      ...carried.map((name) => ident('c', BOUND_COLUMNS[name])),
    ])}\nfrom (\n  ${assignmentRows(scope)}\n) as s\njoin configured as c on ${joinOn}\nwhere ${and([sql`${ident('s', '__unit')} is not null`, ...enrolment(scope)])}`,
  };
  const rankedStep: Step = {
    name: 'ranked',
    comment: "each unit's assignments in order",
    query: sql`select *, row_number() over (partition by ${partition} order by ${scope.dimensions.length > 0 ? order : join([...(timed ? ['assigned_at'] : []), 'variant'].map((name) => ident(name)), ', ')}) as "position"\nfrom assigned`,
  };
  const atFirst = (column: Sql) => sql`max(case when "position" = 1 then ${column} end)`;
  const having = [
    ...(first ? [] : [sql`min("variant") = max("variant")`]),
    ...(source.exclude === null ? [] : [sql`max(case when "excluded" then 1 else 0 end) = 0`]),
  ];
  const where = scope.populations[0]!.where;
  const exposures = sql`select\n  ${list([
    ...keys.map((key) => ident(key)),
    ident('unit'),
    as(first ? atFirst(ident('variant')) : sql`min("variant")`, 'variant'),
    ...(timed ? [as(sql`min("assigned_at")`, 'exposed_at')] : []),
    ...scope.dimensions.map((name) => as(atFirst(ident(`dim_${name}`)), `dim_${name}`)),
    ...carried.map((name) => as(sql`min(${ident(BOUND_COLUMNS[name])})`, BOUND_COLUMNS[name])),
  ])}\nfrom ${trusted(ranked ? 'ranked' : 'assigned')}\ngroup by ${partition}${having.length === 0 ? sql`` : sql`\nhaving ${and(having)}`}`;
  const all: Step = { name: where === null ? 'exposures' : 'exposures_of_all', comment: 'first exposure of each unit', query: exposures, reused: where === null };
  const condition = where === null ? null : filterSql(where, source, scope.dialect);
  const narrowed: readonly Step[] =
    condition === null
      ? []
      : [
          options.markOnly
            ? { name: 'exposures', comment: 'the units asked for are marked', query: sql`select *, ${condition} as "in_scope" from exposures_of_all`, reused: true }
            : { name: 'exposures', comment: 'the units asked for', query: sql`select * from exposures_of_all where ${condition}`, reused: true },
        ];
  return [configuredStep(scope), assigned, ...(ranked ? [rankedStep] : []), all, ...narrowed];
}

/** The end of observation of a unit's experiment, for a step that reads `exposures as x`. */
export const observedUntil = (scope: Scope): Sql => boundSql(scope, 'observedUntil', ident('x', 'observed_until'));
