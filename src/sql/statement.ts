import type { Reuse } from './dialect.ts';
import { ident, join, type Sql, sql, trusted } from './sql.ts';

/** One step of a statement: a named query with a sentence that says what it is. */
export interface Step {
  readonly name: string;
  readonly comment: string;
  readonly query: Sql;
  /** Read more than once: computed once where the engine can. */
  readonly reused?: boolean;
}

/** `with` step after step, each under its comment, and the final select. */
export function statement(steps: readonly Step[], final: Sql, reuse: Reuse): Sql {
  const again = reuse.kind === 'materialized' ? reuse.clause : ' as';
  const ctes = steps.map(
    (step) =>
      sql`-- ${trusted(step.comment)}\n${ident(step.name)}${trusted(step.reused ? again : ' as')} (\n${step.query}\n)`,
  );
  return sql`with\n${join(ctes, ',\n')}\n${final}`;
}

export const and = (conditions: readonly Sql[]): Sql => join(conditions, ' and ');

/** A select list, one item a line. */
export const list = (items: readonly Sql[]): Sql => join(items, ',\n  ');

export const as = (expression: Sql, alias: string): Sql => sql`${expression} as ${ident(alias)}`;

/** Statements of the same columns as one. Trino takes no `with` in brackets as a side of a union, and so each is selected from. */
export function unionAll(columns: readonly string[], parts: readonly Sql[]): Sql {
  if (parts.length === 1) return parts[0]!;
  const names = join(
    columns.map((name) => ident(name)),
    ', ',
  );
  return join(
    parts.map((part) => sql`select ${names} from (\n${part}\n) as p`),
    '\nunion all\n',
  );
}
