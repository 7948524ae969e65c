import type { Experiment, Variant } from '../catalog/catalog.ts';
import type { Trace } from '../evaluate/trace.ts';
import { measuresOf } from '../metric-types/metric-type.ts';
import { factSource } from '../plan/scope.ts';
import { resolveAnalysis } from './analysis.ts';
import { type DailySeries, dailySeriesOf } from './anomalies-daily.ts';
import { type Finding, findAnomalies } from './anomalies-detect.ts';
import { ANOMALY_KINDS, type AnomalyKind, type MetricAnomaly } from './anomalies-found.ts';
import { largestUnits } from './anomalies-units.ts';
import { type ResultRow, resultRows } from './result-row.ts';
import { SEVERITIES, type Severity } from './rules/rule.ts';
import { requireTimestamps, type Session } from './session.ts';

export interface AnomalyOptions {
  /** null: all. */
  readonly kinds: readonly AnomalyKind[] | null;
  readonly minSeverity: Severity;
  readonly asOf: string | null;
}

/**
 * What is unusual in an experiment's metrics, day by day, newest first: in all variants together, and in single variants on days
 * on which all together are as usual. Days that are not over at asOf are left out, and so are metrics without daily values or
 * whose rows have no times.
 */
export async function anomaliesOf(
  session: Session,
  experiment: Experiment,
  { kinds, minSeverity, asOf }: AnomalyOptions,
  trace?: Trace,
): Promise<readonly MetricAnomaly[]> {
  requireTimestamps(session, experiment, 'A series over time');
  const wants = (kind: AnomalyKind) => kinds?.includes(kind) ?? true;
  const analysis = resolveAnalysis(session, experiment, { asOf });
  const rows = await resultRows(session, experiment, analysis, {}, trace);
  const metrics = [...new Map(rows.map((row) => [row.metric.metric, row])).values()];
  const timed = metrics.filter(({ metric }) =>
    measuresOf(metric).every(({ source }) => factSource(session.catalog, source).timestamp !== null),
  );
  const daily = ANOMALY_KINDS.some((kind) => kind !== 'OUTLIER_UNIT' && wants(kind)) ? timed : [];
  const found = await Promise.all([
    ...daily.map(async (row) => ofDays(row, (await dailySeriesOf(session, row, trace)) ?? [])),
    ...(wants('OUTLIER_UNIT') ? metrics : []).map((row) => largestUnits(session, row, trace)),
  ]);
  const least = SEVERITIES.indexOf(minSeverity);
  return found
    .flat()
    .filter(({ kind, severity }) => wants(kind) && SEVERITIES.indexOf(severity) >= least)
    .sort((a, b) => compare(orderOf(b), orderOf(a)) || compare(keyOf(a), keyOf(b)));
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const orderOf = ({ startAt }: MetricAnomaly) => startAt;
/** What tells an anomaly from the others of its list. */
export const keyOf = ({ kind, scope, metric, variant, startAt }: MetricAnomaly): string =>
  JSON.stringify([metric.metric, scope, variant?.key ?? null, kind, startAt]);

/** Those of all variants together; and those of one where all together show nothing on any of its days. */
function ofDays(row: ResultRow, series: readonly DailySeries[]): readonly MetricAnomaly[] {
  const [pooled, ...variants] = series;
  if (pooled === undefined) return [];
  const found = variants.map((one) => findAnomalies(one.days));
  const shared = findAnomalies(withoutSilent(pooled, found));
  const end = pooled.days.length - 1;
  const overlaps = (a: Finding, b: Finding) => a.first <= (b.last ?? end) && b.first <= (a.last ?? end);
  return [
    ...shared.map((finding) => described(row, pooled, finding)),
    ...variants.flatMap((one, i) =>
      found[i]!.filter((finding) => !shared.some((other) => overlaps(finding, other))).map((finding) =>
        described(row, one, finding),
      ),
    ),
  ];
}

/** All variants together, without the values of days on which one has no rows: what is missing then is told of that one. */
function withoutSilent({ days }: DailySeries, variants: readonly (readonly Finding[])[]): DailySeries['days'] {
  const missing = variants.flat().filter(({ kind }) => kind === 'MISSING_DATA');
  return days.map((day, i) =>
    day.active > 0 && missing.some(({ first, last }) => first <= i && i <= last!)
      ? { ...day, value: null, standardError: null }
      : day,
  );
}

function described({ metric, experiment }: ResultRow, series: DailySeries, finding: Finding): MetricAnomaly {
  const { kind, first, last, observed, expected, score } = finding;
  const variant = experiment.variants.find(({ key }) => key === series.variant) ?? null;
  const from = series.days[first]!.period;
  const to = last === null ? null : series.days[last]!.period;
  return {
    ...{ kind, metric, variant, observed, expected },
    scope: variant === null ? 'SHARED' : 'VARIANT',
    severity: severityOf(finding),
    startAt: from.at,
    endAt: to?.end ?? null,
    score: Math.abs(score),
    message: messageOf(metric.metric, variant, finding, { from: from.date, to: to?.date ?? null }),
  };
}

/** Standard deviations from which on something is so severe. */
export const DEVIATIONS: readonly (readonly [number, Severity])[] = [
  [8, 'CRITICAL'],
  [5, 'WARNING'],
  [0, 'INFO'],
];
/** How many standard errors of a level shift matter as much as a standard deviation of a day. */
export const SHIFT_ERRORS = 2;

/** By standard deviations, from 3.5 on; a level shift by its standard errors; missing data always matters. */
function severityOf({ kind, score }: Finding): Severity {
  if (kind === 'MISSING_DATA') return 'CRITICAL';
  const size = kind === 'LEVEL_SHIFT' ? Math.abs(score) / SHIFT_ERRORS : Math.abs(score);
  return DEVIATIONS.find(([least]) => size >= least)![1]; // the last is from 0 on
}

const shown = (value: number): string => String(Number(value.toPrecision(4)));

function messageOf(
  metric: string,
  variant: Variant | null,
  { kind, observed, expected, score }: Finding,
  { from, to }: { readonly from: string; readonly to: string | null },
): string {
  const where = variant === null ? 'in all variants together' : `in variant "${variant.key}" alone`;
  const when = to === null ? `since ${from}` : to === from ? `on ${from}` : `from ${from} to ${to}`;
  if (kind === 'MISSING_DATA')
    return `"${metric}" has no rows ${when} ${where}, though about ${shown(-score)} units with rows a day were expected.`;
  const between = `${shown(expected!.lower!)} to ${shown(expected!.upper!)}`;
  const size = shown(Math.abs(score));
  if (kind === 'LEVEL_SHIFT')
    return `"${metric}" has been at ${shown(observed!)} a day ${when} ${where}; before, it was between ${between} (${size} standard errors).`;
  return `"${metric}" was ${shown(observed!)} ${when} ${where}${to === from ? '' : ', at the farthest'}; ${between} was expected (${size} standard deviations).`;
}
