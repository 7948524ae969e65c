import { earliest, secondsBetween } from '../core/instant.ts';
import type { Trace } from '../evaluate/trace.ts';
import { leavesUnitsOut } from '../metric-types/metric-type.ts';
import { METRIC_KINDS } from '../metric-types/registry.ts';
import { scaledImpact } from '../statistics/power/scaled-impact.ts';
import { momentsOf } from './arms.ts';
import { compare, differenceOf } from './comparison.ts';
import { type Estimate, unknownEstimate } from './estimate.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';

const DAY = 86_400;

/**
 * What all units that the experiment's variants are exposed in a day gain together, if every one of them is treated: the headline
 * difference times units a day, over all variants, from the start to asOf or the end of enrolment. Traffic outside the experiment
 * is not known to the catalog and not counted. A ratio's or quantile's difference is not per unit, and without a start there are
 * no days: NOT_APPLICABLE.
 */
export async function scaledImpactOf(session: Session, row: ResultRow, trace?: Trace): Promise<Estimate> {
  const { experiment, metric, analysis } = row;
  const [comparison, answer] = await Promise.all([
    compare(session, row, trace),
    momentsOf(session, row, ['products'], trace),
  ]);
  const { estimator } = METRIC_KINDS[metric.type];
  const until = earliest(analysis.asOf, experiment.end);
  const days = experiment.start === null || until === null ? 0 : secondsBetween(experiment.start, until) / DAY;
  if (estimator !== 'MEAN' || !(days > 0)) return unknownEstimate('NOT_APPLICABLE');
  const { value, standardError, interval, pValue, unknown } = differenceOf(comparison);
  if (value === null || standardError === null || interval === null)
    return unknownEstimate(unknown ?? 'NOT_APPLICABLE');
  const left = metric.variables.some(leavesUnitsOut);
  const units = answer
    .filter(({ slice }) => slice === (row.slice?.index ?? 0))
    .reduce((sum, { exposed, moments }) => sum + (left ? moments.units : exposed), 0);
  const impact = scaledImpact(
    { difference: value, standardError, interval },
    { type: metric.type, units, share: 1, days },
  );
  if (!impact.ok) return unknownEstimate(impact.reason);
  return { value: impact.value, standardError: impact.standardError, interval: impact.interval, pValue, unknown: null };
}
