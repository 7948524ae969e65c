import type { Catalog } from '../../src/catalog/catalog.ts';
import { canonicalInstant, sqlTimestamp } from '../../src/core/instant.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { withHorizon } from '../../src/models/as-of.ts';
import type { Model, ModelColumn, ModelName } from '../../src/models/model.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import { inlined } from '../../src/sql/literal.ts';
import { bind, compile, ident, join, type Sql, sql, trusted } from '../../src/sql/sql.ts';

/** Sums of doubles differ in their last digits from run to run. */
const TOLERANCE = '1e-9';
/**
 * A cap is a percentile of the values that are not 0. Purchases that were refunded leave 0 in one order of adding and 1e-15 in
 * another, which moves the cap to between other values. What is made from calculations that stand has one cap; a series reads rows.
 */
const TOLERANCE_OF_CAPS = '1e-5';

/** Rows of a built table, and how many of them or of the model's own select have no equal in the other. */
export async function differencesOf(
  model: Model,
  { catalog, engine, asOf, ref }: { catalog: Catalog; engine: Engine; asOf: string; ref: (model: ModelName) => Sql },
): Promise<{ readonly rows: number; readonly different: number }> {
  const plain = DIALECTS[engine.dialect];
  const dialect = withHorizon(plain, plain.timestamp(bind(sqlTimestamp(canonicalInstant(asOf)))));
  const select = inlined(model.select({ catalog, dialect, ref }));
  const side = (alias: string, name: string) => ident(alias, name);
  const same = join(
    model.key.map((name) => sql`${keyPart(side('b', name))} = ${keyPart(side('d', name))}`),
    ' and ',
  );
  const alone = (alias: string, other: string) =>
    sql`${side(other, 'as_of')} is null and ${countsSql(alias, model.name)}`;
  const tolerance = model.name === 'metric_timeline' ? TOLERANCE_OF_CAPS : TOLERANCE;
  const differs = model.columns(catalog).map((column) => sql`(${differsSql(column, tolerance)})`);
  const bothSql = sql`${side('b', 'as_of')} is not null and ${side('d', 'as_of')} is not null`;
  const query = sql`select count(${side('b', 'as_of')}) as "rows",
  coalesce(sum(case when (${alone('b', 'd')}) or (${alone('d', 'b')})
    or ${bothSql} and (${join(differs, ' or ')}) then 1 else 0 end), 0) as "different"
from (select * from ${ref(model.name)}) as "b" full join (${select}) as "d" on ${same}`;
  const { rows } = await engine.query(compile(query, plain.placeholder), { timeoutMs: 300_000 });
  return { rows: Number(rows[0]!.rows), different: Number(rows[0]!.different) };
}

/**
 * Whether a row that the other side lacks is a difference. A unit without a value has no row, and purchases that were refunded
 * leave 0 in one order of adding and 1e-15 in another.
 */
function countsSql(alias: string, model: ModelName): Sql {
  if (model !== 'metric_calculations') return sql`true`;
  const numbers = ['value', 'denominator', 'value_before', 'denominator_before'].map(
    (name) => sql`coalesce(abs(${ident(alias, name)}), 0) > ${trusted(TOLERANCE)}`,
  );
  return sql`${ident(alias, 'as_of')} is not null and (${join(numbers, ' or ')})`;
}

/** Nulls of a key are alike. */
const keyPart = (column: Sql): Sql => sql`coalesce(cast(${column} as varchar), chr(1))`;

function differsSql({ name, type }: ModelColumn, tolerance: string): Sql {
  const [b, d] = [ident('b', name), ident('d', name)];
  if (type !== 'FLOAT') return sql`${b} is distinct from ${d}`;
  const far = sql`abs(${b} - ${d}) > ${trusted(tolerance)} * greatest(1e0, abs(${b}), abs(${d}))`;
  return sql`case when ${b} is null or ${d} is null then ${b} is not null or ${d} is not null else ${far} end`;
}
