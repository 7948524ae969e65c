import { earliest } from '../core/instant.ts';
import { sumOf } from '../core/moments.ts';
import type { Trace } from '../evaluate/trace.ts';
import { isBinary } from '../metric-types/metric-type.ts';
import type { MetricAnomaly } from './anomalies-found.ts';
import { momentsOf } from './arms.ts';
import type { ResultRow } from './result-row.ts';
import type { Severity } from './rules/rule.ts';
import type { Session } from './session.ts';

/** Share of an arm's total from which on one unit is told. */
export const SHARES: readonly (readonly [number, Severity])[] = [
  [0.25, 'CRITICAL'],
  [0.1, 'WARNING'],
  [0.05, 'INFO'],
];
/** Among fewer units with a value a large share is no surprise. */
export const FEWEST_UNITS = 50;
/** Times the mean of the units with a value: of a thousand exponential values one is 7 times as large, of log-normal ones (σ = 1) 15 times. */
export const LARGEST = 25;

/**
 * Units that make up an extreme share of their arm's total, of means whose values are not negative: at least a twentieth, and 25
 * times the mean of the units that have a value.
 */
export async function largestUnits(session: Session, row: ResultRow, trace?: Trace): Promise<readonly MetricAnomaly[]> {
  const { metric, experiment, analysis } = row;
  if (metric.type !== 'MEAN' || isBinary(metric.variables[0]!)) return [];
  const arms = await momentsOf(session, row, ['values', 'shape'], trace);
  const startAt = earliest(experiment.start, analysis.asOf)!;
  return arms.flatMap(({ variant: key, moments, shape, unitsWithValue }): readonly MetricAnomaly[] => {
    const total = sumOf(moments);
    if (shape?.largest == null || !((shape.smallest ?? 0) >= 0) || !(total > 0)) return [];
    const units = unitsWithValue ?? 0;
    const share = shape.largest / total;
    const severity = SHARES.find(([least]) => share >= least)?.[1];
    if (severity === undefined || units < FEWEST_UNITS || share * units < LARGEST) return [];
    const variant = experiment.variants.find((one) => one.key === key)!;
    const percent = Number((100 * share).toPrecision(3));
    return [
      {
        ...{ kind: 'OUTLIER_UNIT', scope: 'VARIANT', severity, metric, variant, startAt, endAt: null },
        ...{ observed: shape.largest, expected: null, score: share },
        message: `One unit makes up ${percent} % of the total of "${metric.metric}" in variant "${key}", ${Math.round(share * units)} times the mean of the ${units} units with a value.`,
      },
    ];
  });
}
