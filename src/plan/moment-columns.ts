import { isBinary, leavesUnitsOut } from '../metric-types/metric-type.ts';
import { ident, join, type Sql, sql, trusted } from '../sql/sql.ts';
import { as } from '../sql/statement.ts';
import { capName, capped, isCapped, SIDES, type WantedMoments } from './capping.ts';
import type { AliasedMetric } from './measures.ts';
import type { Scope } from './scope.ts';
import { qualityColumns, variableAlias } from './unit-variables.ts';

/** Columns of the answer: the sum of variable i, and of the product of i and j. */
export const sumName = (metric: AliasedMetric, i: number, prefix: string): string =>
  `${variableAlias(metric, metric.metric.variables[i]!)}.${prefix}sum`;
export const productName = (metric: AliasedMetric, i: number, j: number, prefix: string): string =>
  i === j ? `${variableAlias(metric, metric.metric.variables[i]!)}.${prefix}square` : `${metric.alias}.${prefix}cross`;

/** A sum over units: given how a variable of the unit at hand is read, what is added for that unit. */
export type SumOverUnits = (ofUnit: (variable: (i: number) => Sql) => Sql) => Sql;

/** A square of 0 or 1 is itself: its sum is there already. */
export const isIndicator = ({ variables }: AliasedMetric['metric'], pivots: readonly number[]): boolean =>
  variables.length === 1 && isBinary(variables[0]!) && pivots[0] === 0;

/** The pairs of variables whose products are summed. */
function productsOf({ metric, needs, pivots }: WantedMoments): readonly (readonly [number, number])[] {
  const { variables } = metric.metric;
  if (!needs.has('products') || isIndicator(metric.metric, pivots)) return [];
  return variables.flatMap((_, i) => variables.slice(0, i + 1).map((__, j) => [i, j] as const));
}

/** A column of a step, before it is written. */
export interface Column {
  readonly name: string;
  readonly value: Sql;
}

export const asColumns = (columns: readonly Column[]): readonly Sql[] =>
  columns.map(({ name, value }) => as(value, name));

/** Sums and products of a metric's variables, each `cut` before it is shifted by its pivot. */
function sums(
  scope: Scope,
  wanted: WantedMoments,
  { prefix, sum, cut }: { readonly prefix: string; readonly sum: SumOverUnits; cut(i: number, value: Sql): Sql },
): readonly Column[] {
  const { metric, pivots } = wanted;
  const at = (variable: (i: number) => Sql, i: number): Sql => {
    const value = cut(i, variable(i));
    return pivots[i] === 0 ? value : sql`(${value} - ${trusted(scope.dialect.number(pivots[i]!))})`;
  };
  return [
    ...pivots.map((_, i) => ({ name: sumName(metric, i, prefix), value: sum((variable) => at(variable, i)) })),
    ...productsOf(wanted).map(([i, j]) => ({
      name: productName(metric, i, j, prefix),
      value: sum((variable) => sql`${at(variable, i)} * ${at(variable, j)}`),
    })),
  ];
}

/** What is counted and summed over the units as they are (`u`). */
export function plainColumns(scope: Scope, wanted: WantedMoments): readonly Column[] {
  const { metric, needs, measures, everyUnitCounts, columns } = wanted;
  const { alias } = metric;
  const { variables, cap } = metric.metric;
  const first = ident('u', columns[0]!);
  const withValue = leavesUnitsOut(variables[0]!)
    ? sql`count(${first})`
    : sql`count(case when ${first} <> 0e0 then 1 end)`;
  const sum = sumOfColumns(wanted);
  const uncapped = { prefix: cap === null ? '' : 'uncapped_', sum, cut: (_: number, value: Sql) => value };
  return [
    { name: `${alias}.units`, value: everyUnitCounts ? sql`count(*)` : sql`count(${first})` },
    ...(cap === null || needs.has('capping') ? sums(scope, wanted, uncapped) : []),
    ...(needs.has('values') ? [{ name: `${alias}.with_value`, value: withValue }] : []),
    ...(needs.has('quality')
      ? measures
          .flatMap(qualityColumns)
          .map(({ name }) => ({ name: `${alias}.${name}`, value: sql`sum(${ident('u', name)})` }))
      : []),
  ];
}

/** Sums over the rows of `units` (`u`). */
export const sumOfColumns =
  ({ columns }: WantedMoments): SumOverUnits =>
  (ofUnit) =>
    sql`sum(${ofUnit((i) => ident('u', columns[i]!))})`;

/** What is summed and counted over the units as they are after their values were cut; none for a metric without a cap. */
export function cappedColumns(
  scope: Scope,
  wanted: WantedMoments,
  { sum, threshold }: { readonly sum: SumOverUnits; threshold(name: string): Sql },
): readonly Column[] {
  const { metric, needs } = wanted;
  const { cap, variables } = metric.metric;
  if (cap === null) return [];
  const cut = (i: number, value: Sql) => capped(scope.dialect, wanted, i, value, threshold);
  const isCut = (variable: (i: number) => Sql) =>
    join(
      variables.flatMap((_, i) => (isCapped(metric, i) ? [cut(i, variable(i)).isCut] : [])),
      ' or ',
    );
  return [
    ...sums(scope, wanted, { prefix: '', sum, cut: (i, value) => cut(i, value).value }),
    ...(needs.has('capping')
      ? [
          {
            name: `${metric.alias}.capped`,
            value: sum((variable) => sql`case when ${isCut(variable)} then 1e0 else 0e0 end`),
          },
        ]
      : []),
  ];
}

/** The thresholds and the range that the answer repeats, of the columns that hold them. */
export function toldColumns({ metric, needs }: WantedMoments, read: (name: string) => Sql): readonly Column[] {
  const { cap } = metric.metric;
  if (cap === null || !needs.has('capping')) return [];
  const told = [...SIDES.filter((side) => cap[side]?.kind === 'percentile'), 'minimum', 'maximum'] as const;
  return told.map((of) => ({ name: `${metric.alias}.${of}`, value: read(capName(metric, 0, of)) }));
}
