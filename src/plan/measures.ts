import type { MetricVersion } from '../catalog/catalog.ts';
import { groupBy } from '../core/group-by.ts';
import type { Measure, UnitVariable, Window } from '../metric-types/metric-type.ts';

/** One metric of a statement under the name its columns have there. */
export interface AliasedMetric {
  readonly alias: string;
  readonly metric: MetricVersion;
}

/** One aggregate of one source that the metrics of a statement need; metrics that need the same share it. */
export interface PlannedMeasure {
  readonly alias: string;
  readonly measure: Measure;
  readonly window: Window | null;
  /** Count rows with an unusable value, or one below the minimum, too. */
  readonly quality: boolean;
}

/** Names columns by metric; a version that is not alone in the statement is named too. Sorted, so that equal sets give equal text. */
export function aliasMetrics(metrics: readonly MetricVersion[]): readonly AliasedMetric[] {
  const distinct = new Map(metrics.map((metric) => [`${metric.metric} ${metric.number}`, metric]));
  const versions = groupBy([...distinct.values()], (metric) => metric.metric);
  return [...distinct.values()]
    .map((metric) => ({
      alias: versions.get(metric.metric)!.length > 1 ? `${metric.metric}.v${metric.number}` : metric.metric,
      metric,
    }))
    .sort((a, b) => (a.alias < b.alias ? -1 : 1));
}

const key = (measure: Measure, window: Window | null) =>
  JSON.stringify([
    measure.source,
    measure.aggregate,
    measure.column?.text ?? null,
    measure.where?.text ?? null,
    window,
    measure.minimum,
  ]);

/** When the rows of a variable count. */
export const windowOf = (metric: MetricVersion, variable: UnitVariable): Window | null =>
  variable.window === undefined ? metric.window : variable.window;

/** The distinct measures of the metrics, by source, in a fixed order; named for the first metric that needs them. */
export function planMeasures(
  metrics: readonly AliasedMetric[],
  quality: (alias: string) => boolean,
): {
  readonly all: readonly PlannedMeasure[];
  aliasOf(metric: AliasedMetric, variable: UnitVariable, part?: number): string;
} {
  const planned = new Map<string, PlannedMeasure>();
  for (const { alias, metric } of metrics) {
    for (const variable of metric.variables) {
      const window = windowOf(metric, variable);
      for (const [part, measure] of variable.measures.entries()) {
        const id = key(measure, window);
        const known = planned.get(id);
        planned.set(id, {
          alias: known?.alias ?? `${alias}.${variable.name}${part === 0 ? '' : `.${part}`}`,
          measure,
          window,
          quality: (known?.quality ?? false) || quality(alias),
        });
      }
    }
  }
  return {
    all: [...planned.values()],
    aliasOf: ({ metric }, variable, part = 0) =>
      planned.get(key(variable.measures[part]!, windowOf(metric, variable)))!.alias,
  };
}
