import { bind, ident, type Sql, sql } from '../sql/sql.ts';
import { as, list, type Step } from '../sql/statement.ts';
import type { Scope } from './scope.ts';

/**
 * `units` again for each seed, which is its slice, in one of two arms by lot: what A/A tests over the same units see. `units` is
 * the step that has each once.
 */
export function rerandomisedSteps({ dialect }: Scope, units: Step, seeds: readonly string[]): readonly Step[] {
  const rows = seeds.map((seed, i) => sql`(${dialect.literal(bind(i), 'INTEGER')}, ${dialect.text(bind(seed))})`);
  const half = dialect.half(dialect.text(ident('e', 'unit')), ident('s', 'seed'));
  return [
    { ...units, name: 'each_unit', comment: `${units.comment}; every unit once`, reused: false },
    {
      name: 'seeds',
      comment: 'one an A/A test',
      query: sql`select * from (values\n  ${list(rows)}\n) as s ("slice", "seed")`,
    },
    {
      name: 'units',
      comment: 'every unit in each test, in a half of its own by lot',
      query: sql`select e.*, ${ident('s', 'slice')}, ${as(half, 'arm')}\nfrom each_unit as e\ncross join seeds as s`,
      reused: true,
    },
  ];
}

/** The final select: its variants are the halves. */
export const HALVES: Sql = sql`select cast(r."arm" as varchar) as "variant", r.*\nfrom moments as r\norder by r."slice", r."arm"`;
