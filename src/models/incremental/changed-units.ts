import { ident, type Sql, sql } from '../../sql/sql.ts';

/** Units whose first exposure is another than it was, or new: their days before the look-back are not those that were kept. */
export function changedUnits(assignments: { readonly before: Sql; readonly now: Sql }): Sql {
  const same = (name: string) => sql`${ident('b', name)} is not distinct from ${ident('n', name)}`;
  return sql`select ${ident('n', 'experiment')}, ${ident('n', 'unit')}, ${ident('n', 'assigned_at')}
from (
${assignments.now}
) as n
left join ${assignments.before} as b on ${ident('b', 'experiment')} = ${ident('n', 'experiment')} and ${ident('b', 'unit')} = ${ident('n', 'unit')} and ${same('exposed_at')} and ${same('assigned_at')}
where ${ident('b', 'unit')} is null`;
}
