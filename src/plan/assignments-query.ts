import { sqlTimestamp } from '../core/instant.ts';
import { bind, ident, join, type Sql, sql } from '../sql/sql.ts';
import { as, list, type Step } from '../sql/statement.ts';
import {
  assignmentOrder,
  assignmentRows,
  configuredStep,
  isConfigured,
  unitKey,
  withVariantNames,
} from './assignment-rows.ts';
import { filterSql } from './filter.ts';
import { boundSql, type Scope } from './scope.ts';

/** Counts rows and units by fate: why they are dropped, or null for those that are analysed. */
export function assignmentsQuery(scope: Scope): { readonly steps: readonly Step[]; readonly select: Sql } {
  const { source, populations, dialect, keys } = scope;
  const { where, asOf, experiment } = populations[0]!;
  const timed = source.timestamp !== null;
  const at = ident('s', '__at');
  const filter = where === null ? null : filterSql(where, source, dialect);
  const unbounded = scope.bounds.every(({ enrolFrom }) => enrolFrom === null);

  const period = timed
    ? [
        sql`${at} is null`,
        ...(unbounded ? [] : [sql`${at} < ${boundSql(scope, 'enrolFrom', ident('c', 'enrol_from'))}`]),
        sql`${at} >= ${boundSql(scope, 'enrolUntil', ident('c', 'enrol_until'))}`,
      ]
    : [];
  const reason = sql`case
    when s."__unit" is null then 'NULL_UNIT'
    when s."__variant" is null then 'NULL_VARIANT'
    when c."arm" is null then 'UNKNOWN_VARIANT'${timed ? sql`\n    when ${join(period, ' or ')} then 'OUTSIDE_PERIOD'` : sql``}
  end`;
  const seen: Step = {
    name: 'seen',
    comment: 'every assignment row there was at asOf, and why it is dropped',
    query: sql`select\n  ${list([
      ...keys.map((key) => as(ident('s', `__${key}`), key)),
      as(ident('s', '__unit'), 'unit'),
      ident('c', 'arm'),
      ...(timed ? [as(at, 'assigned_at')] : []),
      ...(scope.dimensions.length === 0 ? [] : source.dimensions.map(({ name }) => ident('s', `dim_${name}`))),
      ...(source.exclude === null ? [] : [as(ident('s', '__excluded'), 'excluded')]),
      as(reason, 'reason'),
    ])}\nfrom (\n  ${assignmentRows(scope)}\n) as s\nleft join configured as c on ${isConfigured(scope)}${
      timed ? sql`\nwhere (${at} is null or ${at} < ${dialect.timestamp(bind(sqlTimestamp(asOf)))})` : sql``
    }`,
  };
  // A filter looks at each dropped row itself, and at the units that remain as they were first seen.
  const ranked: Step = {
    name: 'ranked',
    comment: "each unit's assignments in order, those that are dropped apart by reason",
    query: sql`select *, row_number() over (partition by ${unitKey(scope)}, "reason" order by ${assignmentOrder(scope)}) as "position",
  case when "reason" is not null then "arm" end as "dropped_arm"
from seen${filter === null ? sql`` : sql`\nwhere "reason" is null or ${filter}`}`,
  };
  const keyed = keys.map((key) => ident(key));
  const atFirst = (column: Sql) => sql`max(case when "position" = 1 then ${column} end)`;
  const fate = [
    ...(source.exclude === null
      ? []
      : [sql`when max(case when "excluded" then 1 else 0 end) = 1 then 'EXCLUDED_BY_RULE'`]),
    ...(experiment.multiExposure === 'first' ? [] : [sql`when min("arm") <> max("arm") then 'MULTIPLE_VARIANTS'`]),
  ];
  const fates: Step = {
    name: 'fates',
    comment: 'one row a unit, its first variant and whether it is analysed; and one a unit and reason to drop rows',
    query: sql`select\n  ${list([
      ...keyed,
      ident('unit'),
      as(sql`case when "reason" is null then ${atFirst(ident('arm'))} else "dropped_arm" end`, 'arm'),
      ...(timed ? [as(sql`case when "reason" is null then min("assigned_at") end`, 'exposed_at')] : []),
      ...scope.dimensions.map((name) => as(atFirst(ident(`dim_${name}`)), `dim_${name}`)),
      as(sql`"reason" is not null`, 'dropped'),
      as(fate.length === 0 ? ident('reason') : sql`coalesce("reason", case ${join(fate, ' ')} end)`, 'fate'),
      as(sql`count(*)`, 'rows'),
    ])}\nfrom ranked\ngroup by ${unitKey(scope)}, "reason", "dropped_arm"`,
  };
  const last = timed ? sql`max("exposed_at")` : sql`cast(null as varchar)`;
  const counted: Step = {
    name: 'counted',
    comment: 'units by fate, and rows',
    query: sql`select ${join([...keyed, as(ident('fate'), 'reason'), ident('arm'), as(sql`sum("rows")`, 'rows'), as(sql`count("unit")`, 'units'), as(last, 'last_exposure')], ', ')}
from fates${filter === null ? sql`` : sql`\nwhere "dropped" or ${filter}`}
group by ${join([...keyed, ident('fate'), ident('arm')], ', ')}`,
  };
  const select = withVariantNames(scope, 'counted', { orderBy: ['reason', 'arm'], join: 'left' });
  return { steps: [configuredStep(scope), seen, ranked, fates, counted], select };
}
