import type { Cap } from '../metric-types/metric-type.ts';
import type { Dialect } from '../sql/dialect.ts';
import { ident, join, type Sql, sql, trusted } from '../sql/sql.ts';
import { as, list, type Step } from '../sql/statement.ts';
import type { AliasedMetric, PlannedMeasure } from './measures.ts';
import type { MomentNeed } from './question.ts';
import type { Scope } from './scope.ts';
import { variableAlias } from './unit-variables.ts';

/** What a statement computes of one metric. */
export interface WantedMoments {
  readonly metric: AliasedMetric;
  readonly needs: ReadonlySet<MomentNeed>;
  /** One a variable. */
  readonly pivots: readonly number[];
  readonly measures: readonly PlannedMeasure[];
  /** The column of each variable in `units`. */
  readonly columns: readonly string[];
  /** No unit is left out for being immature or without a value. */
  readonly everyUnitCounts: boolean;
}

export const SIDES = ['lower', 'upper'] as const;
export type Side = (typeof SIDES)[number];

/** Whether variable i of a metric is capped. */
export function isCapped({ metric }: AliasedMetric, i: number): boolean {
  return metric.cap !== null && (i === 0 || metric.cap.sides === 'both');
}

/** Whether a metric's thresholds come from the data. */
export function hasPercentile({ cap }: { readonly cap: Cap | null }): boolean {
  return cap !== null && SIDES.some((side) => cap[side]?.kind === 'percentile');
}

/** Metrics whose thresholds come from the data: their statement keeps the whole population in sight. */
export function readsWholePopulation(metrics: readonly AliasedMetric[]): boolean {
  return metrics.some(({ metric }) => hasPercentile(metric));
}

/** The column that holds a threshold from the data, or the least or largest value, of variable i. */
export function capName(metric: AliasedMetric, i: number, of: Side | 'minimum' | 'maximum'): string {
  return `${variableAlias(metric, metric.metric.variables[i]!)}.${of}`;
}

/** Whether the least and the largest value of variable i are told. */
export function tellsRange({ metric, needs }: WantedMoments, i: number): boolean {
  return metric.metric.cap !== null && needs.has('capping') && i === 0;
}

/** Thresholds over all analysed units of all arms, whatever the slice or the filter; null when no metric has a cap. */
export function capsStep(scope: Scope, wanted: readonly WantedMoments[]): Step | null {
  const columns = wanted.flatMap((one) =>
    one.metric.metric.variables.flatMap((_, i) => {
      const { cap } = one.metric.metric;
      if (cap === null || !isCapped(one.metric, i)) return [];
      const column = ident(one.columns[i]!);
      const counted = cap.zeros === 'include' ? column : sql`case when ${column} <> 0e0 then ${column} end`;
      return [
        ...SIDES.flatMap((side) => {
          const threshold = cap[side];
          return threshold?.kind === 'percentile'
            ? [as(scope.dialect.quantile(counted, threshold.percentile), capName(one.metric, i, side))]
            : [];
        }),
        ...(tellsRange(one, i)
          ? [
              as(sql`min(${column})`, capName(one.metric, i, 'minimum')),
              as(sql`max(${column})`, capName(one.metric, i, 'maximum')),
            ]
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

/** Variable i of a metric as it is analysed, cut to its thresholds, and whether it is cut. A null stays null. */
export function capped(
  dialect: Dialect,
  { metric }: WantedMoments,
  i: number,
  value: Sql,
  threshold: (name: string) => Sql,
): { readonly value: Sql; readonly isCut: Sql } {
  const { cap } = metric.metric;
  if (cap === null || !isCapped(metric, i)) return { value, isCut: sql`false` };
  const bound = (side: Side): Sql | null => {
    const stated = cap[side];
    if (stated === null) return null;
    return stated.kind === 'value' ? trusted(dialect.number(stated.value)) : threshold(capName(metric, i, side));
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
