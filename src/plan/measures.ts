import type { MetricVersion } from '../catalog/catalog.ts';
import { groupBy } from '../core/group-by.ts';
import { existenceKey, measureKey } from '../metric-types/measure-key.ts';
import {
  type Cap,
  type Measure,
  type MetricShape,
  ranksNonZeros,
  type UnitVariable,
  type Window,
} from '../metric-types/metric-type.ts';

/** One metric of a statement under the name its columns have there. */
export interface AliasedMetric {
  readonly alias: string;
  /** Without a cap of rows: its measures have that. */
  readonly metric: MetricVersion;
  readonly rowCap?: Cap;
}

/** One aggregate of one source that the metrics of a statement need; metrics that need the same share it. */
export interface PlannedMeasure {
  readonly alias: string;
  readonly measure: Measure;
  readonly window: Window | null;
  /** Count rows with an unusable value, or one below the minimum, too. */
  readonly quality: boolean;
  /** Tell what a cap of rows took away, too. */
  readonly tellsCut?: boolean;
  /** Of a sum: amounts that take each other away leave exactly 0, as a metric tells values that are 0 from the others. */
  readonly settles?: boolean;
  /** The column of the source's rows that tells whether the other source has one. */
  readonly exists?: string;
}

/** Names columns by metric; a version that is not alone in the statement is named too. Sorted, so that equal sets give equal text. */
export function aliasMetrics(metrics: readonly MetricVersion[]): readonly AliasedMetric[] {
  const distinct = new Map(metrics.map((metric) => [`${metric.metric} ${metric.number}`, metric]));
  const versions = groupBy([...distinct.values()], (metric) => metric.metric);
  return [...distinct.values()]
    .map((metric) => ({
      alias: versions.get(metric.metric)!.length > 1 ? `${metric.metric}.v${metric.number}` : metric.metric,
      ...(metric.cap?.per === 'event' ? { metric: { ...metric, cap: null }, rowCap: metric.cap } : { metric }),
    }))
    .sort((a, b) => (a.alias < b.alias ? -1 : 1));
}

const key = (measure: Measure, window: Window | null) =>
  JSON.stringify([measureKey(measure), window && [window.delay, window.length]]);

/** When the rows of a variable count. */
export const windowOf = (metric: MetricVersion, variable: UnitVariable): Window | null =>
  variable.window === undefined ? metric.window : variable.window;

/** The rows that narrow a metric's units, as a variable; none where all units count. */
export function amongVariable({ among }: MetricShape): UnitVariable | null {
  if (among == null) return null;
  return { name: 'among', measures: [among.measure], transform: 'indicator', window: among.window };
}

/**
 * The distinct measures of the metrics, by source, in a fixed order; named for the first metric that needs them. `more`:
 * variables of a metric besides its own.
 */
export function planMeasures(
  metrics: readonly AliasedMetric[],
  quality: (alias: string) => boolean,
  more: (metric: AliasedMetric) => readonly UnitVariable[] = () => [],
  tellsCut: (alias: string) => boolean = () => false,
): {
  readonly all: readonly PlannedMeasure[];
  aliasOf(metric: AliasedMetric, variable: UnitVariable, part?: number): string;
} {
  const planned = new Map<string, PlannedMeasure>();
  const conditions = new Map<string, string>();
  /** Where the window is open, the other source's rows end with the experiment as well. */
  const existsAs = ({ source, exists }: Measure, window: Window | null, alias: string): string => {
    const id = JSON.stringify([source, existenceKey(exists!), window?.length == null]);
    const name = conditions.get(id) ?? `${alias}.exists`;
    conditions.set(id, name);
    return name;
  };
  for (const one of metrics) {
    const { alias, metric } = one;
    const among = amongVariable(metric);
    for (const variable of [...metric.variables, ...(among === null ? [] : [among]), ...more(one)]) {
      const window = windowOf(metric, variable);
      for (const [part, measure] of variable.measures.entries()) {
        const id = key(measure, window);
        const known = planned.get(id);
        const name = known?.alias ?? `${alias}.${variable.name}${part === 0 ? '' : `.${part}`}`;
        const isCut = measure.rowCap !== undefined && metric.variables.includes(variable);
        planned.set(id, {
          alias: name,
          measure,
          window,
          quality: (known?.quality ?? false) || (metric.variables.includes(variable) && quality(alias)),
          ...(known?.settles || (measure.aggregate === 'sum' && ranksNonZeros(metric.cap)) ? { settles: true } : {}),
          ...(known?.tellsCut || (isCut && tellsCut(alias)) ? { tellsCut: true } : {}),
          ...(measure.exists === undefined ? {} : { exists: existsAs(measure, window, name) }),
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
