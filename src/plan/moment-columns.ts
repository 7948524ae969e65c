import { leavesUnitsOut } from '../metric-types/metric-type.ts';
import { ident, join, type Sql, sql, trusted } from '../sql/sql.ts';
import { as } from '../sql/statement.ts';
import { capName, capped, isCapped, SIDES, type WantedMoments } from './capping.ts';
import { summedVariables } from './covariates.ts';
import type { AliasedMetric } from './measures.ts';
import { rowCapNames } from './row-caps.ts';
import type { Scope } from './scope.ts';
import { missingValue, qualityColumns } from './unit-variables.ts';

/** What is asked for of one metric, as far as it names the columns of its answer. */
type Named = Pick<WantedMoments, 'metric' | 'needs' | 'pivots'>;

/** Columns of the answer: the sum of summed variable i, and of the product of i and j, j ≤ i. */
export function sumName({ metric, needs }: Named, i: number, prefix: string): string {
  return `${metric.alias}.${summedVariables(metric.metric, needs)[i]!.name}.${prefix}sum`;
}

export function productName(named: Named, i: number, j: number, prefix: string): string {
  const { metric, needs } = named;
  const variables = summedVariables(metric.metric, needs);
  if (i === j)
    return isOwnSquare(named, i) ? sumName(named, i, prefix) : `${metric.alias}.${variables[i]!.name}.${prefix}square`;
  return i < metric.metric.variables.length
    ? `${metric.alias}.${prefix}cross`
    : `${metric.alias}.${variables[j]!.name} by ${variables[i]!.name}`;
}

/** The variables that sums are taken of: `all`, or the metric's own. */
export function indicesOf({ metric, pivots }: Named, of: 'all' | 'own'): readonly number[] {
  return pivots.map((_, i) => i).slice(0, of === 'all' ? undefined : metric.metric.variables.length);
}

/** A sum over units: given how a variable of the unit at hand is read, what is added for that unit. */
export type SumOverUnits = (ofUnit: (variable: (i: number) => Sql) => Sql) => Sql;

/** A square of 0 or 1 is itself: its sum is there already. */
const isOwnSquare = ({ metric, needs, pivots }: Named, i: number): boolean =>
  pivots[i] === 0 && summedVariables(metric.metric, needs)[i]!.isBinary;

/** Whether the products of a metric's own variables are summed; those with covariates are where covariates are asked for. */
export const hasProducts = ({ needs }: Named): boolean => needs.has('products') || needs.has('covariates');

/** The pairs of variables whose products are summed. */
function productsOf(wanted: WantedMoments, indices: readonly number[]): readonly (readonly [number, number])[] {
  if (!hasProducts(wanted)) return [];
  return indices
    .flatMap((i) => indices.slice(0, i + 1).map((j) => [i, j] as const))
    .filter(([i, j]) => i !== j || !isOwnSquare(wanted, i));
}

/** A column of a step, before it is written. */
export interface Column {
  readonly name: string;
  readonly value: Sql;
}

export const asColumns = (columns: readonly Column[]): readonly Sql[] =>
  columns.map(({ name, value }) => as(value, name));

interface Summing {
  readonly prefix: string;
  readonly of: 'all' | 'own';
  readonly sum: SumOverUnits;
  cut(i: number, value: Sql): Sql;
}

