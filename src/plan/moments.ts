import { ident, join, type Sql, sql } from '../sql/sql.ts';
import { and, as, list, type Step } from '../sql/statement.ts';
import { capsStep, type WantedMoments } from './capping.ts';
import { asColumns, cappedColumns, plainColumns, sumOfColumns, toldColumns } from './moment-columns.ts';
import { momentsInLists } from './moments-in-lists.ts';
import type { Scope } from './scope.ts';

export interface MomentsOptions {
  readonly sliced: boolean;
  /** `units` tells which units were asked for; the others only shape the thresholds. */
  readonly marked: boolean;
}

/** Sums over `units`: one row an (experiment,) arm (and slice). */
export function momentsSteps(scope: Scope, wanted: readonly WantedMoments[], options: MomentsOptions): readonly Step[] {
  const caps = capsStep(scope, wanted);
  const names = [...scope.keys, 'arm', ...(options.sliced ? ['slice'] : [])];
  if (caps !== null && scope.dialect.reuse.kind === 'inlined')
    return momentsInLists(scope, scope.dialect.reuse.lists, wanted, { group: names, marked: options.marked });
  const group = names.map((name) => ident('u', name));
  const columns = wanted.flatMap((one) => [
    ...plainColumns(scope, one),
    ...cappedColumns(scope, one, { sum: sumOfColumns(one), threshold: (name) => ident('c', name) }),
    ...toldColumns(one, (name) => sql`max(${ident('c', name)})`),
  ]);
  const where = options.marked ? sql`\nwhere ${ident('u', 'in_scope')}` : sql``;
  return [
    ...(caps === null ? [] : [caps]),
    {
      name: 'moments',
      comment: 'sums over the units of each arm',
      query: sql`select\n  ${list([...group, as(sql`count(*)`, 'exposed'), ...asColumns(columns)])}\nfrom units as u${caps === null ? sql`` : joinCaps(scope)}${where}\ngroup by ${join(group, ', ')}`,
    },
  ];
}

function joinCaps({ keys }: Scope): Sql {
  if (keys.length === 0) return sql`\ncross join caps as c`;
  return sql`\njoin caps as c on ${and(keys.map((key) => sql`${ident('u', key)} = ${ident('c', key)}`))}`;
}
