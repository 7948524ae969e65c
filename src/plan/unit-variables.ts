import {
  type Arithmetic,
  leavesUnitsOut,
  type Measure,
  maturesAfter,
  type UnitVariable,
} from '../metric-types/metric-type.ts';
import { passes } from '../metric-types/threshold.ts';
import { compile, ident, join, type Sql, sql, trusted } from '../sql/sql.ts';
import { and, as, list, type Step } from '../sql/statement.ts';
import { settledArithmeticSql } from './arithmetic-sql.ts';
import { isClustered } from './clusters.ts';
import { covariateVariables } from './covariates.ts';
import { observedUntil } from './exposures.ts';
import { factsName } from './facts.ts';
import { type AliasedMetric, amongVariable, type PlannedMeasure, windowOf } from './measures.ts';
import type { SliceKey, Strata } from './question.ts';
import { rowCapNames, withoutRowCap } from './row-caps.ts';
import type { Scope } from './scope.ts';
import { strataIndex } from './strata.ts';

/** The name of a metric's variable. Names of metrics hold no dot, so that no two columns can be called the same. */
export function variableAlias({ alias }: AliasedMetric, variable: UnitVariable): string {
  return `${alias}.${variable.name}`;
}

export interface UnitsInput {
  readonly metrics: readonly AliasedMetric[];
  readonly measures: readonly PlannedMeasure[];
  aliasOf(metric: AliasedMetric, variable: UnitVariable, part?: number): string;
  readonly matureOnly: boolean;
  /** Idle units (without rows) may stay null: they add nothing to the metric's sums and are counted by others. */
  idleAreNull(metric: AliasedMetric): boolean;
  readonly sliceBy: readonly string[];
  readonly slices: readonly SliceKey[];
  readonly strata?: Strata | null;
  readonly marked: boolean;
  /** The source whose facts carry the exposures along; null: the exposures are read themselves. */
  readonly carrier: string | null;
  /** Metrics whose values before the assignment are told too; absent: none. */
  hasCovariates?(metric: AliasedMetric): boolean;
  /** Metrics with a cap of rows of which it is told what it took away; absent: none. */
  tellsCut?(metric: AliasedMetric): boolean;
  /** Tell the unit, not its arm. */
  readonly withUnit?: boolean;
  /** Tell the period that a unit's values belong to; null: to none. */
  readonly period?: Sql;
  /** More columns, over `x`; absent: none. */
  readonly more?: ReadonlyMap<string, Sql>;
}

/**
 * One row an exposed unit: the metrics' variables as doubles. Units without rows count as zero where the metric says so; null
 * is a unit that does not count: immature, or without a value where the metric leaves such units out. Where every unit counts
 * and only plain sums are taken, idle units stay null: it is the same sum for less work.
 */
export function unitsStep(scope: Scope, input: UnitsInput, columns: ReadonlyMap<string, Sql>): Step {
  const { keys } = scope;
  const sources = [...new Set(input.measures.map(({ measure }) => measure.source))]
    .filter((source) => source !== input.carrier)
    .sort();
  const joins = sources.map((source) => {
    const facts = ident(factsName(source));
    return sql`\nleft join ${facts} on ${and([...keys.map((key) => sql`${facts}.${ident(key)} = ${ident('x', key)}`), sql`${facts}."unit" = ${ident('x', 'unit')}`])}`;
  });
  const variables = [...columns].map(([name, value]) => as(value, name));
  const quality = input.measures.filter((measure) => measure.quality).flatMap((measure) => qualityColumns(measure));
  const cuts = input.measures.filter(({ tellsCut }) => tellsCut).flatMap((measure) => cutsOf(input, measure));
  return {
    name: 'units',
    comment: 'one row a unit: its value of each metric',
    query: sql`select\n  ${list([
      ...keys.map((key) => ident('x', key)),
      ident('x', input.withUnit ? 'unit' : 'arm'),
      ...(isClustered(scope) ? [ident('x', 'cluster')] : []),
      ...(input.sliceBy.length === 0 && input.strata == null ? [] : [as(strataIndex(scope, input), 'slice')]),
      ...(input.marked ? [ident('x', 'in_scope')] : []),
      ...(input.period === undefined ? [] : [as(input.period, 'period')]),
      ...[...(input.more ?? [])].map(([name, value]) => as(value, name)),
      ...variables,
      ...quality.map(({ source, name }) => as(sql`coalesce(${ident(factsOf(input, source), name)}, 0)`, name)),
      ...cuts,
    ])}\nfrom ${ident(input.carrier === null ? 'exposures' : factsName(input.carrier))} as x${sql`${joins.reduce((all, one) => sql`${all}${one}`, sql``)}`}`,
    reused: true,
  };
}