/** Sums and products of a metric's variables, each `cut` before it is shifted by its pivot. */
function sums(scope: Scope, wanted: WantedMoments, { prefix, of, sum, cut }: Summing): readonly Column[] {
  const { metric, needs, pivots } = wanted;
  const summed = summedVariables(metric.metric, needs);
  const indices = indicesOf(wanted, of);
  const at = (variable: (i: number) => Sql, i: number): Sql => {
    const { isComplement, knownBy } = summed[i]!;
    const value = isComplement ? sql`(1e0 - ${variable(i)})` : cut(i, variable(i));
    if (pivots[i] === 0) return value;
    const shifted = sql`(${value} - ${trusted(scope.dialect.number(pivots[i]!))})`;
    return knownBy === null ? shifted : sql`(${shifted} * ${variable(knownBy)})`;
  };
  return [
    ...indices.map((i) => ({ name: sumName(wanted, i, prefix), value: sum((variable) => at(variable, i)) })),
    ...productsOf(wanted, indices).map(([i, j]) => ({
      name: productName(wanted, i, j, prefix),
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
    : sql`count(case when ${first} <> ${trusted(scope.dialect.number(missingOf(metric)))} then 1 end)`;
  const sum = sumOfColumns(wanted);
  const plain = { sum, cut: (_: number, value: Sql) => value };
  const own: Summing =
    cap === null ? { ...plain, prefix: '', of: 'all' } : { ...plain, prefix: 'uncapped_', of: 'own' };
  return [
    { name: `${alias}.units`, value: everyUnitCounts ? sql`count(*)` : sql`count(${first})` },
    ...(cap === null || needs.has('capping') ? sums(scope, wanted, own) : []),
    ...(wanted.known === null ? [] : [{ name: `${alias}.with_before`, value: sql`sum(${ident('u', wanted.known)})` }]),
    ...(cap === null ? shapeColumns(scope, wanted, { ...plain, extreme: extremeOfColumn(wanted) }) : []),
    ...rowCapSums(scope, wanted),
    ...(needs.has('values') ? [{ name: `${alias}.with_value`, value: withValue }] : []),
    ...(needs.has('quality')
      ? measures
          .flatMap(qualityColumns)
          .map(({ name }) => ({ name: `${alias}.${name}`, value: sql`sum(${ident('u', name)})` }))
      : []),
  ];
}

/** What variable 0 is of a unit without rows. */
export function missingOf(metric: AliasedMetric): number {
  const variable = metric.metric.variables[0]!;
  const isNumber = variable.transform === 'identity' && variable.combine === undefined;
  return (isNumber ? missingValue(metric, variable, variable.measures[0]!) : null) ?? 0;
}

/** What a cap of rows took away from the units that count, where it is told of. */
function rowCapSums(scope: Scope, wanted: WantedMoments): readonly Column[] {
  const { rowCap, metric, columns } = wanted;
  if (rowCap === undefined) return [];
  const { uncapped, measures } = rowCap;
  const sum = sumOfColumns({ ...wanted, columns: uncapped });
  const counts = sql`${ident('u', columns[0]!)} is not null`;
  const of = measures.map(rowCapNames);
  const isCut = join(
    of.map(({ cut }) => sql`${ident('u', cut)} > 0`),
    ' or ',
  );
  const among = (name: string) => sql`case when ${counts} then ${ident('u', name)} end`;
  return [
    ...sums(scope, wanted, { prefix: 'uncapped_', of: 'own', sum, cut: (_, value) => value }),
    { name: `${metric.alias}.capped`, value: sql`count(case when ${counts} and (${isCut}) then 1 end)` },
    { name: `${metric.alias}.minimum`, value: sql`min(${among(of[0]!.least)})` },
    { name: `${metric.alias}.maximum`, value: sql`max(${among(of[0]!.greatest)})` },
  ];
}

/** The least or the largest value of variable 0, each cut as it is analysed. */
export type Extreme = (of: 'min' | 'max', cut: (value: Sql) => Sql) => Sql;

/** Over the rows of `units` (`u`). */
export const extremeOfColumn =
  ({ columns }: WantedMoments): Extreme =>
  (of, cut) =>
    sql`${trusted(of)}(${cut(ident('u', columns[0]!))})`;

/** How the values of variable 0 are spread, where it is asked for. */
function shapeColumns(
  { dialect }: Scope,
  { metric, needs, pivots }: WantedMoments,
  { sum, cut, extreme }: Pick<Summing, 'sum' | 'cut'> & { readonly extreme: Extreme },
): readonly Column[] {
  if (!needs.has('shape')) return [];
  const from = (value: Sql) => (pivots[0] === 0 ? value : sql`(${value} - ${trusted(dialect.number(pivots[0]!))})`);
  const cube = (value: Sql) => sql`${value} * ${value} * ${value}`;
  return [
    { name: `${metric.alias}.cubes`, value: sum((variable) => cube(from(cut(0, variable(0))))) },
    { name: `${metric.alias}.smallest`, value: extreme('min', (value) => cut(0, value)) },
    { name: `${metric.alias}.largest`, value: extreme('max', (value) => cut(0, value)) },
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
  { sum, extreme, threshold }: { readonly sum: SumOverUnits; readonly extreme: Extreme; threshold(name: string): Sql },
): readonly Column[] {
  const { metric, needs } = wanted;
  if (metric.metric.cap === null) return [];
  const cut = (i: number, value: Sql) => capped(scope.dialect, wanted, i, value, threshold);
  const isCut = (variable: (i: number) => Sql) =>
    join(
      indicesOf(wanted, 'own').flatMap((i) => (isCapped(wanted, i) ? [cut(i, variable(i)).isCut] : [])),
      ' or ',
    );
  return [
    ...sums(scope, wanted, { prefix: '', of: 'all', sum, cut: (i, value) => cut(i, value).value }),
    ...shapeColumns(scope, wanted, { sum, extreme, cut: (i, value) => cut(i, value).value }),
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
export function toldColumns(wanted: WantedMoments, read: (name: string) => Sql): readonly Column[] {
  const { metric, needs } = wanted;
  const { cap } = metric.metric;
  if (cap === null || !needs.has('capping')) return [];
  const told = [...SIDES.filter((side) => cap[side]?.kind === 'percentile'), 'minimum', 'maximum'] as const;
  return told.map((of) => ({ name: `${metric.alias}.${of}`, value: read(capName(wanted, 0, of)) }));
}
