import type { Catalog, Experiment, MetricVersion } from '../src/catalog/catalog.ts';
import { resolveAnalysis } from '../src/experiment/analysis.ts';
import { armsOf, bothSamples, samplesOf } from '../src/experiment/arms.ts';
import { differenceOf, headlineP, liftOf } from '../src/experiment/comparison.ts';
import { resultRows } from '../src/experiment/result-row.ts';
import { resultCells } from '../src/experiment/results-table.ts';
import type { Session } from '../src/experiment/session.ts';
import type { Answers, ArmMoments } from '../src/plan/answer.ts';
import type { MomentsQuestion, Question } from '../src/plan/question.ts';
import { adjustPValues } from '../src/statistics/multiple-testing.ts';
import { type Summary, summaryOf } from './timing.ts';

const METRICS = 20;
const VARIANTS = ['control', 'a', 'b'];
const SLICES = 20;
const AT = '2026-05-01T00:00:00.000000Z';
const PLACE = { file: 'catalog.yaml', line: 1, column: 1 };

/** Milliseconds that a scorecard of 20 goals × 2 treatments × 20 slices takes once its moments are there: no SQL, no JSON. */
export async function inferMany(runs: number): Promise<Summary & { readonly comparisons: number }> {
  const taken: number[] = [];
  let comparisons = 0;
  for (let run = -10; run < runs; run += 1) {
    const { session, experiment } = pretend();
    const rows = await resultRows(session, experiment, resolveAnalysis(session, experiment), { sliceBy: ['country'] });
    comparisons = rows.length;
    const started = process.cpuUsage();
    await Promise.all(rows.map((row) => resultCells(session, row)));
    const { user, system } = process.cpuUsage(started);
    if (run >= 0) taken.push((user + system) / 1000);
  }
  return { ...summaryOf(taken), comparisons };
}

/** The same without what carries it to the fields: samples, Welch's test, lift and corrected p of lines whose moments are at hand. */
export async function inferAlone(runs: number): Promise<Summary> {
  const { session, experiment } = pretend();
  const rows = await resultRows(session, experiment, resolveAnalysis(session, experiment), { sliceBy: ['country'] });
  const lines = await Promise.all(
    rows.map(async (row) => ({ row, arms: await armsOf(session, row, ['products', 'shape']) })),
  );
  const taken: number[] = [];
  for (let run = -10; run < runs; run += 1) {
    const started = process.cpuUsage();
    const results = lines.map(({ row, arms }) => {
      const comparison = { row, arms, samples: bothSamples(samplesOf(row, arms)) };
      return { difference: differenceOf(comparison), lift: liftOf(comparison), p: headlineP(comparison) };
    });
    adjustPValues(
      results.map(({ p }) => p),
      'BENJAMINI_HOCHBERG',
    );
    const { user, system } = process.cpuUsage(started);
    if (run >= 0) taken.push((user + system) / 1000);
  }
  return summaryOf(taken);
}

/** One request's session whose questions are answered at once, by moments that are made up. */
function pretend(): { readonly session: Session; readonly experiment: Experiment } {
  const names = Array.from({ length: METRICS }, (_, i) => `m${i}`);
  const base = { place: PLACE, relation: { kind: 'table', name: ['t'] }, columns: new Map(), unit: 'u' } as const;
  const experiment: Experiment = {
    ...{ key: 'x', name: 'x', hypothesis: null, owner: null, tags: [], status: null, unit: 'u', place: PLACE },
    ...{ assignments: 'assignments', timezone: 'UTC', treatmentEnd: null, plan: null, monitoring: 'FIXED' },
    ...{ start: '2026-03-01T00:00:00Z', end: '2026-04-01T00:00:00Z', multiExposure: 'exclude', intent: 'improve' },
    variants: VARIANTS.map((key, i) => ({ key, name: key, description: null, weight: 1 / 3, isControl: i === 0 })),
    analysis: { alpha: 0.05, correction: 'HOLM', lift: 'FIELLER', sequential: 'NONE', harmAlpha: 0.05 },
    metrics: names.map((metric) => ({
      ...{ metric, version: null, role: 'GOAL', margin: null, minimumDetectableEffect: null },
    })),
  };
  const catalog: Catalog = {
    ...{ hash: '', directory: '/', clock: null, warnings: [], experiments: new Map([['x', experiment]]) },
    engine: { kind: 'duckdb', path: null, threads: null, memoryLimit: null },
    sources: new Map([
      [
        'assignments',
        {
          ...base,
          ...{
            name: 'assignments',
            kind: 'assignments',
            experiment: null,
            variant: 'v',
            timestamp: 'at',
            exclude: null,
          },
          dimensions: [{ name: 'country', column: 'country', title: 'Country' }],
        },
      ],
      ['events', { ...base, name: 'events', kind: 'facts', timestamp: 'at', id: null }],
    ]),
    metrics: new Map(
      names.map((name) => [
        name,
        {
          ...{ name, title: name, description: null, owner: null, tags: [], deprecated: null },
          versions: [versionOf(name)],
        },
      ]),
    ),
  };
  const answers = new Map<string, unknown>();
  const ask = async (question: Question): Promise<unknown> => {
    if (question.kind !== 'moments') return answerOf(question);
    const key = question.metric.metric;
    const known = answers.get(key) ?? momentsOf(question);
    answers.set(key, known);
    return known;
  };
  // Only `ask` is called here; each answer is of its question's kind.
  const evaluator = { ask } as unknown as Session['evaluator'];
  return { session: { catalog, evaluator, now: AT }, experiment };
}

function versionOf(metric: string): MetricVersion {
  return {
    ...{ metric, number: 1, type: 'MEAN', goodWhen: 'UP', format: 'NUMBER', definition: {}, hash: metric },
    ...{ validFrom: null, changelog: null, place: PLACE, window: null, cap: null },
    variables: [
      {
        name: 'value',
        transform: 'identity',
        measures: [
          { source: 'events', aggregate: 'sum', column: null, where: null, whenMissing: 'zero', minimum: null },
        ],
      },
    ],
  };
}

function answerOf(question: Exclude<Question, { kind: 'moments' }>): Answers[Question['kind']] {
  const units = 5_000;
  if (question.kind === 'slices')
    return Array.from({ length: SLICES }, (_, i) =>
      VARIANTS.map((variant) => ({ values: [`country ${i}`], variant, units })),
    ).flat();
  if (question.kind === 'assignments')
    return VARIANTS.map((variant) => ({ reason: null, variant, rows: units, units, lastExposure: AT }));
  return question.kind === 'freshness' ? { rows: units, latest: AT } : [];
}

/** Moments of each arm and slice, no two alike. */
function momentsOf({ metric }: MomentsQuestion): readonly ArmMoments[] {
  const number = Number(metric.metric.slice(1));
  return Array.from({ length: SLICES }, (_, slice) =>
    VARIANTS.map((variant, arm): ArmMoments => {
      const units = 5_000 + 7 * slice + arm;
      const sum = 0.02 * units * (((number + 3 * slice + 5 * arm) % 7) - 3);
      return {
        ...{ variant, slice, exposed: units, order: null, joint: null, unitsWithValue: units, capping: null },
        ...{ invalidRows: 0, rowsBelowMinimum: 0 },
        moments: { units, pivots: [10], sums: [sum], products: [[4 * units]] },
        shape: { cubes: 0, smallest: 0, largest: 100 },
      };
    }),
  ).flat();
}