/** The columns of `units` by name. Variables that are the same number share one, named for the first metric that has it. */
export function unitColumns(
  scope: Scope,
  input: UnitsInput,
): {
  readonly columns: ReadonlyMap<string, Sql>;
  /** Of a metric's own variable, or of one before the assignment. */
  nameOf(metric: AliasedMetric, variable: UnitVariable): string;
  /** 1 where the unit had rows before its assignment. */
  knownOf(metric: AliasedMetric): string;
  /** Of each of a metric's own variables, as it would be without the cap of its rows. */
  uncappedOf(metric: AliasedMetric): readonly string[];
} {
  const columns = new Map<string, Sql>();
  const names = new Map<string, string>();
  const keyOf = (value: Sql) => JSON.stringify(compile(value, scope.dialect.placeholder));
  const add = (alias: string, value: Sql) => {
    const name = names.get(keyOf(value)) ?? alias;
    names.set(keyOf(value), name);
    columns.set(name, value);
  };
  for (const metric of input.metrics) {
    for (const variable of metric.metric.variables)
      add(variableAlias(metric, variable), variableSql(scope, input, metric, variable));
    if (input.tellsCut?.(metric)) {
      for (const variable of metric.metric.variables.map(withoutRowCap))
        add(variableAlias(metric, variable), variableSql(scope, input, metric, variable));
    }
    if (!input.hasCovariates?.(metric)) continue;
    for (const variable of covariateVariables(metric.metric))
      add(variableAlias(metric, variable), covariateSql(scope, input, metric, variable));
    add(`${metric.alias}.before`, knownSql(scope, input, metric));
  }
  const nameOf = (value: Sql) => names.get(keyOf(value))!;
  return {
    columns,
    nameOf: (metric, variable) =>
      nameOf(
        metric.metric.variables.includes(variable)
          ? variableSql(scope, input, metric, variable)
          : covariateSql(scope, input, metric, variable),
      ),
    knownOf: (metric) => nameOf(knownSql(scope, input, metric)),
    uncappedOf: (metric) =>
      metric.metric.variables.map((variable) => nameOf(variableSql(scope, input, metric, withoutRowCap(variable)))),
  };
}

/** Names of the columns that count a measure's faulty rows. */
export function qualityColumns({
  alias,
  measure,
}: PlannedMeasure): readonly { readonly source: string; readonly name: string }[] {
  const { source, aggregate, column, minimum } = measure;
  if (column === null || aggregate === 'count' || aggregate === 'count_distinct') return [];
  return [{ source, name: `${alias}.invalid` }, ...(minimum === null ? [] : [{ source, name: `${alias}.below` }])];
}

/** What a cap of a measure's rows did to those of a unit. */
function cutsOf(input: UnitsInput, planned: PlannedMeasure): readonly Sql[] {
  const { cut, least, greatest } = rowCapNames(planned);
  const of = (name: string) => ident(factsOf(input, planned.measure.source), name);
  return [as(sql`coalesce(${of(cut)}, 0)`, cut), as(of(least), least), as(of(greatest), greatest)];
}

/** What `units` reads a source's facts as. */
const factsOf = ({ carrier }: UnitsInput, source: string): string => (source === carrier ? 'x' : factsName(source));

/** What a unit's rows made of a measure; null: there are none that count. */
function measuredSql(input: UnitsInput, metric: AliasedMetric, variable: UnitVariable, part = 0): Sql {
  const measure = variable.measures[part]!;
  const counted = ident(factsOf(input, measure.source), input.aliasOf(metric, variable, part));
  // No rows that count are no value, whether or not the unit has others.
  return COUNTS.includes(measure.aggregate) && measure.whenMissing === 'exclude' ? sql`nullif(${counted}, 0)` : counted;
}

/** The variable of a unit that counts; null: it leaves the unit out. */
function valueSql(scope: Scope, input: UnitsInput, metric: AliasedMetric, variable: UnitVariable): Sql {
  const double = (column: Sql) => scope.dialect.double(column, 'FLOAT');
  if (variable.combine !== undefined) return combinedSql(scope, input, metric, variable, variable.combine);
  const column = measuredSql(input, metric, variable);
  if (variable.measures[0]!.aggregate === 'values') return column;
  const { transform } = variable;
  const idleIsNull = input.idleAreNull(metric);
  if (transform === 'indicator') return sql`case when ${column} > 0 then 1e0 ${idleIsNull ? sql`` : sql`else 0e0 `}end`;
  const missing = missingValue(metric, variable, variable.measures[0]!);
  const isSpared = missing === 0 && idleIsNull;
  if (transform === 'identity') return isSpared ? double(column) : orElse(scope, double(column), missing);
  const value = orElse(scope, double(column), missing === 0 && !passes(transform, 0) ? null : missing);
  const test = sql`${value} ${COMPARISONS[transform.operator]} ${trusted(scope.dialect.number(transform.value))}`;
  const otherwise = missing === null ? sql`when ${value} is not null then 0e0 ` : isSpared ? sql`` : sql`else 0e0 `;
  return sql`case when ${test} then 1e0 ${otherwise}end`;
}

