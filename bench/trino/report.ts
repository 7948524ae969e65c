import { type Summary, summaryOf } from '../timing.ts';
import type { Usage } from './client.ts';

/** One run of one contestant. */
export interface Taken {
  readonly milliseconds: number;
  readonly usage: Usage;
}

export interface Contest {
  readonly name: string;
  readonly rounds: readonly Taken[];
}

interface Measured {
  readonly date: string;
  readonly machine: string;
  readonly versions: string;
  readonly scale: string;
  readonly data: string;
  readonly metrics: number;
  readonly compared: number;
  readonly rounds: number;
  readonly taken: readonly Contest[];
}

export interface Line {
  readonly name: string;
  readonly statements: number;
  readonly milliseconds: Summary;
  /** To the best by hand, pairwise. */
  readonly ratio: Summary;
  readonly cpuMilliseconds: number;
  readonly cpuRatio: number;
  readonly rows: number;
  readonly bytes: number;
  readonly peakBytes: number;
}

export interface Goal {
  readonly what: string;
  readonly found: string;
  readonly met: boolean;
}

export interface Results extends Omit<Measured, 'taken'> {
  readonly lines: readonly Line[];
  readonly goals: readonly Goal[];
}

/** The cold scorecard may take so many times what the best hand-written statement takes. */
const MOST_OVER_HAND = 1.25;
/** A statement a metric takes so many times as long as one for all, and reads so many times as much. */
const LEAST_SLOWER = 3.5;
const LEAST_BYTES = 7;

export function resultsOf({ taken, ...rest }: Measured): Results {
  const one = (name: string) => taken.find((contest) => contest.name === name)!;
  const cold = one('ours: GraphQL to JSON, cold');
  const apart = one('ours: SQL, a statement a metric');
  const base = taken
    .filter(({ name }) => name.startsWith('by hand') && !name.endsWith('a statement a metric'))
    .reduce((a, b) => (medianOf(b, cpu) < medianOf(a, cpu) ? b : a));
  const lines = taken.map((contest) => lineOf(contest, base));
  const overHand = ratioOf(cold, base, wall).median;
  const slower = ratioOf(apart, cold, wall).median;
  const more = medianOf(apart, bytes) / medianOf(cold, bytes);
  return {
    ...rest,
    lines,
    goals: [
      {
        what: `the cold scorecard, from GraphQL text to JSON text, takes at most ${MOST_OVER_HAND} × the best statement by hand`,
        found: `${times(overHand)} × \`${base.name}\`, ${times(ratioOf(cold, base, cpu).median)} × its processor time`,
        met: overHand <= MOST_OVER_HAND,
      },
      {
        what: `a statement a metric takes at least ${LEAST_SLOWER} × as long as the cold scorecard`,
        found: `${times(slower)} ×, ${times(ratioOf(apart, cold, cpu).median)} × its processor time`,
        met: slower >= LEAST_SLOWER,
      },
      {
        what: `and reads at least ${LEAST_BYTES} × as many bytes`,
        found: `${times(more)} ×`,
        met: more >= LEAST_BYTES,
      },
    ],
  };
}

const wall = ({ milliseconds }: Taken) => milliseconds;
const cpu = ({ usage }: Taken) => usage.cpuMilliseconds;
const bytes = ({ usage }: Taken) => usage.bytes;

const medianOf = ({ rounds }: Contest, of: (taken: Taken) => number) => summaryOf(rounds.map(of)).median;

/** Relative to another's of the same round. */
const ratioOf = (contest: Contest, base: Contest, of: (taken: Taken) => number) =>
  summaryOf(contest.rounds.map((taken, round) => of(taken) / of(base.rounds[round]!)));

function lineOf(contest: Contest, base: Contest): Line {
  return {
    name: contest.name,
    statements: contest.rounds[0]!.usage.statements,
    milliseconds: summaryOf(contest.rounds.map(wall)),
    ratio: ratioOf(contest, base, wall),
    cpuMilliseconds: medianOf(contest, cpu),
    cpuRatio: ratioOf(contest, base, cpu).median,
    rows: medianOf(contest, ({ usage }) => usage.rows),
    bytes: medianOf(contest, bytes),
    peakBytes: medianOf(contest, ({ usage }) => usage.peakBytes),
  };
}

const times = (value: number) => value.toFixed(2);
const millions = (value: number) => (value / 1e6).toFixed(1);

export function markdown(results: Results): string {
  const rows = results.lines.map(
    (line) =>
      `| ${line.name} | ${line.statements} | ${line.milliseconds.median.toFixed(0)} | ${times(line.ratio.min)} | ${times(line.ratio.median)} | ${times(line.ratio.max)} | ${line.cpuMilliseconds.toFixed(0)} | ${times(line.cpuRatio)} | ${millions(line.rows)} | ${millions(line.bytes)} | ${(line.peakBytes / 1e6).toFixed(0)} |`,
  );
  return `# Benchmark on Trino

Written by \`npm run bench:trino\` on ${results.date}: ${results.machine}, ${results.versions}.

Data: scale ${results.scale}, ${results.data}. The server runs on the same machine, with one node; everything goes to it through the same client,
warm, in ${results.rounds} rounds in which all take turns. A ratio is to the statement by hand that takes the least processor time, in the same round.
Only ratios mean something: the machine may have been busy with other work, which disturbs processor time (of the server) least.

The ${results.compared} sufficient statistics of the ${results.metrics} metrics and those of every form by hand agreed before the clock started: counts exactly, sums to
1e-9. The forms are described in \`bench/trino/hand-written.ts\`.

| what | statements | median ms | ratio min | ratio median | ratio max | CPU ms | CPU ratio | million rows read | MB read | peak MB |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
${rows.join('\n')}

${results.goals.map(({ what, found, met }) => `- **Goal**: ${what}. Here: ${found}, ${met ? 'met' : 'not met'}.`).join('\n')}
`;
}
