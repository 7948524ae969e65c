import { canonicalInstant, sqlTimestamp } from '../../../src/core/instant.ts';
import type { Row } from '../../../src/engine/engine.ts';
import { withHorizon } from '../../../src/models/as-of.ts';
import type { Model, ModelContext } from '../../../src/models/model.ts';
import { MODELS } from '../../../src/models/registry.ts';
import type { Answers } from '../../../src/plan/answer.ts';
import { plan } from '../../../src/plan/plan.ts';
import { type Question, questionKey } from '../../../src/plan/question.ts';
import { DIALECTS } from '../../../src/sql/dialects/index.ts';
import { textOf } from '../../../src/sql/literal.ts';
import { ident, join, type Sql, sql, trusted } from '../../../src/sql/sql.ts';
import type { TestService } from '../../support/service.ts';
import type { Rows } from '../compared/rows.ts';

export function modelNamed(name: string): Model {
  return MODELS.find((model) => model.name === name)!;
}

/** Models as of an instant that is written into their text; those that they read stand as subqueries. */
export function contextOf({ catalog, engine }: TestService, asOf: string): ModelContext {
  const plain = DIALECTS[engine.dialect];
  const at = trusted(`'${sqlTimestamp(canonicalInstant(asOf))}'`);
  const context: ModelContext = {
    catalog: catalog(),
    dialect: withHorizon(plain, plain.timestamp(at)),
    ref: (name) => sql`(${modelNamed(name).select(context)})`,
  };
  return context;
}

/** What a statement over a model gives; its values are in its text. */
export async function rowsOf(
  service: TestService,
  name: string,
  asOf: string,
  select: (from: Sql) => Sql = (from) => sql`select * from ${from}`,
): Promise<readonly Row[]> {
  const from = sql`(\n${modelNamed(name).select(contextOf(service, asOf))}\n) as m`;
  const { rows } = await service.engine.query({ sql: textOf(select(from)), parameters: [] });
  return rows;
}

/** Rows of models over raw sources. */
export const rowsAt =
  (service: TestService, asOf: string): Rows =>
  (name, select) =>
    rowsOf(service, name, asOf, select);

/** What the planner's own statements answer, by question. */
export async function answers<Q extends Question>(
  { catalog, engine }: TestService,
  questions: readonly Q[],
): Promise<(question: Q) => Answers[Q['kind']]> {
  const dialect = DIALECTS[engine.dialect];
  const found = new Map<string, Answers[Question['kind']]>();
  for (const planned of plan(catalog(), dialect, questions)) {
    const { rows } = await engine.query(planned.compiled);
    for (const question of planned.questions) found.set(questionKey(question), planned.answer(question, rows));
  }
  return (question) => found.get(questionKey(question)) as Answers[Q['kind']]; // the plan answers all of its questions
}

export const columns = (...names: readonly string[]): Sql =>
  join(
    names.map((name) => ident(name)),
    ', ',
  );
