import { maturesAfter } from '../../metric-types/metric-type.ts';
import { covariateVariables } from '../../plan/covariates.ts';
import { observedUntil } from '../../plan/exposures.ts';
import type { AliasedMetric } from '../../plan/measures.ts';
import type { SharedMoments } from '../../plan/plan-moments.ts';
import type { Scope } from '../../plan/scope.ts';
import { everyUnitCounts, type UnitValues, unitValues } from '../../plan/unit-values.ts';
import { bind, ident, join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { and, as, list, type Step, statement } from '../../sql/statement.ts';
import type { Model, ModelColumn, ModelContext } from '../model.ts';
import { calculatedTogether } from './calculated-metrics.ts';
import { AS_OF, asOfSql, EXPERIMENT, METRIC, VARIANT, VERSION, wholeSql } from './shared-columns.ts';
import { experimentSql, namedArms, united } from './shared-scopes.ts';
import { sourcesRead } from './sources-read.ts';

const COLUMNS: readonly ModelColumn[] = [
  EXPERIMENT,
  METRIC,
  VERSION,
  { name: 'unit', type: 'STRING', description: 'The unit, as text.' },
  VARIANT,
  { name: 'value', type: 'FLOAT', description: "The metric's value of the unit, before capping; a ratio's numerator." },
  {
    name: 'denominator',
    type: 'FLOAT',
    nullable: true,
    description: "A ratio's denominator; null: the metric is no ratio.",
  },
  {
    name: 'value_before',
    type: 'FLOAT',
    nullable: true,
    description: 'The same as `value` before the assignment; null: the metric has no covariate.',
  },
  {
    name: 'denominator_before',
    type: 'FLOAT',
    nullable: true,
    description: 'The same as `denominator` before the assignment; null: as `value_before`.',
  },
  {
    name: 'known_before',
    type: 'FLOAT',
    nullable: true,
    description: '1 where the unit had rows before its assignment, else 0; null: the metric has no covariate.',
  },
  {
    name: 'mature',
    type: 'BOOLEAN',
    description: "Whether the unit's window was over at `as_of`; true without a window. Results count these alone.",
  },
  AS_OF,
];

/**
 * One row a unit and metric: the value as it is at `as_of`, mature or not. Units that count and whose every number is 0 have no row:
 * they are those of experiment_assignments that are not here. Where a metric leaves units out, those that count all have one.
 */
export const metricCalculations: Model = {
  name: 'metric_calculations',
  materialization: 'table',
  description:
    'What each unit came to, metric by metric. A unit without a row counts as 0, but where the metric leaves units without rows out.',
  columns: () => COLUMNS,
  key: ['experiment', 'metric', 'unit'],
  uses: [],
  sources: sourcesRead,
  select: (context) =>
    united(
      context,
      COLUMNS,
      calculatedTogether(context).map((shared) => calculations(context, shared)),
    ),
};

/** Lists of a unit's numbers, one item a metric. */
const LISTS = ['value', 'denominator', 'value_before', 'denominator_before', 'known_before'] as const;

function calculations(context: ModelContext, { served, metrics }: SharedMoments): Sql {
  const { catalog, dialect } = context;
  const populations = [...new Map(served.map(({ population }) => [population.experiment.key, population])).values()];
  const no = () => false;
  const values = unitValues(catalog, dialect, {
    ...{ populations, metrics, maturity: 'ALL', sliceBy: [], slices: [], strata: null },
    ...{ quality: no, capping: no, idleAreNull: no, covariates: () => true },
    ...(context.facts === undefined ? {} : { facts: context.facts }),
    more: (scope) => new Map([['arm', ident('x', 'arm')], ...maturities(scope, metrics)]),
  });
  const { scope } = values;
  const all = columnsOf(values, metrics, declaredIn(scope, { served, metrics }));
  const places = metrics.map((_, i) => trusted(String(i + 1)));
  const item = (items: readonly Sql[]) => sql`(${listOf(items)})[m."place"]`;
  const gathered: Step = {
    name: 'gathered',
    comment: "each unit's numbers as lists, one item a metric",
    query: sql`select\n  ${list([
      experimentSql(scope),
      as(dialect.text(ident('r', 'unit')), 'unit'),
      ident('c', 'variant'),
      ...LISTS.flatMap((name) => (all[name] === null ? [] : [as(listOf(all[name]), name)])),
      as(listOf(metrics.map(({ metric }) => isMature(maturesAfter(metric)))), 'mature'),
    ])}\nfrom ${namedArms(scope, 'units')}`,
  };
  const calculated: Step = {
    name: 'calculated',
    comment: 'one row a unit and metric',
    query: sql`select\n  ${list([
      ident('g', 'experiment'),
      as(item(metrics.map(({ metric }) => dialect.text(bind(metric.metric)))), 'metric'),
      as(item(metrics.map(({ metric }) => wholeSql(metric.number))), 'version'),
      ident('g', 'unit'),
      ident('g', 'variant'),
      ...LISTS.map((name) => as(all[name] === null ? NONE : sql`${ident('g', name)}[m."place"]`, name)),
      as(sql`${ident('g', 'mature')}[m."place"]`, 'mature'),
      as(item(metrics.map(({ metric }) => trusted(String(!everyUnitCounts(metric, 'ALL'))))), 'is_told'),
    ])}\nfrom gathered as g\ncross join unnest(array[${join(places, ', ')}]) as m("place")`,
  };
  const differs = LISTS.filter((name) => all[name] !== null).map((name) => sql`${ident(name)} <> 0e0`);
  const told = and([sql`"value" is not null`, sql`("is_told" or ${join(differs, ' or ')})`]);
  const select = sql`select\n  ${list([
    ...COLUMNS.filter((column) => column !== AS_OF).map(({ name }) => ident(name)),
    asOfSql(context),
  ])}\nfrom calculated\nwhere ${told}`;
  return statement([...values.before, values.units('unit'), gathered, calculated], select, dialect.reuse);
}

const NONE = sql`cast(null as double)`;
const listOf = (items: readonly Sql[]): Sql => sql`array[${join(items, ', ')}]`;

const matureColumn = (after: number): string => `mature after ${after}`;

/** Whether a unit (`x`) is mature, for each time that some metric gives it. */
function maturities(scope: Scope, metrics: readonly AliasedMetric[]): readonly (readonly [string, Sql])[] {
  const times = [...new Set(metrics.map(({ metric }) => maturesAfter(metric)))].filter((after) => after !== null);
  return times
    .sort((a, b) => a - b)
    .map((after) => [
      matureColumn(after),
      sql`${scope.dialect.plusSeconds(ident('x', 'exposed_at'), after)} <= ${observedUntil(scope)}`,
    ]);
}

const isMature = (after: number | null): Sql => (after === null ? sql`true` : ident('r', matureColumn(after)));

/** That the experiment of a row (`r`) has a metric; null: all of the statement have. */
function declaredIn({ populations }: Scope, { served }: SharedMoments): (metric: AliasedMetric) => Sql | null {
  return ({ metric }) => {
    const keys = served
      .filter((question) => question.metric.metric === metric.metric && question.metric.number === metric.number)
      .map(({ population }) => population.experiment.key);
    if (keys.length === populations.length) return null;
    return sql`${ident('r', 'experiment')} in (${join(keys.map(bind), ', ')})`;
  };
}

/** What each list is of, by the columns of `units` (`r`); null: no metric has such a number. */
function columnsOf(
  { columns, hasCovariates }: UnitValues,
  metrics: readonly AliasedMetric[],
  declared: (metric: AliasedMetric) => Sql | null,
): Readonly<Record<(typeof LISTS)[number], readonly Sql[] | null>> {
  const read = (of: (metric: AliasedMetric) => string | null) => {
    const names = metrics.map(of);
    return names.every((name) => name === null) ? null : names.map((name) => (name === null ? NONE : ident('r', name)));
  };
  const variable = (i: number, before: boolean) => (metric: AliasedMetric) => {
    if (before && !hasCovariates(metric)) return null;
    const found = (before ? covariateVariables(metric.metric) : metric.metric.variables)[i];
    return found === undefined ? null : columns.nameOf(metric, found);
  };
  const values = metrics.map((metric) => {
    const value = ident('r', variable(0, false)(metric)!);
    const condition = declared(metric);
    return condition === null ? value : sql`case when ${condition} then ${value} end`;
  });
  return {
    value: values,
    denominator: read(variable(1, false)),
    value_before: read(variable(0, true)),
    denominator_before: read(variable(1, true)),
    known_before: read((metric) => (hasCovariates(metric) ? columns.knownOf(metric) : null)),
  };
}
