import type { MetricVersion } from '../catalog/catalog.ts';
import { type Cap, leavesUnitsOut, type Threshold } from '../metric-types/metric-type.ts';
import type { ResultRow } from './result-row.ts';

/** What a line estimates, in words: of whom, of what, in which window, capped how. */
export function estimandOf({ metric, analysis, slice, sliceBy, where }: ResultRow): string {
  const { window, cap, type, variables } = metric;
  const left = variables.some(leavesUnitsOut);
  const who = `exposed units${amongWords(metric)}${left ? ' that have a value' : ''}`;
  const mature = window?.length == null || analysis.maturity === 'ALL' ? who : `mature ${who}`;
  const what = {
    MEAN: `mean of ${metric.metric} per unit`,
    PROPORTION: `share of units with ${metric.metric}`,
    RATIO: `${metric.metric}, a ratio of totals`,
    QUANTILE: quantileWords(metric),
    RETENTION: `share of units with ${metric.metric}`,
    FUNNEL: `share of units that took every step of ${metric.metric}`,
    PARTICIPATION: `mean days with ${metric.metric} per unit`,
  }[type];
  return [
    `${what}, over ${mature}`,
    ...(window === null
      ? []
      : [
          window.length === null
            ? `from ${hours(window.delay)} after exposure`
            : `in the ${hours(window.length)} from ${window.delay === 0 ? 'exposure' : `${hours(window.delay)} after exposure`}`,
        ]),
    ...(cap === null ? [] : [capWords(cap)]),
    ...(slice === null ? [] : [`in one slice by ${sliceBy.join(' and ')}`]),
    ...(where === null ? [] : ['of the units asked for']),
  ].join(', ');
}

function amongWords({ among }: MetricVersion): string {
  if (among == null) return '';
  return ` with a qualifying row ${among.postTreatment ? 'in the window' : `in the ${hours(among.window.length!)} before`}`;
}

function quantileWords({ metric, quantile }: MetricVersion): string {
  const of = quantile?.over === 'events' ? `the values of all events of ${metric}` : `${metric} per unit`;
  return `quantile ${quantile?.probability} of ${of}${quantile?.method === 'approximate' ? ', to 0.1 %' : ''}`;
}

const hours = (seconds: number) => `${Number((seconds / 3600).toPrecision(6))} h`;

function capWords(cap: Cap): string {
  const whose = cap.per === 'event' ? 'each row ' : '';
  const of = (threshold: Threshold) =>
    threshold.kind === 'value'
      ? String(threshold.value)
      : `its ${Number((100 * threshold.percentile).toPrecision(6))}th percentile${cap.zeros === 'include' ? ', zeros included' : ' of the values other than zero'}`;
  return [
    ...(cap.lower === null ? [] : [`${whose}raised to ${of(cap.lower)}`]),
    ...(cap.upper === null ? [] : [`${whose}capped at ${of(cap.upper)}`]),
  ].join(' and ');
}
