import { histogramSvg } from '../src/plot/histogram.ts';
import { linesSvg } from '../src/plot/lines.ts';
import { rangesSvg } from '../src/plot/ranges.ts';
import type { Band, Finding, Verdict } from './claim.ts';
import { AA_HISTOGRAMS } from './families/differences.ts';
import { firstLookOf, PEEKING_SIMULATION, UNITS_AT } from './families/sequences.ts';
import { type Tallies, tallyOf } from './tally.ts';

/** A family with what came out, in the order of its claims. */
export interface FamilyFindings {
  readonly title: string;
  readonly note: string;
  readonly findings: readonly Finding[];
}

/** A file of the report, beside it. */
export interface Plot {
  readonly file: string;
  readonly alternative: string;
  readonly svg: string;
}

export const VERDICTS: Readonly<Record<Verdict, string>> = {
  MET: 'PASS',
  MISSED: '**FAIL**',
  CAUGHT: 'PASS: fails, as it must',
  NOTED: 'noted',
};

const number = (value: number) => (Number.isFinite(value) ? value.toFixed(4) : '–');
const count = (value: number) => value.toLocaleString('en');

export function bandText({ low, high }: Band): string {
  if (low === null) return `≤ ${number(high!)}`;
  return high === null ? `≥ ${number(low)}` : `${number(low)} – ${number(high)}`;
}

function row({ what, promise, figure, target, verdict }: Finding): string {
  const runs = figure.refused === 0 ? count(figure.runs) : `${count(figure.runs)} (${count(figure.refused)} refused)`;
  const band = figure.band === null ? '–' : bandText(figure.band);
  const cells = [
    what,
    promise,
    runs,
    number(figure.value),
    band,
    target === null ? '–' : bandText(target),
    VERDICTS[verdict],
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** How many findings have each verdict, in words. */
export function summary(families: readonly FamilyFindings[]): string {
  const verdicts = families.flatMap(({ findings }) => findings.map(({ verdict }) => verdict));
  const of = (verdict: Verdict) => verdicts.filter((one) => one === verdict).length;
  return `${of('MET')} targets met, ${of('MISSED')} missed; ${of('CAUGHT')} negative controls fail, as they must; ${of('NOTED')} figures for the record.`;
}

/** The report. No time in it: the same seed and the same code give the same text. */
export function markdown(
  families: readonly FamilyFindings[],
  plots: readonly Plot[],
  { seed, versions }: { readonly seed: number; readonly versions: string },
): string {
  const tables = families.map(({ title, note, findings }) =>
    [
      `## ${title}`,
      '',
      note,
      '',
      '| what | promise | runs | figure | 99.9 % Monte-Carlo band | target | |',
      '|---|---|---:|---:|---|---|---|',
      ...findings.map(row),
    ].join('\n'),
  );
  const missed = families.flatMap(({ findings }) => findings).filter(({ verdict }) => verdict === 'MISSED');
  return `${[
    '# Calibration',
    `The error rates that the statistics promise, and those that they have. Written by \`npm run calibrate\` (seed ${seed}, ${versions}); a short
version of all simulations runs in \`npm test\`.`,
    `**${summary(families)}**`,
    ...(missed.length === 0
      ? []
      : [`Missed: ${missed.map(({ what, promise }) => `${what} (${promise})`).join('; ')}.`]),
    `The functions are those that serve queries, fed with sufficient statistics of simulated units. A figure is a share of the runs
unless said; its band is Wilson's interval at 99.9 %. A target holds the Monte-Carlo error of its runs. A test that was refused counts as
no finding. Negative controls are methods known to be wrong: if they passed, the simulations would be blind. Figures without a target
are for the record: they show where a method is not to be used, or is better than promised.`,
    ...plots.map(({ file, alternative }) => `![${alternative}](calibration/${file})`),
    ...tables,
  ].join('\n\n')}\n`;
}

const slug = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** The plots that the tallies allow: all of them after a full run. */
export function plotsOf(families: readonly FamilyFindings[], tallies: ReadonlyMap<string, Tallies>): Plot[] {
  return [...pValuePlots(tallies), ...anyTimePlot(tallies), ...coveragePlot(families)];
}

function pValuePlots(tallies: ReadonlyMap<string, Tallies>): Plot[] {
  return AA_HISTOGRAMS.flatMap(({ simulation, find, title }) => {
    const own = tallies.get(simulation);
    if (own === undefined) return [];
    const { values } = tallyOf(own, find);
    const description = `Histogram of ${count(values.length)} p-values of A/A tests in 20 bins. The dotted line is the uniform distribution.`;
    const words = { title: `p-values of A/A tests: ${title}`, description, x: 'p-value', y: 'tests' };
    const svg = histogramSvg(values, { ...words, bins: 20, expected: 1 / 20 });
    return [{ file: `p-values-${slug(title)}.svg`, alternative: `${words.title}: ${description}`, svg }];
  });
}

function anyTimePlot(tallies: ReadonlyMap<string, Tallies>): Plot[] {
  const own = tallies.get(PEEKING_SIMULATION);
  if (own === undefined) return [];
  const lines = [
    { name: 't test at each look', find: 'naive' },
    { name: 'confidence sequence', find: 'asymptotic' },
    { name: 'group sequential, 5 looks', find: 'groupSequential' },
  ] as const;
  const series = lines.map(({ name, find }) => {
    const { values } = tallyOf(own, firstLookOf(find));
    const points = UNITS_AT.map((units, k) => {
      return [units, values.filter((look) => look <= k + 1).length / own.runs] as const;
    });
    return { name, points };
  });
  const ends = series.map(({ name, points }) => `${name} ${number(points.at(-1)![1])}`).join(', ');
  const description = `Share of A/A tests that have found an effect by each of 100 looks. At the end: ${ends}.`;
  const svg = linesSvg(series, {
    title: 'Error of looking again and again',
    description,
    x: 'units an arm',
    y: 'A/A tests with a finding so far',
    xScale: 'LOG',
    reference: { y: 0.05, name: 'α = 5 %' },
  });
  return [{ file: 'any-time-error.svg', alternative: `Error of looking again and again: ${description}`, svg }];
}

function coveragePlot(families: readonly FamilyFindings[]): Plot[] {
  const rows = families.flatMap(({ findings }) =>
    findings.flatMap(({ what, promise, figure, target }) =>
      promise === '95 % cover' && figure.band !== null
        ? [{ name: what, value: figure.value, low: figure.band.low, high: figure.band.high, target }]
        : [],
    ),
  );
  if (rows.length === 0) return [];
  const title = 'Coverage of 95 % intervals';
  const description = `Share of ${rows.length} kinds of intervals that hold the truth, with the Monte-Carlo band, over the target in grey; without grey there is no target.`;
  return [
    {
      file: 'coverage.svg',
      alternative: `${title}: ${description}`,
      svg: rangesSvg(rows, { title, description, x: 'coverage' }),
    },
  ];
}
