import type { Row } from '../engine/engine.ts';
import type { CompiledSql } from '../sql/sql.ts';
import type { Answers } from './answer.ts';
import type { Question } from './question.ts';

/** A statement and what it is for: which questions its rows answer, and how. */
export interface PlannedStatement {
  readonly purpose: string;
  readonly compiled: CompiledSql;
  readonly questions: readonly Question[];
  /** It reads tables of the models. */
  readonly built?: true;
  answer(question: Question, rows: readonly Row[]): Answers[Question['kind']];
}
