import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MetricLayerError } from '../core/errors.ts';
import { type AaReport, aaOf } from '../experiment/aa.ts';
import { metricVersionOf, resolveAnalysis, treatmentsOf } from '../experiment/analysis.ts';
import { historyOf } from '../experiment/history.ts';
import type { ResultRow } from '../experiment/result-row.ts';
import type { Session } from '../experiment/session.ts';
import { createContext } from '../graphql/context.ts';
import { binCounts, histogramSvg } from '../plot/histogram.ts';
import { openService } from '../server/open-service.ts';
import { EXIT, print } from './output.ts';

export interface AaFlags {
  readonly metric: readonly string[];
  readonly experiment?: string;
  readonly runs: string;
  readonly alpha: string;
  readonly seed: string;
  readonly lookback: string;
  readonly cuped?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

/** Vets metrics by A/A tests over their real units; exit 1 if one fails. */
export async function aa(directory: string, flags: AaFlags): Promise<void> {
  const runs = numberOf('--runs', flags.runs, { least: 100, whole: true });
  const alpha = numberOf('--alpha', flags.alpha, { least: 1e-6, most: 0.5 });
  const lookbackDays = numberOf('--lookback', flags.lookback, { least: 1, most: 366, whole: true });
  const service = await openService(directory, { env: process.env });
  try {
    const names = flags.metric.length > 0 ? flags.metric : [...service.catalog().metrics.keys()];
    const reports: AaReport[] = [];
    for (const name of names) {
      // One request a metric: nothing of the last one's answers is kept.
      const { session } = createContext(service, {});
      const row = rowOf(session, name, { ...flags, lookbackDays });
      const onProgress = (done: number) => progress(`${name}: ${done} of ${runs} runs`);
      reports.push(await aaOf(session, row, { runs, alpha, seed: flags.seed, onProgress }));
      progress('');
      if (!flags.json) print(textOf(reports.at(-1)!));
      if (flags.out !== undefined) draw(flags.out, reports.at(-1)!);
    }
    if (flags.json) print(JSON.stringify({ reports }, null, 2));
    if (reports.some(({ status }) => status !== 'PASSED')) process.exitCode = EXIT.failed;
  } finally {
    await service.close();
  }
}

/** The units of an experiment, all variants pooled; else those of the metric's source. */
function rowOf(
  session: Session,
  name: string,
  { experiment: key, lookbackDays, cuped = false }: AaFlags & { readonly lookbackDays: number },
): ResultRow {
  const metric = session.catalog.metrics.get(name);
  if (metric === undefined) throw new MetricLayerError('UNKNOWN_METRIC', `There is no metric "${name}".`);
  if (key === undefined) {
    const row = historyOf(session, metric.versions.at(-1)!, { asOf: session.now, lookbackDays });
    return { ...row, analysis: { ...row.analysis, cuped } };
  }
  const experiment = session.catalog.experiments.get(key);
  if (experiment === undefined) throw new MetricLayerError('UNKNOWN_EXPERIMENT', `There is no experiment "${key}".`);
  const analysis = resolveAnalysis(session, experiment, { cuped });
  return {
    experiment,
    member: { metric: name, version: null, role: 'DIAGNOSTIC', margin: null, minimumDetectableEffect: null },
    metric: metricVersionOf(session, experiment, analysis, name),
    treatment: treatmentsOf(experiment, analysis)[0]!,
    where: null,
    sliceBy: [],
    slices: [],
    slice: null,
    analysis,
  };
}

function numberOf(
  flag: string,
  text: string,
  { least, most = Number.MAX_SAFE_INTEGER, whole = false }: { least: number; most?: number; whole?: boolean },
): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= least && value <= most && (!whole || Number.isInteger(value))) return value;
  throw new MetricLayerError(
    'BAD_USER_INPUT',
    `${flag} must be a ${whole ? 'whole ' : ''}number from ${least}${most === Number.MAX_SAFE_INTEGER ? ' on' : ` to ${most}`}, and is "${text}".`,
  );
}

/** One line that is written over, where somebody watches. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

function textOf({ metric, status, message, units, runs, ...report }: AaReport): string {
  const { falsePositiveRate, interval, uniformity, notComputable, alpha, pValues } = report;
  return [
    `${metric}: ${status}. ${message}`,
    `  ${runs} runs over ${units} units${notComputable === 0 ? '' : `, ${notComputable} of which could not be computed`}`,
    ...(falsePositiveRate === null || interval === null
      ? []
      : [
          `  significant at ${alpha}: ${percent(falsePositiveRate)} (99.9 % interval ${percent(interval.lower)} to ${percent(interval.upper)})`,
        ]),
    ...(uniformity.ok
      ? [
          `  Kolmogorov–Smirnov against uniform: D = ${uniformity.distance.toFixed(4)}, p = ${uniformity.pValue.toPrecision(3)}`,
        ]
      : []),
    ...(pValues.length === 0 ? [] : [`  p-values ${sparkline(pValues)}`]),
  ].join('\n');
}

const BARS = '▁▂▃▄▅▆▇█';
const BINS = 20;

/** Bins from 0 to 1; a level line is what should be seen. */
function sparkline(pValues: readonly number[]): string {
  const bins = binCounts(pValues, BINS, 0, 1);
  const most = Math.max(...bins);
  return bins.map((count) => BARS[Math.round((count / most) * (BARS.length - 1))]).join('');
}

function draw(folder: string, { metric, pValues, message }: AaReport): void {
  mkdirSync(folder, { recursive: true });
  const svg = histogramSvg(pValues, {
    title: `p-values of A/A tests: ${metric}`,
    description: message,
    x: 'p-value',
    y: 'runs',
    expected: 1 / BINS,
  });
  writeFileSync(join(folder, `${metric}.svg`), svg);
}
