import type { Summary, Timed } from './timing.ts';
import { ratioOf, summaryOf } from './timing.ts';

/** The cold scorecard may take so many times what the best hand-written SQL takes. */
export const GOAL = 1.3;

export interface Line {
  readonly name: string;
  readonly milliseconds: Summary;
  /** To the hand-written statement, pairwise. */
  readonly ratio: Summary;
  /** The same, of processor time. */
  readonly cpuRatio: Summary;
}

export interface Scorecard {
  readonly metrics: number;
  readonly rounds: number;
  readonly lines: readonly Line[];
}

export interface Results {
  readonly date: string;
  readonly machine: string;
  readonly versions: string;
  readonly scale: string;
  readonly data: string;
  readonly compared: number;
  readonly scorecards: readonly Scorecard[];
  readonly goal: { readonly atMost: number; readonly ratio: number; readonly cpuRatio: number; readonly met: boolean };
  readonly planning: Summary & { readonly metrics: number; readonly statements: number };
  /** Of processor time. */
  readonly inference: Summary & { readonly comparisons: number; readonly alone: Summary };
  readonly startup: Summary;
}

/** Lines relative to the faster of the hand-written forms. */
export function scorecardOf(metrics: number, timed: readonly Timed[]): Scorecard {
  const medianOf = (one: Timed) => summaryOf(one.cpuMilliseconds).median;
  const base = timed
    .filter(({ name }) => name.startsWith('hand-written'))
    .reduce((a, b) => (medianOf(b) < medianOf(a) ? b : a));
  const lines = timed.map((one) => ({
    name: one.name,
    milliseconds: summaryOf(one.milliseconds),
    ratio: ratioOf(one, base, 'milliseconds'),
    cpuRatio: ratioOf(one, base, 'cpuMilliseconds'),
  }));
  return { metrics, rounds: base.milliseconds.length, lines };
}

const ms = (value: number) => (value < 100 ? value.toFixed(1) : value.toFixed(0));
const times = (value: number) => value.toFixed(2);

export function markdown(results: Results): string {
  const { goal, planning, inference, startup } = results;
  const rows = results.scorecards.flatMap(({ metrics, lines }) =>
    lines.map(
      ({ name, milliseconds, ratio, cpuRatio }) =>
        `| ${metrics} | ${name} | ${ms(milliseconds.median)} | ${times(ratio.min)} | ${times(ratio.median)} | ${times(ratio.max)} | ${times(cpuRatio.median)} |`,
    ),
  );
  return `# Benchmark

Written by \`npm run bench\` on ${results.date}: ${results.machine}, ${results.versions}.

This is DuckDB; [Trino](RESULTS-trino.md) has its own figures.

Data: scale ${results.scale}, ${results.data}. Everything runs in one process with the same number of threads, warm, in
${results.scorecards[0]!.rounds} rounds in which all take turns. A ratio is to the faster of the two hand-written statements, in the same round.
Only ratios mean something: the machine may have been busy with other work, which disturbs processor time (all threads) least.

The ${results.compared} sufficient statistics of ours and the hand-written SQL agreed before the clock started: counts exactly, sums to 1e-9.

| metrics | what | median ms | ratio min | ratio median | ratio max | CPU ratio median |
|---:|---|---:|---:|---:|---:|---:|
${rows.join('\n')}

**Goal**: the cold scorecard of 20 metrics, from GraphQL text to JSON text, takes at most ${goal.atMost} × the best hand-written SQL.
Here: ${times(goal.ratio)} × (${times(goal.cpuRatio)} × its processor time), ${goal.met ? 'met' : 'not met'}.

| what | median | min | max |
|---|---:|---:|---:|
| planning and rendering ${planning.metrics} metrics (${planning.statements} statements) | ${ms(planning.median)} ms | ${ms(planning.min)} ms | ${ms(planning.max)} ms |
| inference of ${inference.comparisons} sliced comparisons from their moments (samples, test, interval, lift, corrected p), processor time | ${ms(inference.alone.median)} ms | ${ms(inference.alone.min)} ms | ${ms(inference.alone.max)} ms |
| the same as rows of a table, with outcome and flags | ${ms(inference.median)} ms | ${ms(inference.min)} ms | ${ms(inference.max)} ms |
| process start to first answer, one metric, scale S | ${ms(startup.median)} ms | ${ms(startup.min)} ms | ${ms(startup.max)} ms |
`;
}