export const COMPARISONS = { atLeast: sql`>=`, above: sql`>`, atMost: sql`<=`, below: sql`<` } as const;

/** What a unit without rows counts as, as a number of the measure; null: it has none, and is left out. */
export function missingValue(metric: AliasedMetric, variable: UnitVariable, measure: Measure): number | null {
  if (measure.whenMissing !== 'window_end') return measure.whenMissing === 'zero' ? 0 : null;
  const { delay, length } = windowOf(metric.metric, variable)!;
  return (delay + length!) / measure.timeUnit!;
}

const orElse = ({ dialect }: Scope, value: Sql, missing: number | null): Sql =>
  missing === null ? value : sql`coalesce(${value}, ${trusted(dialect.number(missing))})`;

/** Several measures combined; null: one that may not be missing is, or what divides by zero leaves the unit out. */
function combinedSql(
  scope: Scope,
  input: UnitsInput,
  metric: AliasedMetric,
  variable: UnitVariable,
  arithmetic: Arithmetic,
): Sql {
  const parts = variable.measures.map((measure, part) => {
    const value = scope.dialect.double(measuredSql(input, metric, variable, part), 'FLOAT');
    return orElse(scope, value, missingValue(metric, variable, measure));
  });
  const value = settledArithmeticSql(arithmetic, parts, scope.dialect);
  if (variable.whenUndefined !== 'zero') return value;
  const required = variable.measures.flatMap(({ whenMissing }, part) =>
    whenMissing === 'exclude' ? [sql`${parts[part]!} is not null`] : [],
  );
  return when(required, sql`coalesce(${value}, 0e0)`);
}

/** That a variable leaves the unit in. */
function isPresent(scope: Scope, input: UnitsInput, metric: AliasedMetric, variable: UnitVariable): Sql {
  const value =
    variable.combine === undefined ? measuredSql(input, metric, variable) : valueSql(scope, input, metric, variable);
  return sql`${value} is not null`;
}

/** What a unit must be to count for a metric, besides having a value of this variable. */
function conditionsOf(
  scope: Scope,
  input: UnitsInput,
  metric: AliasedMetric,
  variable: UnitVariable | null,
): readonly Sql[] {
  // A ratio counts a unit only when both of its sides do.
  const required = metric.metric.variables
    .filter((other) => other !== variable && leavesUnitsOut(other))
    .map((other) => isPresent(scope, input, metric, other));
  const after = maturesAfter(metric.metric);
  const mature =
    input.matureOnly && after !== null
      ? [sql`${scope.dialect.plusSeconds(ident('x', 'exposed_at'), after)} <= ${observedUntil(scope)}`]
      : [];
  const among = amongVariable(metric.metric);
  const isAmong = among === null ? [] : [sql`${measuredSql(input, metric, among)} > 0`];
  return [...mature, ...isAmong, ...required];
}

function when(conditions: readonly Sql[], value: Sql): Sql {
  return conditions.length === 0 ? value : sql`case when ${and(conditions)} then ${value} end`;
}

function variableSql(scope: Scope, input: UnitsInput, metric: AliasedMetric, variable: UnitVariable): Sql {
  return when(conditionsOf(scope, input, metric, variable), valueSql(scope, input, metric, variable));
}

/** A variable before the assignment, of the units that count now: 0 for those that had none. */
function covariateSql(scope: Scope, input: UnitsInput, metric: AliasedMetric, variable: UnitVariable): Sql {
  const value = valueSql(scope, input, metric, variable);
  const known = leavesUnitsOut(variable) ? sql`coalesce(${value}, 0e0)` : value;
  return when(conditionsOf(scope, input, metric, null), known);
}

/** 1 for the units that had rows before their assignment, and with them a value of each variable. */
function knownSql(scope: Scope, input: UnitsInput, metric: AliasedMetric): Sql {
  const variables = covariateVariables(metric.metric);
  const rows = variables.flatMap((variable) =>
    variable.measures.map((measure, part) => {
      const measured = measuredSql(input, metric, variable, part);
      return COUNTS.includes(measure.aggregate) ? sql`${measured} > 0` : sql`${measured} is not null`;
    }),
  );
  const present = variables
    .filter((variable) => leavesUnitsOut(variable) && variable.combine !== undefined)
    .map((variable) => isPresent(scope, input, metric, variable));
  const any = rows.length === 1 ? rows[0]! : sql`(${join(rows, ' or ')})`;
  const known = sql`case when ${and([any, ...present])} then 1e0 else 0e0 end`;
  return when(conditionsOf(scope, input, metric, null), known);
}

/** Aggregates that are 0, not null, without rows. */
const COUNTS: readonly Measure['aggregate'][] = ['count', 'count_distinct', 'distinct_days', 'funnel'];
