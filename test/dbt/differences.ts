import type { Catalog } from '../../src/catalog/catalog.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Model, ModelColumn, ModelName } from '../../src/models/model.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import { compile, ident, join, type Sql, sql, trusted } from '../../src/sql/sql.ts';

/** Sums of doubles differ in their last digits from run to run. */
const TOLERANCE = '1e-9';
const TIMEOUT_MS = 300_000;

export interface Sides {
  readonly catalog: Catalog;
  readonly engine: Engine;
  readonly ofDbt: (model: ModelName) => Sql;
  readonly ofLiftql: (model: ModelName) => Sql;
}

/** Rows of a table that dbt built, and how many of them or of that which `liftql build` built have no equal in the other. */
export async function differencesOf(
  model: Model,
  { catalog, engine, ofDbt, ofLiftql }: Sides,
): Promise<{ readonly rows: number; readonly different: number }> {
  const same = join(
    model.key.map((name) => sql`${keyPart(ident('b', name))} = ${keyPart(ident('d', name))}`),
    ' and ',
  );
  const differs = model.columns(catalog).map((column) => sql`(${differsSql(column)})`);
  const alone = sql`${ident('b', 'as_of')} is null or ${ident('d', 'as_of')} is null`;
  const query = sql`select count(${ident('b', 'as_of')}) as "rows",
  coalesce(sum(case when ${alone} or ${join(differs, ' or ')} then 1 else 0 end), 0) as "different"
from (select * from ${ofDbt(model.name)}) as "b" full join (select * from ${ofLiftql(model.name)}) as "d" on ${same}`;
  const { placeholder } = DIALECTS[engine.dialect];
  const { rows } = await engine.query(compile(query, placeholder), { timeoutMs: TIMEOUT_MS });
  return { rows: Number(rows[0]!.rows), different: Number(rows[0]!.different) };
}

/** Nulls of a key are alike. */
const keyPart = (column: Sql): Sql => sql`coalesce(cast(${column} as varchar), chr(1))`;

function differsSql({ name, type }: ModelColumn): Sql {
  const [b, d] = [ident('b', name), ident('d', name)];
  if (type !== 'FLOAT') return sql`${b} is distinct from ${d}`;
  const far = sql`abs(${b} - ${d}) > ${trusted(TOLERANCE)} * greatest(1e0, abs(${b}), abs(${d}))`;
  return sql`case when ${b} is null or ${d} is null then ${b} is not null or ${d} is not null else ${far} end`;
}
