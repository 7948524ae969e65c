import type { Catalog } from '../../catalog/catalog.ts';
import { groupBy } from '../../core/group-by.ts';
import type { Cap, Seconds } from '../../metric-types/metric-type.ts';
import { leavesUnitsOut, maturesAfter } from '../../metric-types/metric-type.ts';
import { hasPercentile } from '../../plan/capping.ts';
import { type SummedVariable, summedVariables } from '../../plan/covariates.ts';
import { assignmentSource } from '../../plan/scope.ts';
import { bind, ident, join, type Sql, sql } from '../../sql/sql.ts';
import { type DeclaredMetric, declaredMetrics, modelledExperiments } from '../declared.ts';

/** A metric of an experiment, and how its moments are made. */
export interface Measured extends DeclaredMetric {
  /** Of the units' totals; a cap of rows is in the values already. */
  readonly cap: Cap | null;
  /** What sums are taken of; none of a quantile. */
  readonly variables: readonly SummedVariable[];
  /** Seconds from exposure until a unit counts; null: at once. */
  readonly after: Seconds | null;
  /** Whether units without rows count. */
  readonly countsIdle: boolean;
}

/** Every metric of every experiment in the models, in declared order. */
export function measuredMetrics(catalog: Catalog): readonly Measured[] {
  return modelledExperiments(catalog).flatMap((experiment) => {
    const timed = assignmentSource(catalog, experiment).timestamp !== null;
    return declaredMetrics(catalog, experiment).map((declared) => {
      const { metric } = declared;
      const cap = metric.cap?.per === 'event' ? null : metric.cap;
      const shape = { ...metric, cap, covariate: timed ? (metric.covariate ?? null) : null };
      return {
        ...declared,
        cap,
        variables: summedVariables(shape, new Set(['covariates'])),
        after: maturesAfter(metric),
        countsIdle: metric.among == null && !metric.variables.some(leavesUnitsOut),
      };
    });
  });
}

/** Whether a quantile of the metric is read from its units' values. */
export const isQuantileOfUnits = ({ metric: { quantile } }: Measured): boolean =>
  quantile?.over === 'units' && quantile.method === 'exact';

/** Whether `metric_moments` has the metric: quantiles of events are not read from values of units, nor approximate ones exactly. */
export const hasMoments = (one: Measured): boolean => one.metric.quantile == null || isQuantileOfUnits(one);

/** Whether the values are cut to thresholds. */
export const isCapped = ({ cap }: Measured): boolean => cap !== null;

/** Whether idle units take part in a threshold that is a percentile. */
export const ranksZeros = ({ cap }: Measured): boolean => cap?.zeros === 'include' && hasPercentile({ cap });

/** That a row of `metric_calculations` is of one of some metrics. */
export function isOneOf(all: readonly Measured[], some: readonly Measured[], alias: string): Sql {
  const column = (name: string) => ident(alias, name);
  const texts = (names: readonly string[]) =>
    join(
      names.map((name) => bind(name)),
      ', ',
    );
  const everywhere: string[] = [];
  const apart: Sql[] = [];
  for (const [name, own] of groupBy(some, ({ metric }) => metric.metric)) {
    if (own.length === all.filter(({ metric }) => metric.metric === name).length) everywhere.push(name);
    else
      apart.push(
        sql`(${column('metric')} = ${bind(name)} and ${column('experiment')} in (${texts(own.map(({ experiment }) => experiment.key))}))`,
      );
  }
  const named = everywhere.length === 0 ? [] : [sql`${column('metric')} in (${texts(everywhere)})`];
  return sql`(${join([...named, ...apart], ' or ')})`;
}
