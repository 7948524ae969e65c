import { ident, join, type Sql, sql, trusted } from '../sql/sql.ts';
import { as, list, type Step } from '../sql/statement.ts';
import { activatedFates } from './activation.ts';
import {
  assignmentOrder,
  assignmentRows,
  configuredStep,
  isConfigured,
  unitKey,
  withVariantNames,
} from './assignment-rows.ts';
import { isClustered, overCluster } from './clusters.ts';
import { filterSql } from './filter.ts';
import { PHASE_COLUMN, phaseSql } from './phases.ts';
import { untilSql } from './relation.ts';
import { boundSql, type Scope } from './scope.ts';

/** Counts rows and units by fate: why they are dropped, or null for those that are analysed. */
export function assignmentsQuery(scope: Scope): { readonly steps: readonly Step[]; readonly select: Sql } {
  const { source, populations, dialect, keys } = scope;
  const { where, asOf, experiment } = populations[0]!;
  const timed = source.timestamp !== null;
  const clustered = isClustered(scope);
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
    when s."__unit" is null${clustered ? sql` or s."__cluster" is null` : sql``} then 'NULL_UNIT'
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
      ...(clustered ? [as(ident('s', '__cluster'), 'cluster')] : []),
      ...(source.weight === undefined ? [] : [as(ident('s', '__weight'), 'weight')]),
      as(reason, 'reason'),
    ])}\nfrom (\n  ${assignmentRows(scope)}\n) as s\nleft join configured as c on ${isConfigured(scope)}${
      timed ? sql`\nwhere (${at} is null or ${at} < ${untilSql(asOf, dialect)})` : sql``
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
    ...(experiment.multiExposure === 'first' || clustered
      ? []
      : [sql`when min("arm") <> max("arm") then 'MULTIPLE_VARIANTS'`]),
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
      ...(scope.phased
        ? [as(sql`case when "reason" is null then ${phaseSql(scope, sql`min("assigned_at")`)} end`, PHASE_COLUMN)]
        : []),
      ...(clustered
        ? [as(sql`min("cluster")`, 'cluster'), as(sql`min("arm")`, 'least_arm'), as(sql`max("arm")`, 'greatest_arm')]
        : []),
      as(sql`"reason" is not null`, 'dropped'),
      as(fate.length === 0 ? ident('reason') : sql`coalesce("reason", case ${join(fate, ' ')} end)`, 'fate'),
      as(source.weight === undefined ? sql`count(*)` : sql`sum("weight")`, 'rows'),
    ])}\nfrom ranked\ngroup by ${unitKey(scope)}, "reason", "dropped_arm"`,
  };
  const columns = [
    ...keys,
    ...['unit', 'arm', ...(timed ? ['exposed_at'] : []), ...scope.dimensions.map((name) => `dim_${name}`)],
    ...(scope.phased ? [PHASE_COLUMN] : []),
    ...(clustered ? ['cluster'] : []),
    ...['dropped', 'fate', 'rows'],
  ];
  const steps: Step[] = [configuredStep(scope), seen, ranked, fates];
  if (clustered) steps.push(fatesOfClusters(scope, columns));
  if (scope.activation !== null) steps.push(activatedFates(scope, scope.activation, steps.at(-1)!.name, columns));
  const last = timed ? sql`max("exposed_at")` : sql`cast(null as varchar)`;
  const phase = scope.phased ? [ident(PHASE_COLUMN)] : [];
  const counted: Step = {
    name: 'counted',
    comment: 'units by fate, and rows',
    query: sql`select ${join(
      [
        ...keyed,
        as(ident('fate'), 'reason'),
        ident('arm'),
        ...phase,
        as(sql`sum("rows")`, 'rows'),
        as(sql`count("unit")`, 'units'),
        ...(clustered ? [as(sql`count(distinct "cluster")`, 'clusters')] : []),
        as(last, 'last_exposure'),
      ],
      ', ',
    )}
from ${trusted(steps.at(-1)!.name)}${filter === null ? sql`` : sql`\nwhere "dropped" or ${filter}`}
group by ${join([...keyed, ident('fate'), ident('arm'), ...phase], ', ')}`,
  };
  const select = withVariantNames(scope, 'counted', {
    orderBy: ['reason', 'arm', ...(scope.phased ? [PHASE_COLUMN] : [])],
    join: 'left',
  });
  return { steps: [...steps, counted], select };
}

/** The units of a cluster that was seen in several variants share its fate. */
function fatesOfClusters(scope: Scope, columns: readonly string[]): Step {
  const over = overCluster(scope, ['dropped']);
  const several = sql`not "dropped" and "fate" is null and min("least_arm") ${over} <> max("greatest_arm") ${over}`;
  const fate = sql`case when ${several} then 'MULTIPLE_VARIANTS' else "fate" end`;
  return {
    name: 'fates_of_clusters',
    comment: 'the same, where the units of a cluster that was seen in several variants share its fate',
    query: sql`select ${join(
      columns.map((name) => (name === 'fate' ? as(fate, name) : ident(name))),
      ', ',
    )}
from fates`,
  };
}
