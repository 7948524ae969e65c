import { sqlTimestamp } from '../core/instant.ts';
import { bind, ident, type Sql, sql, trusted } from '../sql/sql.ts';
import { and, as, list, type Step } from '../sql/statement.ts';
import { activatedStep } from './activation.ts';
import { assignmentOrder, assignmentRows, configuredStep, isConfigured, isKnown, unitKey } from './assignment-rows.ts';
import { cleanClusters, isClustered } from './clusters.ts';
import { filterSql } from './filter.ts';
import { PHASE_COLUMN, phaseSql } from './phases.ts';
import { untilSql, withinSql } from './relation.ts';
import { BOUND_COLUMNS, type BoundName, boundSql, type Scope } from './scope.ts';

/** The time that the enrolment of any of the experiments spans, as conditions on the source's own rows. */
function enrolmentSpan(scope: Scope): readonly Sql[] {
  const { bounds, dialect, source } = scope;
  if (source.timestamp === null) return [];
  const froms = bounds.map((bound) => bound.enrolFrom);
  const parameter = (instant: string) => dialect.timestamp(bind(sqlTimestamp(instant)));
  const untils = bounds.map((bound) => bound.enrolUntil!);
  const from = froms.every((each) => each !== null) ? parameter([...froms].sort()[0]!) : null;
  return withinSql(source, source.timestamp, { from, until: untilSql(untils.sort().at(-1)!, dialect) }, dialect);
}

/** Each experiment's own enrolment, where there are several; `c` is `configured`. */
function ownEnrolment(scope: Scope): readonly Sql[] {
  if (scope.source.timestamp === null || scope.keys.length === 0) return [];
  const at = ident('s', '__at');
  return [
    sql`(${ident('c', 'enrol_from')} is null or ${at} >= ${ident('c', 'enrol_from')})`,
    sql`${at} < ${ident('c', 'enrol_until')}`,
  ];
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
  const clustered = isClustered(scope);
  const carried: readonly BoundName[] = many ? ['observedUntil', 'measuredUntil'] : [];

  const assigned: Step = {
    name: 'assigned',
    comment: 'assignments with a known unit and a configured variant, inside the enrolment period',
    query: sql`select\n  ${list([
      ...keys.map((key) => ident('c', key)),
      as(ident('s', '__unit'), 'unit'),
      ident('c', 'arm'),
      ...(timed ? [as(ident('s', '__at'), 'assigned_at')] : []),
      ...(ranked
        ? source.dimensions.filter(() => scope.dimensions.length > 0).map(({ name }) => ident('s', `dim_${name}`))
        : []),
      ...(source.exclude === null ? [] : [as(ident('s', '__excluded'), 'excluded')]),
      ...(clustered ? [as(ident('s', '__cluster'), 'cluster')] : []),
      ...carried.map((name) => ident('c', BOUND_COLUMNS[name])),
    ])}\nfrom (\n  ${assignmentRows(scope, enrolmentSpan(scope))}\n) as s\njoin configured as c on ${isConfigured(scope)}\nwhere ${and([isKnown(scope), ...ownEnrolment(scope)])}`,
  };
  const rankedStep: Step = {
    name: 'ranked',
    comment: "each unit's assignments in order",
    query: sql`select *, row_number() over (partition by ${unitKey(scope)} order by ${assignmentOrder(scope)}) as "position"\nfrom assigned`,
  };
  const atFirst = (column: Sql) => sql`max(case when "position" = 1 then ${column} end)`;
  const excluded = sql`max(case when "excluded" then 1 else 0 end)`;
  // A cluster is judged by all of its units, so that nothing is dropped before.
  const having = clustered
    ? []
    : [...(first ? [] : [sql`min("arm") = max("arm")`]), ...(source.exclude === null ? [] : [sql`${excluded} = 0`])];
  const where = scope.populations[0]!.where;
  const exposures = sql`select\n  ${list([
    ...keys.map((key) => ident(key)),
    ident('unit'),
    as(first ? atFirst(ident('arm')) : sql`min("arm")`, 'arm'),
    ...(timed ? [as(sql`min("assigned_at")`, 'exposed_at')] : []),
    ...scope.dimensions.map((name) => as(atFirst(ident(`dim_${name}`)), `dim_${name}`)),
    ...(scope.phased ? [as(phaseSql(scope, sql`min("assigned_at")`), PHASE_COLUMN)] : []),
    ...(clustered
      ? [
          as(sql`min("cluster")`, 'cluster'),
          as(sql`max("arm")`, 'last_arm'),
          as(source.exclude === null ? sql`0` : excluded, 'excluded'),
        ]
      : []),
    ...carried.map((name) => as(sql`min(${ident(BOUND_COLUMNS[name])})`, BOUND_COLUMNS[name])),
  ])}\nfrom ${trusted(ranked ? 'ranked' : 'assigned')}\ngroup by ${unitKey(scope)}${having.length === 0 ? sql`` : sql`\nhaving ${and(having)}`}`;
  const columns = exposureColumns({ ...scope, activation: null }, false);
  const stages: Step[] = [{ name: 'enrolled', comment: 'first exposure of each unit', query: exposures }];
  if (clustered) {
    stages[0] = { ...stages[0]!, name: 'seen' };
    stages.push({ ...cleanClusters(scope, 'seen', columns), name: 'enrolled' });
  }
  if (scope.activation !== null) stages.push(activatedStep(scope, scope.activation, 'enrolled', columns));
  const last = stages.pop()!;
  const all: readonly Step[] = [
    ...stages,
    { ...last, name: where === null ? 'exposures' : 'exposures_of_all', reused: where === null },
  ];
  const condition = where === null ? null : filterSql(where, source, scope.dialect);
  const narrowed: readonly Step[] =
    condition === null
      ? []
      : [
          options.markOnly
            ? {
                name: 'exposures',
                comment: 'the units asked for are marked',
                query: sql`select *, ${condition} as "in_scope" from exposures_of_all`,
                reused: true,
              }
            : {
                name: 'exposures',
                comment: 'the units asked for',
                query: sql`select * from exposures_of_all where ${condition}`,
                reused: true,
              },
        ];
  return [configuredStep(scope), assigned, ...(ranked ? [rankedStep] : []), ...all, ...narrowed];
}

/** The columns of `exposures`. */
export function exposureColumns(scope: Scope, marked: boolean): readonly string[] {
  const many = scope.keys.length > 0;
  return [
    ...scope.keys,
    'unit',
    'arm',
    ...(scope.source.timestamp === null ? [] : ['exposed_at']),
    ...(scope.activation === null ? [] : ['enrolled_at']),
    ...scope.dimensions.map((name) => `dim_${name}`),
    ...(scope.phased ? [PHASE_COLUMN] : []),
    ...(isClustered(scope) ? ['cluster'] : []),
    ...(many ? [BOUND_COLUMNS.observedUntil, BOUND_COLUMNS.measuredUntil] : []),
    ...(marked ? ['in_scope'] : []),
  ];
}

/** The end of observation of a unit's experiment, for a step that reads `exposures as x`. */
export const observedUntil = (scope: Scope): Sql => boundSql(scope, 'observedUntil', ident('x', 'observed_until'));
