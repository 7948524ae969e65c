import type { Catalog } from '../../catalog/catalog.ts';
import type { BuiltTables } from '../../core/built-tables.ts';
import type { Row } from '../../engine/engine.ts';
import { bind, ident, join, type Sql, sql } from '../../sql/sql.ts';
import type { Answers } from '../answer.ts';
import type { Population, Question } from '../question.ts';
import { assignmentSource } from '../scope.ts';

/** How the table of one model answers one kind of question. */
export interface TableReader<Kind extends Question['kind']> {
  readonly kind: Kind;
  /** The model. */
  readonly model: string;
  /** Whether the table, as of `asOf`, says the same of a question as raw sources. */
  covers(question: Extract<Question, { kind: Kind }>, catalog: Catalog, asOf: BuiltTables['asOf']): boolean;
  /** The rows of several questions. */
  select(from: Sql, questions: readonly Extract<Question, { kind: Kind }>[]): Sql;
  /** Throws NotBuilt where there are no rows of the question. */
  answer(question: Extract<Question, { kind: Kind }>, rows: readonly Row[]): Answers[Kind];
}

/** All units of an experiment that the models hold, as of when the tables were built; units are counted one by one, in one phase. */
export function isBuiltPopulation(
  { experiment, where, asOf }: Population,
  catalog: Catalog,
  builtAsOf: string,
): boolean {
  const { cluster } = assignmentSource(catalog, experiment);
  const isPlain = cluster == null && (experiment.phases ?? []).length === 0 && experiment.status !== 'DRAFT';
  // Made-up experiments, such as those of power analyses, are none of the catalog's.
  return isPlain && where === null && asOf === builtAsOf && catalog.experiments.get(experiment.key) === experiment;
}

/** That a column is one of some texts. */
export function isOneOf(column: string, values: readonly string[]): Sql {
  const distinct = [...new Set(values)].sort();
  return sql`${ident(column)} in (${join(distinct.map(bind), ', ')})`;
}

export const columnList = (columns: readonly string[]): Sql =>
  join(
    columns.map((column) => ident(column)),
    ', ',
  );
