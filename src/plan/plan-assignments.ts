import type { Catalog } from '../catalog/catalog.ts';
import { sqlTimestamp } from '../core/instant.ts';
import type { Row } from '../engine/engine.ts';
import type { Dialect } from '../sql/dialect.ts';
import { bind, compile, ident, join, type Sql, sql } from '../sql/sql.ts';
import { and, as, list, type Step, statement } from '../sql/statement.ts';
import type { AssignmentCount, DropReason } from './answer.ts';
import { assignmentRows, configuredStep } from './exposures.ts';
import { filterDimensions, filterSql } from './filter.ts';
import type { PlannedStatement } from './planned.ts';
import type { AssignmentsQuestion } from './question.ts';
import { boundSql, createScope, type Scope } from './scope.ts';

/** One statement a population: every assignment row's fate, row by row up to the period, unit by unit after it. */
export function planAssignments(catalog: Catalog, dialect: Dialect, questions: readonly AssignmentsQuestion[]): readonly PlannedStatement[] {
  return questions.map((question) => {
    const { population } = question;
    const scope = createScope(catalog, dialect, [population], { dimensions: filterDimensions(population.where) });
    const { steps, select } = assignmentsQuery(scope);
    return {
      purpose: 'assignments',
      compiled: compile(statement(steps, select, dialect.materialized), dialect.placeholder),
      questions: [question],
      answer: (_, rows) => rows.map(decode),
    };
  });
}

function assignmentsQuery(scope: Scope): { readonly steps: readonly Step[]; readonly select: Sql } {
  const { source, populations, dialect } = scope;
  const { where, asOf, experiment } = populations[0]!;
  const timed = source.timestamp !== null;
  const at = ident('s', '__at');
  const filter = where === null ? null : filterSql(where, source, dialect);

  const period = timed
    ? [sql`${at} is null`, ...(scope.bounds[0]!.enrolFrom === null ? [] : [sql`${at} < ${boundSql(scope, 'enrolFrom', at)}`]), sql`${at} >= ${boundSql(scope, 'enrolUntil', at)}`]
    : [];
  const reason = sql`case
    when s."__unit" is null then 'NULL_UNIT'
    when s."__variant" is null then 'NULL_VARIANT'
    when c."variant" is null then 'UNKNOWN_VARIANT'${timed ? sql`\n    when ${join(period, ' or ')} then 'OUTSIDE_PERIOD'` : sql``}
  end`;
  const seen: Step = {
    name: 'seen',
    comment: 'every assignment row there was at asOf, and why it is dropped',
    query: sql`select\n  ${list([
      as(ident('s', '__unit'), 'unit'),
      ident('c', 'variant'),
      ...(timed ? [as(at, 'assigned_at')] : []),
      ...(scope.dimensions.length === 0 ? [] : source.dimensions.map(({ name }) => ident('s', `dim_${name}`))),
      ...(source.exclude === null ? [] : [as(ident('s', '__excluded'), 'excluded')]),
      as(reason, 'reason'),
    ])}\nfrom (\n  ${assignmentRows(scope)}\n) as s\nleft join configured as c on ${ident('c', 'variant')} = ${ident('s', '__variant')}${
      timed ? sql`\nwhere (${at} is null or ${at} < ${dialect.timestamp(bind(sqlTimestamp(asOf)))})` : sql``
    }`,
    reused: true,
  };
  const order = join([...(timed ? ['assigned_at'] : []), 'variant', ...(scope.dimensions.length === 0 ? [] : source.dimensions.map(({ name }) => `dim_${name}`))].map((name) => ident(name)), ', ');
  const ranked: Step = {
    name: 'ranked',
    comment: "each unit's countable assignments in order",
    query: sql`select *, row_number() over (partition by "unit" order by ${order}) as "position"\nfrom seen\nwhere "reason" is null`,
  };
  const atFirst = (column: Sql) => sql`max(case when "position" = 1 then ${column} end)`;
  const fate = [
    ...(source.exclude === null ? [] : [sql`when max(case when "excluded" then 1 else 0 end) = 1 then 'EXCLUDED_BY_RULE'`]),
    ...(experiment.multiExposure === 'first' ? [] : [sql`when min("variant") <> max("variant") then 'MULTIPLE_VARIANTS'`]),
  ];
  const fates: Step = {
    name: 'fates',
    comment: "one row a unit: its first variant and whether it is analysed",
    query: sql`select\n  ${list([
      ident('unit'),
      as(atFirst(ident('variant')), 'variant'),
      ...(timed ? [as(sql`min("assigned_at")`, 'exposed_at')] : []),
      ...scope.dimensions.map((name) => as(atFirst(ident(`dim_${name}`)), `dim_${name}`)),
      as(fate.length === 0 ? sql`cast(null as varchar)` : sql`case ${join(fate, ' ')} end`, 'reason'),
      as(sql`count(*)`, 'rows'),
    ])}\nfrom ranked\ngroup by "unit"`,
  };
  const last = timed ? sql`max("exposed_at")` : sql`cast(null as varchar)`;
  const none = timed ? sql`cast(null as timestamp)` : sql`cast(null as varchar)`;
  const narrowed = (conditions: readonly Sql[]) => (conditions.length === 0 ? sql`` : sql`\nwhere ${and(conditions)}`);
  const select = sql`select ${join([ident('reason'), ident('variant'), as(sql`sum("rows")`, 'rows'), as(sql`count(*)`, 'units'), as(last, 'last_exposure')], ', ')}
from fates${narrowed(filter === null ? [] : [filter])}
group by "reason", "variant"
union all
select ${join([ident('reason'), ident('variant'), as(sql`count(*)`, 'rows'), as(sql`count(distinct "unit")`, 'units'), as(none, 'last_exposure')], ', ')}
from seen${narrowed([sql`"reason" is not null`, ...(filter === null ? [] : [filter])])}
group by "reason", "variant"
order by 1, 2`;
  return { steps: [configuredStep(scope), seen, ranked, fates], select };
}

function decode(row: Row): AssignmentCount {
  return {
    reason: row.reason === null ? null : (String(row.reason) as DropReason), // the statement writes only these
    variant: row.variant === null ? null : String(row.variant),
    rows: Number(row.rows),
    units: Number(row.units),
    lastExposure: row.last_exposure == null ? null : String(row.last_exposure),
  };
}
