import type { Cap } from '../metric-types/metric-type.ts';
import type { Dialect } from '../sql/dialect.ts';
import { ident, join, type Sql, sql, trusted } from '../sql/sql.ts';
import { as, list, type Step } from '../sql/statement.ts';
import { summedVariables } from './covariates.ts';
import type { AliasedMetric, PlannedMeasure } from './measures.ts';
import type { MomentNeed } from './question.ts';
import type { Scope } from './scope.ts';

/** What a statement computes of one metric. */
export interface WantedMoments {
  readonly metric: AliasedMetric;
  readonly needs: ReadonlySet<MomentNeed>;
  /** One a summed variable. */
  readonly pivots: readonly number[];
  readonly measures: readonly PlannedMeasure[];
  /** The column of each summed variable in `units`; of a quantile, that of its values. */
  readonly columns: readonly string[];
  /** The column of `units` that is 1 where the unit had rows before its assignment; null: covariates are not asked for. */
  readonly known: string | null;
  /** Where a cap of rows is told of: the column of each of the metric's variables without it, and the measures that it cuts. */
  readonly rowCap?: { readonly uncapped: readonly string[]; readonly measures: readonly PlannedMeasure[] };
  /** No unit is left out for being immature or without a value. */
  readonly everyUnitCounts: boolean;
}

export const SIDES = ['lower', 'upper'] as const;
export type Side = (typeof SIDES)[number];

/** Whether summed variable i is capped. */
export function isCapped({ metric: { metric }, needs }: WantedMoments, i: number): boolean {
  return summedVariables(metric, needs)[i]!.cappedAs !== null;
}

/** Whether a metric's thresholds come from the data. */
export function hasPercentile({ cap }: { readonly cap: Cap | null }): boolean {
  return cap !== null && SIDES.some((side) => cap[side]?.kind === 'percentile');
}

/** Metrics whose thresholds come from the data: their statement keeps the whole population in sight. */
export function readsWholePopulation(metrics: readonly AliasedMetric[]): boolean {
  return metrics.some(({ metric }) => hasPercentile(metric));
}

/** The column that holds a threshold from the data, or the least or largest value, of summed variable i. */
export function capName({ metric, needs }: WantedMoments, i: number, of: Side | 'minimum' | 'maximum'): string {
  return `${metric.alias}.${summedVariables(metric.metric, needs)[i]!.name}.${of}`;
}

/** Whether the least and the largest value of summed variable i are told. */
export function tellsRange({ metric, needs }: WantedMoments, i: number): boolean {
  return metric.metric.cap !== null && needs.has('capping') && i === 0;
}

/** Thresholds over all analysed units of all arms, whatever the slice or the filter; null when no metric has a cap. */
export function capsStep(scope: Scope, wanted: readonly WantedMoments[]): Step | null {
  const columns = wanted.flatMap((one) =>
    one.columns.flatMap((_, i) => {
      const { cap } = one.metric.metric;
      if (cap === null || !isCapped(one, i)) return [];
      const column = ident(one.columns[i]!);
      const counted = cap.zeros === 'include' ? column : sql`case when ${column} <> 0e0 then ${column} end`;
      return [
        ...SIDES.flatMap((side) => {
          const threshold = cap[side];
          return threshold?.kind === 'percentile'
            ? [as(scope.dialect.quantile(counted, threshold.percentile), capName(one, i, side))]
            : [];
        }),
        ...(tellsRange(one, i)
          ? [as(sql`min(${column})`, capName(one, i, 'minimum')), as(sql`max(${column})`, capName(one, i, 'maximum'))]
          : []),
      ];
    }),
  );
  if (columns.length === 0) return null;
  const keys = scope.keys.map((key) => ident(key));
  const group = keys.length === 0 ? sql`` : sql`\ngroup by ${join(keys, ', ')}`;
  return {
    name: 'caps',
    comment: 'thresholds over the analysed units of all arms',
    query: sql`select\n  ${list([...keys, ...columns])}\nfrom units${group}`,
  };
}

/** Summed variable i as it is analysed, cut to its thresholds, and whether it is cut. A null stays null. */
export function capped(
  dialect: Dialect,
  wanted: WantedMoments,
  i: number,
  value: Sql,
  threshold: (name: string) => Sql,
): { readonly value: Sql; readonly isCut: Sql } {
  const { cap } = wanted.metric.metric;
  if (cap === null || !isCapped(wanted, i)) return { value, isCut: sql`false` };
  const bound = (side: Side): Sql | null => {
    const stated = cap[side];
    if (stated === null) return null;
    return stated.kind === 'value' ? trusted(dialect.number(stated.value)) : threshold(capName(wanted, i, side));
  };
  const upper = bound('upper');
  const lower = bound('lower');
  const cuts = [
    ...(upper === null ? [] : [{ when: sql`${value} > ${upper}`, set: upper }]),
    ...(lower === null ? [] : [{ when: sql`${value} < ${lower}`, set: lower }]),
  ];
  return {
    value: sql`case ${join(
      cuts.map((cut) => sql`when ${cut.when} then ${cut.set}`),
      ' ',
    )} else ${value} end`,
    isCut: join(
      cuts.map((cut) => cut.when),
      ' or ',
    ),
  };
}
