import { type Sql, sql, trusted } from '../../sql/sql.ts';
import { as } from '../../sql/statement.ts';
import type { ModelColumn, ModelContext } from '../model.ts';

/** The last column of every model. */
export const AS_OF: ModelColumn = {
  name: 'as_of',
  type: 'DATETIME',
  description: 'The instant that the models were built as of, in UTC: rows from then on are not in them.',
};

export const EXPERIMENT: ModelColumn = {
  name: 'experiment',
  type: 'STRING',
  description: 'Key of the experiment.',
};

export const METRIC: ModelColumn = { name: 'metric', type: 'STRING', description: 'Name of the metric.' };

export const VERSION: ModelColumn = {
  name: 'version',
  type: 'INTEGER',
  description: "Number of the metric's version: the one that the experiment names, else the newest.",
};

export const VARIANT: ModelColumn = { name: 'variant', type: 'STRING', description: 'Key of the variant.' };

/** The value of `as_of`. */
export const asOfSql = ({ dialect }: ModelContext): Sql => as(dialect.horizon, AS_OF.name);

/** Nothing, as a value of a type: both engines must know which. */
export function nothing({ dialect }: ModelContext, type: ModelColumn['type']): Sql {
  return dialect.literal(sql`null`, type);
}

/** A whole number of the catalog. */
export const wholeSql = (value: number): Sql => sql`cast(${trusted(String(value))} as bigint)`;
