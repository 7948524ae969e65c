import type { ModelProgress } from '../src/models/build/build.ts';
import { ratioOf, type Summary, summaryOf, type Timed } from './timing.ts';

/** What takes turns. */
export const NAMES = {
  byHand: 'by hand, from metric_calculations',
  moments: 'select of metric_moments, from metric_calculations',
  results: 'select of experiment_results, from metric_moments',
  raw: 'sums, from raw events',
  scorecardOfRaw: 'scorecard, GraphQL to JSON, from raw events',
  scorecardOfTables: 'scorecard, GraphQL to JSON, from built tables',
} as const;

/** The models' select may take so many times what the hand-written one takes. */
const MOST_OF_HAND = 1.3;
/** Raw events must take so many times what the models' select takes. */
const LEAST_OF_RAW = 8;
const MOST_MILLISECONDS = 10;

export interface ModelLine {
  readonly name: string;
  readonly milliseconds: Summary;
  /** To the hand-written statement, of the same round. */
  readonly ratio: Summary;
  /** The same of processor time. */
  readonly cpuRatio: Summary;
}

/** One set of metrics. */
export interface ModelSet {
  readonly name: string;
  /** Numbers that agreed with those by hand. */
  readonly agreed: number;
  readonly built: readonly ModelProgress[];
  readonly lines: readonly ModelLine[];
  readonly series: { readonly rows: number; readonly milliseconds: Summary };
}

export interface ModelsResults {
  readonly date: string;
  readonly machine: string;
  readonly versions: string;
  readonly data: string;
  readonly rounds: number;
  readonly sets: readonly ModelSet[];
}

/** Each way relative to the sums by hand. */
export function linesOf(timed: readonly Timed[]): readonly ModelLine[] {
  const base = timed.find(({ name }) => name === NAMES.byHand)!;
  return timed.map((one) => ({
    name: one.name,
    milliseconds: summaryOf(one.milliseconds),
    ratio: ratioOf(one, base, 'milliseconds'),
    cpuRatio: ratioOf(one, base, 'cpuMilliseconds'),
  }));
}

const ms = (value: number) => (value < 100 ? value.toFixed(1) : value.toFixed(0));
const times = (value: number) => value.toFixed(2);
const met = (isMet: boolean) => (isMet ? 'met' : 'not met');

export function markdown(results: ModelsResults): string {
  return `# Benchmark of the models

Written by \`npm run bench:models\` on ${results.date}: ${results.machine}, ${results.versions}.

Data: ${results.data}. All ways run in one process with the same number of threads, warm, in ${results.rounds} rounds in which all take turns.
A ratio is to the hand-written statement of the same round. Only ratios mean something: the machine may have been busy with other
work, which disturbs processor time (all threads) least.
${results.sets.map(section).join('')}`;
}

function section({ name, agreed, built, lines, series }: ModelSet): string {
  const rows = lines.map(
    (line) =>
      `| ${line.name} | ${ms(line.milliseconds.median)} | ${times(line.ratio.min)} | ${times(line.ratio.median)} | ${times(line.ratio.max)} | ${times(line.cpuRatio.median)} |`,
  );
  const line = (wanted: string) => lines.find((one) => one.name === wanted)!;
  const hand = line(NAMES.moments);
  const raw = line(NAMES.raw).milliseconds.median / hand.milliseconds.median;
  const rawCpu = line(NAMES.raw).cpuRatio.median / hand.cpuRatio.median;
  const served = line(NAMES.scorecardOfRaw).milliseconds.median / line(NAMES.scorecardOfTables).milliseconds.median;
  const { median } = series.milliseconds;
  return `
## ${name}

${agreed} sums and products of the select of metric_moments and the hand-written one agreed to 1e-9 before the clock started.

| what | median ms | ratio min | ratio median | ratio max | CPU ratio median |
|---|---:|---:|---:|---:|---:|
${rows.join('\n')}

| goal | here | |
|---|---|---|
| sums from \`metric_calculations\` take at most ${MOST_OF_HAND} × those by hand | ${times(hand.ratio.median)} × (${times(hand.cpuRatio.median)} × the processor time) | ${met(hand.ratio.median <= MOST_OF_HAND)} |
| the same sums from raw events take at least ${LEAST_OF_RAW} × as long | ${times(raw)} × (${times(rawCpu)} × the processor time) | ${met(raw >= LEAST_OF_RAW)} |
| the scorecard that the server answers from raw events takes at least ${LEAST_OF_RAW} × as long as from built tables | ${times(served)} × | ${met(served >= LEAST_OF_RAW)} |
| a series of 14 days from \`metric_timeline\` (${series.rows} rows) takes at most ${MOST_MILLISECONDS} ms | ${times(median)} ms (${times(series.milliseconds.min)} to ${times(series.milliseconds.max)}) | ${met(median <= MOST_MILLISECONDS)} |

Built once: ${built.map(({ model, rows: count, seconds }) => `\`${model}\` ${count?.toLocaleString('en') ?? ''} rows in ${seconds.toFixed(1)} s`).join(', ')}.
`;
}
