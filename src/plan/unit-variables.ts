import { leavesUnitsOut, maturesAfter, type UnitVariable } from '../metric-types/metric-type.ts';
import { bind, compile, ident, join, type Sql, sql } from '../sql/sql.ts';
import { and, as, list, type Step } from '../sql/statement.ts';
import { observedUntil } from './exposures.ts';
import { factsName } from './facts.ts';
import { dimensionType } from './filter.ts';
import type { AliasedMetric, PlannedMeasure } from './measures.ts';
import type { SliceKey } from './question.ts';
import type { Scope } from './scope.ts';

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
  readonly marked: boolean;
  /** The source whose facts carry the exposures along; null: the exposures are read themselves. */
  readonly carrier: string | null;
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
  return {
    name: 'units',
    comment: 'one row a unit: its value of each metric',
    query: sql`select\n  ${list([
      ...keys.map((key) => ident('x', key)),
      ident('x', 'arm'),
      ...(input.sliceBy.length === 0 ? [] : [as(sliceIndex(scope, input), 'slice')]),
      ...(input.marked ? [ident('x', 'in_scope')] : []),
      ...variables,
      ...quality.map(({ source, name }) => as(sql`coalesce(${ident(factsOf(input, source), name)}, 0)`, name)),
    ])}\nfrom ${ident(input.carrier === null ? 'exposures' : factsName(input.carrier))} as x${sql`${joins.reduce((all, one) => sql`${all}${one}`, sql``)}`}`,
    reused: true,
  };
}

/** The columns of `units` by name. Variables that are the same number share one, named for the first metric that has it. */
export function unitColumns(
  scope: Scope,
  input: UnitsInput,
): { readonly columns: ReadonlyMap<string, Sql>; nameOf(metric: AliasedMetric, variable: UnitVariable): string } {
  const columns = new Map<string, Sql>();
  const names = new Map<string, string>();
  const keyOf = (value: Sql) => JSON.stringify(compile(value, scope.dialect.placeholder));
  for (const metric of input.metrics) {
    for (const variable of metric.metric.variables) {
      const value = variableSql(scope, input, metric, variable);
      const name = names.get(keyOf(value)) ?? variableAlias(metric, variable);
      names.set(keyOf(value), name);
      columns.set(name, value);
    }
  }
  return {
    columns,
    nameOf: (metric, variable) => names.get(keyOf(variableSql(scope, input, metric, variable)))!,
  };
}

/** Names of the columns that count a measure's faulty rows. */
export function qualityColumns({
  alias,
  measure,
}: PlannedMeasure): readonly { readonly source: string; readonly name: string }[] {
  const { source, aggregate, minimum } = measure;
  if (aggregate === 'count' || aggregate === 'count_distinct') return [];
  return [{ source, name: `${alias}.invalid` }, ...(minimum === null ? [] : [{ source, name: `${alias}.below` }])];
}

/** What `units` reads a source's facts as. */
const factsOf = ({ carrier }: UnitsInput, source: string): string => (source === carrier ? 'x' : factsName(source));

function variableSql(scope: Scope, input: UnitsInput, metric: AliasedMetric, variable: UnitVariable): Sql {
  const raw = (of: UnitVariable) => {
    const measure = of.measures[0]!;
    const counted = ident(factsOf(input, measure.source), input.aliasOf(metric, of));
    // No rows that count are no value, whether or not the unit has others.
    const isCount = measure.aggregate === 'count' || measure.aggregate === 'count_distinct';
    return isCount && measure.whenMissing === 'exclude' ? sql`nullif(${counted}, 0)` : counted;
  };
  const double = (column: Sql) => scope.dialect.double(column, 'FLOAT');
  const column = raw(variable);
  const value =
    variable.transform === 'indicator'
      ? sql`case when ${column} > 0 then 1e0 ${input.idleAreNull(metric) ? sql`` : sql`else 0e0 `}end`
      : !leavesUnitsOut(variable) && !input.idleAreNull(metric)
        ? sql`coalesce(${double(column)}, 0e0)`
        : double(column);
  // A ratio counts a unit only when both of its sides do.
  const required = metric.metric.variables
    .filter((other) => other !== variable && leavesUnitsOut(other))
    .map((other) => sql`${raw(other)} is not null`);
  const after = maturesAfter(metric.metric);
  const mature =
    input.matureOnly && after !== null
      ? [sql`${scope.dialect.plusSeconds(ident('x', 'exposed_at'), after)} <= ${observedUntil(scope)}`]
      : [];
  const conditions = [...mature, ...required];
  return conditions.length === 0 ? value : sql`case when ${and(conditions)} then ${value} end`;
}

/** Which of the slices a unit is in; the number of slices for the rest. */
function sliceIndex({ dialect, source }: Scope, input: UnitsInput): Sql {
  const cases = input.slices.map((slice, i) => {
    const equal = slice.map((value, d) => {
      const name = input.sliceBy[d]!;
      const column = ident('x', `dim_${name}`);
      if (value === null) return sql`${column} is null`;
      const type = dimensionType(source, name);
      // NaN is a slice like any other.
      return sql`${column} ${type === 'FLOAT' ? sql`is not distinct from` : sql`=`} ${dialect.literal(bind(value), type)}`;
    });
    return sql`when ${and(equal)} then ${bind(i)}`;
  });
  const rest = dialect.literal(bind(input.slices.length), 'INTEGER');
  if (cases.length === 0) return rest;
  return sql`case ${join(cases, ' ')} else ${rest} end`;
}
