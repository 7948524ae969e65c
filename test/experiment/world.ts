import type { AssignmentSource, Catalog, Experiment, FactSource, MetricVersion } from '../../src/catalog/catalog.ts';
import type { MetricRole } from '../../src/core/vocabulary.ts';
import type { Evaluator } from '../../src/evaluate/evaluator.ts';
import { type AnalysisInput, resolveAnalysis } from '../../src/experiment/analysis.ts';
import { type ResultFilter, type ResultRow, resultRows } from '../../src/experiment/result-row.ts';
import type { Session } from '../../src/experiment/session.ts';
import { type Summary, summaryOf } from '../../src/experiment/summary.ts';
import type { UnitVariable } from '../../src/metric-types/metric-type.ts';
import type { Answers } from '../../src/plan/answer.ts';
import type { Question } from '../../src/plan/question.ts';
import { answerOf, type MetricSketch, NOW, TWO, type WorldOptions } from './sketch.ts';

const PLACE = { file: 'catalog.yaml', line: 1, column: 1 };

export interface World {
  readonly session: Session;
  readonly experiment: Experiment;
  readonly asked: readonly Question[];
}

function versionOf(name: string, number: number, sketch: MetricSketch): MetricVersion {
  const { type = 'MEAN', goodWhen = 'UP', window = null, cap = null, source = 'events', whenMissing = 'zero' } = sketch;
  const variable = (side: UnitVariable['name']): UnitVariable => ({
    name: side,
    transform: 'identity',
    measures: [{ source, aggregate: 'sum', column: null, where: null, whenMissing, minimum: null }],
  });
  const variables = type === 'RATIO' ? [variable('numerator'), variable('denominator')] : [variable('value')];
  return {
    metric: name,
    number,
    type,
    goodWhen,
    format: 'NUMBER',
    definition: {},
    hash: `${name} ${number}`,
    validFrom: null,
    changelog: null,
    place: PLACE,
    variables,
    window,
    cap,
    covariate: sketch.covariate ?? null,
    among: sketch.among ?? null,
  };
}

const ORDER: readonly MetricRole[] = ['GOAL', 'GUARDRAIL', 'DIAGNOSTIC'];

/** An experiment with its evidence made by hand: two thousand units an arm, ended, without a plan, its outcomes mature. */
export function world(metrics: Readonly<Record<string, MetricSketch>>, options: WorldOptions = {}): World {
  const base = { relation: { kind: 'table', name: ['t'] }, columns: new Map(), place: PLACE, unit: 'user_id' } as const;
  const assignments: AssignmentSource = {
    ...base,
    name: 'assignments',
    kind: 'assignments',
    experiment: null,
    variant: 'variant',
    timestamp: options.untimed ? null : 'at',
    dimensions: [{ name: 'country', column: 'country', title: 'Country' }],
    exclude: null,
  };
  const facts = (name: string): FactSource => ({
    ...base,
    name,
    kind: 'facts',
    timestamp: options.eventsUntimed ? null : 'at',
    id: null,
  });
  const names = [...new Set(['events', ...Object.values(metrics).flatMap(({ source }) => source ?? [])])];
  const experiment: Experiment = {
    key: 'x',
    name: 'X',
    hypothesis: null,
    owner: null,
    tags: [],
    status: null,
    unit: 'user_id',
    assignments: 'assignments',
    timezone: 'UTC',
    start: '2026-03-01T00:00:00Z',
    end: '2026-03-15T00:00:00Z',
    treatmentEnd: null,
    variants: TWO,
    plan: null,
    monitoring: 'FIXED',
    multiExposure: 'exclude',
    intent: 'improve',
    analysis: { alpha: 0.05, correction: 'HOLM', lift: 'FIELLER', sequential: 'NONE', harmAlpha: 0.05 },
    metrics: ORDER.flatMap((role) =>
      Object.entries(metrics)
        .filter(([, sketch]) => (sketch.role ?? 'GOAL') === role)
        .map(([metric, { margin = null, mde = null, pinned = null }]) => ({
          metric,
          version: pinned,
          role,
          margin,
          minimumDetectableEffect: mde,
        })),
    ),
    place: PLACE,
    ...options.experiment,
  };
  const catalog: Catalog = {
    hash: 'hash',
    directory: '/',
    clock: null,
    engine: { kind: 'duckdb', path: null, threads: null, memoryLimit: null },
    warnings: [],
    sources: new Map([assignments, ...names.map(facts)].map((source) => [source.name, source])),
    metrics: new Map(
      Object.entries(metrics).map(([name, sketch]) => [
        name,
        {
          name,
          title: name,
          description: null,
          owner: null,
          tags: [],
          deprecated: null,
          versions: (sketch.versions ?? [1]).map((number) => versionOf(name, number, sketch)),
        },
      ]),
    ),
    experiments: new Map([[experiment.key, experiment]]),
  };
  const asked: Question[] = [];
  const ask = async (question: Question): Promise<Answers[Question['kind']]> => {
    asked.push(question);
    return answerOf(question, experiment, metrics, options);
  };
  // Only `ask` is ever called of an evaluator.
  return {
    session: { catalog, evaluator: { ask } as unknown as Evaluator, now: options.now ?? NOW },
    experiment,
    asked,
  };
}

export function judged({ session, experiment }: World, input: AnalysisInput = {}): Promise<Summary> {
  return summaryOf(session, experiment, resolveAnalysis(session, experiment, input));
}

/** The lines of the scorecard, by `metric` or `metric/treatment` for the others than the first. */
export async function lines(
  { session, experiment }: World,
  input: AnalysisInput = {},
  filter: ResultFilter = {},
): Promise<readonly ResultRow[]> {
  return resultRows(session, experiment, resolveAnalysis(session, experiment, input), filter);
}

export async function line(
  of: World,
  metric: string,
  input: AnalysisInput = {},
  filter: ResultFilter = {},
): Promise<ResultRow> {
  return (await lines(of, input, filter)).find((row) => row.metric.metric === metric)!;
}
