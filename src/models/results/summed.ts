import { PIVOT_DIGITS } from '../../evaluate/conditioning.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { ident, type Sql, sql, trusted } from '../../sql/sql.ts';
import { as } from '../../sql/statement.ts';
import { isCapped, type Measured } from './measured.ts';

/**
 * What sums are taken of, by the columns of `metric_calculations`: the value, the denominator, both before the assignment, and
 * whether the unit had no rows before.
 */
export const SUMMED = ['value', 'denominator', 'value_before', 'denominator_before', 'missing'] as const;
export type Summed = (typeof SUMMED)[number];

/** Most variables of one metric: those of a ratio, the same before, and who has none. */
export const MOST_VARIABLES = SUMMED.length;

/** The column of each of a metric's variables, in their order. */
export function layoutOf({ metric, variables }: Measured): readonly Summed[] {
  const own: readonly Summed[] = metric.variables.length > 1 ? ['value', 'denominator'] : ['value'];
  const before: readonly Summed[] = own.map((name) => (name === 'value' ? 'value_before' : 'denominator_before'));
  return [...own, ...before, 'missing' as const].slice(0, variables.length);
}

/** Whether an indicator tells units without rows before. */
export const hasIndicator = (one: Measured): boolean => layoutOf(one).includes('missing');

export const hasCovariate = (one: Measured): boolean => layoutOf(one).includes('value_before');

/** Pairs of columns whose products some metric needs, the later first. */
export function pairsOf(all: readonly Measured[]): readonly (readonly [Summed, Summed])[] {
  const layouts = all.map(layoutOf);
  return SUMMED.flatMap((later, i) =>
    SUMMED.slice(0, i + 1).flatMap((earlier) =>
      layouts.some((layout) => layout.includes(later) && layout.includes(earlier)) ? [[later, earlier] as const] : [],
    ),
  );
}

/** Columns that some metric has. */
export const columnsOf = (all: readonly Measured[]): readonly Summed[] =>
  SUMMED.filter((name) => all.some((one) => layoutOf(one).includes(name)));

export const sumColumn = (name: Summed): string => `sum_${name}`;
export const productColumn = (later: Summed, earlier: Summed): string => `product_${later}_${earlier}`;

/** Names of all columns that rows of sums have besides their keys. */
export const sumNames = (all: readonly Measured[]): readonly string[] => [
  'rows',
  'with_before',
  'capped',
  ...columnsOf(all).map(sumColumn),
  ...pairsOf(all).map(([later, earlier]) => productColumn(later, earlier)),
];

/** Columns that a cap may cut and of which the sums are told as they were, too: not those of before. */
const uncappedColumns = (all: readonly Measured[]): readonly Summed[] =>
  columnsOf(all.filter(isCapped)).filter((name) => name === 'value' || name === 'denominator');

export const uncapped = (name: string): string => `uncapped_${name}`;

/** Names of the columns of sums before capping; none where no metric is capped. */
export function uncappedNames(all: readonly Measured[]): readonly string[] {
  const names = uncappedColumns(all);
  const pairs = names.flatMap((later, i) => names.slice(0, i + 1).map((earlier) => productColumn(later, earlier)));
  return [...names.map(sumColumn), ...pairs].map(uncapped);
}

/** The same over rows, in the order of `uncappedNames`. */
export function uncappedSums(all: readonly Measured[], at: (name: Summed) => Sql): readonly Sql[] {
  const names = uncappedColumns(all);
  const products = names.flatMap((later, i) =>
    names.slice(0, i + 1).map((earlier) => sql`${at(later)} * ${at(earlier)}`),
  );
  return [...names.map(at), ...products].map((value, i) => as(sql`sum(${value})`, uncappedNames(all)[i]!));
}

/** Sums over rows of `metric_calculations` (`r`); `at`: a column less its pivot, as it is analysed. */
export function sumsOver(all: readonly Measured[], at: (name: Summed) => Sql, isCut: Sql | null): readonly Sql[] {
  return [
    as(sql`count(*)`, 'rows'),
    as(all.some(hasCovariate) ? sql`sum(${ident('r', 'known_before')})` : sql`0`, 'with_before'),
    as(isCut === null ? sql`0` : sql`count(case when ${isCut} then 1 end)`, 'capped'),
    ...columnsOf(all).map((name) => as(sql`sum(${at(name)})`, sumColumn(name))),
    ...pairsOf(all).map(([later, earlier]) =>
      as(sql`sum(${at(later)} * ${at(earlier)})`, productColumn(later, earlier)),
    ),
  ];
}

/** A column of a row as it stands, about 0. */
export function plainly(name: Summed): Sql {
  return name === 'missing' ? sql`(1e0 - ${ident('r', 'known_before')})` : ident('r', name);
}

/** That a row's unit counts. */
export const COUNTS = sql`r."mature" and r."value" is not null`;

/** What makes a number's significant digits, as many as engines that add in other orders agree on, a whole number. */
export const scaleOf = (value: Sql): Sql =>
  sql`power(10e0, ${PIVOT_PLACES} - floor(log10(abs(nullif(${value}, 0e0)))))`;

/** A number in so many significant digits. */
export function rounded(value: Sql, scale: Sql, dialect: Dialect): Sql {
  return sql`case when ${value} = 0e0 then 0e0 when ${dialect.isFinite(scale)} and ${scale} > 0e0 then round(${value} * ${scale}) / ${scale} else ${value} end`;
}

/** Digits behind the first. */
const PIVOT_PLACES = trusted(`${PIVOT_DIGITS - 1}e0`);
