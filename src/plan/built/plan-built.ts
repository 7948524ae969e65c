import type { Catalog } from '../../catalog/catalog.ts';
import type { BuiltTables } from '../../core/built-tables.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { compile, ident } from '../../sql/sql.ts';
import type { PlannedStatement } from '../planned.ts';
import { type Question, questionKey } from '../question.ts';
import { assignmentsReader } from './assignments-reader.ts';
import { freshnessReader } from './freshness-reader.ts';
import { momentsReader } from './moments-reader.ts';
import type { TableReader } from './table-reader.ts';

/** Statements over tables of the models for the questions that these answer, and the questions that are left. */
export interface BuiltPlan {
  readonly planned: readonly PlannedStatement[];
  readonly rest: readonly Question[];
}

/**
 * One statement for each table, which reads a few rows by their keys. What it finds no rows for is not built, which is another
 * thing than zero: its answer throws NotBuilt, and raw sources are to be read.
 */
export function planBuilt(
  built: BuiltTables,
  catalog: Catalog,
  dialect: Dialect,
  questions: readonly Question[],
): BuiltPlan {
  const parts = [
    planTable(momentsReader, built, catalog, dialect, questions),
    planTable(assignmentsReader, built, catalog, dialect, questions),
    planTable(freshnessReader, built, catalog, dialect, questions),
  ];
  const planned = parts.flat();
  const covered = new Set(planned.flatMap((statement) => statement.questions.map(questionKey)));
  return { planned, rest: questions.filter((question) => !covered.has(questionKey(question))) };
}

function planTable<Kind extends Question['kind']>(
  reader: TableReader<Kind>,
  built: BuiltTables,
  catalog: Catalog,
  dialect: Dialect,
  questions: readonly Question[],
): readonly PlannedStatement[] {
  const table = built.tables.get(reader.model);
  const isOwn = (question: Question): question is Extract<Question, { kind: Kind }> => question.kind === reader.kind;
  const covered = questions.filter(isOwn).filter((question) => reader.covers(question, catalog, built.asOf));
  if (table === undefined || covered.length === 0) return [];
  return [
    {
      purpose: reader.kind,
      compiled: compile(reader.select(ident(...table), covered), dialect.placeholder),
      questions: covered,
      built: true,
      answer: (question, rows) => {
        if (!isOwn(question)) throw new Error(`Not a question for ${reader.kind}.`);
        return reader.answer(question, rows);
      },
    },
  ];
}
