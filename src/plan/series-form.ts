import type { MetricVersion } from '../catalog/catalog.ts';
import { type Measure, maturesAfter } from '../metric-types/metric-type.ts';
import type { SeriesQuestion } from './question.ts';

/**
 * How a metric's values fall into periods. `MATURED`: a unit's whole value belongs to the one period in which it is mature.
 * `RUNNING`: every row belongs to the period in which it happened, and a unit's value changes from period to period.
 */
export type SeriesForm = 'MATURED' | 'RUNNING';

export function seriesForm({
  axis,
  maturity,
  metric,
}: Pick<SeriesQuestion, 'axis' | 'maturity' | 'metric'>): SeriesForm {
  return axis === 'CALENDAR' && maturity === 'REQUIRED' && maturesAfter(metric) !== null ? 'MATURED' : 'RUNNING';
}

/** What a unit's value so far can be told of, given what its rows came to in each period. */
const RUNNING_AGGREGATES: ReadonlySet<Measure['aggregate']> = new Set([
  'sum',
  'count',
  'count_distinct',
  'min',
  'max',
  'avg',
  'first',
  'last',
  'distinct_days',
  'time_to_first',
]);

/** Why a metric has no series in a form, as the rest of a sentence; null: it has one. */
export function seriesRefusal(metric: MetricVersion, form: SeriesForm): string | null {
  if (metric.quantile != null) return 'is a quantile, which does not add up over periods';
  if (form === 'MATURED') return null;
  if (metric.among != null) return 'narrows its units by what they do, and a unit would come and go';
  const measures = metric.variables.flatMap((variable) => variable.measures);
  const odd = measures.find(({ aggregate }) => !RUNNING_AGGREGATES.has(aggregate));
  if (odd !== undefined)
    return `has a ${odd.aggregate}, whose value so far does not follow from those of single periods`;
  if (measures.some(({ exists }) => exists !== undefined))
    return 'looks rows up in another source, which a value so far does not follow from';
  if (metric.cap?.sides === 'both' && metric.variables.length > 1 && hasPercentile(metric))
    return 'caps both its sides at a percentile, of which only one threshold is known';
  return null;
}

/** Whether the values so far are cut to thresholds that must be read before. */
export function needsThresholds(metric: MetricVersion, form: SeriesForm): boolean {
  return form === 'RUNNING' && hasPercentile(metric);
}

function hasPercentile({ cap }: MetricVersion): boolean {
  return cap?.lower?.kind === 'percentile' || cap?.upper?.kind === 'percentile';
}
