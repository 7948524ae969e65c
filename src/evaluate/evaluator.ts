import DataLoader from 'dataloader';
import type { Catalog } from '../catalog/catalog.ts';
import { MetricLayerError } from '../core/errors.ts';
import type { ScanEstimate } from '../engine/engine.ts';
import type { Answers } from '../plan/answer.ts';
import { NotBuilt } from '../plan/built/not-built.ts';
import { planBuilt } from '../plan/built/plan-built.ts';
import { plan } from '../plan/plan.ts';
import type { PlannedStatement } from '../plan/planned.ts';
import { type MomentsQuestion, type Question, questionKey } from '../plan/question.ts';
import type { CompiledSql } from '../sql/sql.ts';
import { pivotsNeeded } from './conditioning.ts';
import { dryAnswer } from './dry-run.ts';
import { type Admission, type BuiltModels, Execution, type ExecutionOptions } from './execution.ts';
import type { StatementRecord, Trace } from './trace.ts';

export interface EvaluatorOptions extends ExecutionOptions {
  readonly catalog: Catalog;
}

type Answer = Answers[Question['kind']];
interface Answered {
  readonly answer: Answer;
  readonly statements: readonly StatementRecord[];
}

/**
 * Answers one request's questions. Whatever is asked until the microtask queue drains, by any field at any depth, is planned
 * together and runs as a few statements side by side. A statement that fails is split in halves until the questions that break
 * it stand alone: they fail, the others are answered.
 */
export class Evaluator {
  readonly #options: EvaluatorOptions;
  readonly #execution: Execution;
  readonly #loader: DataLoader<Question, Answered, string>;
  /** Questions for moments by all but what they need. */
  readonly #asked = new Map<string, MomentsQuestion[]>();

  constructor(options: EvaluatorOptions) {
    this.#options = options;
    this.#execution = new Execution(options);
    this.#loader = new DataLoader((questions) => this.#answerAll(questions), {
      cacheKeyFn: questionKey,
      // graphql-js resolves promises of several depths in microtasks; only a macrotask comes after all of them.
      batchScheduleFn: (run) => setImmediate(run),
    });
  }

  async ask<Q extends Question>(question: Q, trace?: Trace): Promise<Answers[Q['kind']]> {
    const answered = this.#loader.load(this.#covering(question));
    trace?.add(answered.then(({ statements }) => statements));
    return (await answered).answer as Answers[Q['kind']]; // a statement answers a question in its own kind
  }

  /** An earlier question of the request that asks for all of this and maybe more, so that nothing is read twice; else this. */
  #covering(question: Question): Question {
    if (question.kind !== 'moments') return question;
    const key = questionKey({ ...question, needs: [] });
    const asked = this.#asked.get(key) ?? [];
    const wider = asked.find(({ needs }) => question.needs.every((need) => needs.includes(need)));
    if (wider !== undefined) return wider;
    this.#asked.set(key, [...asked, question]);
    return question;
  }

  /** Every statement of the request so far, in the order of their planning. */
  get statements(): readonly StatementRecord[] {
    return this.#execution.records;
  }

  /** What statements would read together, asked of the engine's planner; nothing of them runs. */
  estimate(statements: readonly CompiledSql[]): Promise<ScanEstimate> {
    return this.#execution.estimate(statements);
  }

  async #answerAll(questions: readonly Question[]): Promise<(Answered | Error)[]> {
    const found = await this.#attempt(questions);
    const cancelling = questions.filter(
      (question): question is MomentsQuestion =>
        question.kind === 'moments' &&
        question.pivots === null &&
        (question.needs.includes('products') || question.needs.includes('covariates')),
    );
    const again = cancelling.flatMap((question) => {
      const answered = found.get(questionKey(question));
      const pivots =
        answered === undefined || answered instanceof Error
          ? null
          : pivotsNeeded(answered.answer as Answers['moments']);
      return pivots === null ? [] : [{ question, pivoted: { ...question, pivots } }];
    });
    const refined = await this.#attempt(again.map(({ pivoted }) => pivoted));
    for (const { question, pivoted } of again) {
      const first = found.get(questionKey(question));
      const second = refined.get(questionKey(pivoted))!;
      found.set(
        questionKey(question),
        second instanceof Error || first === undefined || first instanceof Error
          ? second
          : { answer: second.answer, statements: [...first.statements, ...second.statements] },
      );
    }
    return questions.map((question) => found.get(questionKey(question))!);
  }

  /** `halved`: how often these questions have been taken apart already. */
  async #attempt(
    questions: readonly Question[],
    halved = 0,
    built: BuiltModels | null = this.#options.built ?? null,
  ): Promise<Map<string, Answered | Error>> {
    const { catalog, dialect } = this.#options;
    const found = new Map<string, Answered | Error>();
    const fromTables =
      built === null ? { planned: [], rest: questions } : planBuilt(built.tables, catalog, dialect, questions);
    const planned = [...fromTables.planned, ...plan(catalog, dialect, fromTables.rest)];
    const admissions = await this.#execution.admit(planned);
    await Promise.all(planned.map((one, i) => this.#run(one, admissions[i]!, { found, halved })));
    return found;
  }

  async #run(
    planned: PlannedStatement,
    admission: Admission,
    { found, halved }: { readonly found: Map<string, Answered | Error>; readonly halved: number },
  ): Promise<void> {
    try {
      const { rows, record } = await this.#execution.run(planned, admission);
      for (const question of planned.questions) {
        const answer = rows === null ? dryAnswer(question) : planned.answer(question, rows);
        found.set(questionKey(question), { answer, statements: [record] });
      }
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      if (planned.built && isAboutTables(failure)) {
        for (const [key, answered] of await this.#attempt(planned.questions, halved, null)) found.set(key, answered);
        return;
      }
      const halves = splittable(failure, halved) ? halve(planned.questions) : null;
      if (halves === null) for (const question of planned.questions) found.set(questionKey(question), failure);
      else
        for (const half of halves)
          for (const [key, answered] of await this.#attempt(half, halved + 1)) found.set(key, answered);
    }
  }
}

/** Tables that are gone, being replaced, unreadable or without the rows: raw sources have them all the same. */
function isAboutTables(error: Error): boolean {
  if (error instanceof NotBuilt) return true;
  return error instanceof MetricLayerError && ['ENGINE_FAILED', 'ENGINE_UNAUTHORIZED'].includes(error.code);
}

/**
 * Only what the engine says of the statement itself, a table that the user may not read included; a time-out, a full queue or a
 * budget would hit the halves just as well. No one metric is to blame for a lack of memory: half as many at a time is tried
 * once, as each part reads the tables again.
 */
function splittable(error: Error, halved: number): boolean {
  if (!(error instanceof MetricLayerError)) return false;
  const { code, details } = error;
  if (details.lacks === 'memory') return halved < 1;
  return code === 'ENGINE_FAILED' || (code === 'ENGINE_UNAUTHORIZED' && typeof details.reason === 'string');
}

/** Two halves by metric; null when one metric is left to blame (or the statement has none). */
function halve(questions: readonly Question[]): readonly (readonly Question[])[] | null {
  const metricOf = (question: Question) =>
    question.kind === 'moments' || question.kind === 'series'
      ? `${question.metric.metric} ${question.metric.number}`
      : '';
  const metrics = [...new Set(questions.map(metricOf))].sort();
  if (metrics.length < 2) return null;
  const left = new Set(metrics.slice(0, Math.ceil(metrics.length / 2)));
  return [
    questions.filter((question) => left.has(metricOf(question))),
    questions.filter((question) => !left.has(metricOf(question))),
  ];
}
