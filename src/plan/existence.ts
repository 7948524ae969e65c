import type { FactSource } from '../catalog/catalog.ts';
import { groupBy } from '../core/group-by.ts';
import { type CanonicalInstant, latest, startOfDay } from '../core/instant.ts';
import type { Expression } from '../metric-types/expression.ts';
import type { Existence } from '../metric-types/metric-type.ts';
import { ident, type Sql, sql, trusted } from '../sql/sql.ts';
import { and, as, list } from '../sql/statement.ts';
import type { PlannedMeasure } from './measures.ts';
import { columnOf, instantSql, textSql, untilSql } from './relation.ts';
import { factSource, type Scope } from './scope.ts';
import { anyOf, sourceRows } from './source-rows.ts';

/** What rows of a source are told of another source's rows: columns, and the joins that these are read from. */
export interface ExistenceColumns {
  readonly columns: readonly Sql[];
  readonly joins: readonly Sql[];
}

/** A condition of existence, and the measures' name for it. */
interface Wanted {
  readonly name: string;
  readonly exists: Existence;
  /** The other's rows count up to here. */
  readonly until: CanonicalInstant | null;
}

/**
 * Whether another source has a row with each row of a source (`s`), for the measures that ask: one scan of the other source for
 * all conditions with one key and one time.
 */
export function existenceColumns(
  scope: Scope,
  source: FactSource,
  measures: readonly PlannedMeasure[],
  from: CanonicalInstant | null,
): ExistenceColumns {
  const wanted = new Map<string, Wanted>();
  for (const { measure, exists: name, window } of measures) {
    if (name === undefined) continue;
    wanted.set(name, { name, exists: measure.exists!, until: untilOf(scope, window?.length == null) });
  }
  const groups = [
    ...groupBy([...wanted.values()], ({ exists }) =>
      JSON.stringify([exists.source, exists.on.own.text, exists.on.other.text, exists.within]),
    ).values(),
  ];
  const parts = groups.map((group, i) => matchOf(scope, source, group, { alias: `e${i}`, from }));
  return { columns: parts.flatMap(({ columns }) => columns), joins: parts.flatMap(({ joins }) => joins) };
}

/** The end of observation. Several experiments with different ends have no common one: they go into statements of their own. */
function untilOf({ bounds }: Scope, isOpen: boolean): CanonicalInstant | null {
  const ends = new Set(bounds.map(({ measuredUntil, observedUntil }) => (isOpen ? measuredUntil : observedUntil)));
  if (ends.size > 1) throw new Error('The rows of another source end with one experiment.');
  return [...ends][0]!;
}

function matchOf(
  scope: Scope,
  source: FactSource,
  group: readonly Wanted[],
  { alias, from }: { readonly alias: string; readonly from: CanonicalInstant | null },
): ExistenceColumns {
  const { dialect } = scope;
  const { exists } = group[0]!;
  const other = factSource(scope.catalog, exists.source);
  const keys = keysOf(scope, source, other, exists);
  const whole = (until: CanonicalInstant | null) =>
    until === null || other.grain !== 'day' ? until : startOfDay(until);
  const rows = sourceRows(scope, other, {
    from: exists.within === null ? null : from,
    until: group.some(({ until }) => until === null) ? null : whole(latest(...group.map(({ until }) => until))),
    conditions: anyOf(group.map(({ exists: { where } }) => where?.text ?? null)),
  });
  const keyed = sql`select o.*, ${as(keys.other, '__key')} from (\n    ${rows}\n    ) as o`;
  const counts = ({ exists: { where }, until }: Wanted, more: readonly Sql[] = []): Sql => {
    const end = whole(until);
    const ends = new Set(group.map((one) => one.until));
    const all = [
      ...(where === null ? [] : [sql`(${trusted(where.text)})`]),
      ...(end === null || ends.size === 1 || other.timestamp === null ? [] : [sql`"__at" < ${untilSql(end, dialect)}`]),
      ...more,
    ];
    return all.length === 0 ? sql`true` : and(all);
  };
  const inJoin = (name: string) => ident(alias, name);
  if (exists.within === null) {
    const found = group.map((one) => as(sql`count(case when ${counts(one)} then 1 end)`, `__${one.name}`));
    return {
      columns: group.map(({ name }) => as(sql`coalesce(${inJoin(`__${name}`)} > 0, false)`, name)),
      joins: [
        sql`\n  left join (\n    select "__key", ${list(found)}\n    from (${keyed}) as k\n    where "__key" is not null\n    group by "__key"\n  ) as ${ident(alias)} on ${inJoin('__key')} = ${keys.own}`,
      ],
    };
  }
  // Time in pieces as long as `within`: a row's match lies in its own piece, where the latest tells whether there is one, or in the
  // next, where the earliest does. However many rows have a key, each is looked at once.
  const length = trusted(dialect.number(exists.within * 1_000_000));
  const piece = (at: Sql) => sql`cast(floor(${dialect.microseconds(at)} / ${length}) as bigint)`;
  const at = instantSql(source, source.timestamp!, dialect);
  const inPieces = sql`select k.*, ${piece(ident('k', '__at'))} - d."__before" as "__piece", d."__before"\n      from (${keyed}) as k\n      cross join (values (0), (1)) as d ("__before")\n      where ${ident('k', '__key')} is not null`;
  const told = group.flatMap((one) => [
    as(sql`max(case when ${counts(one, [sql`"__before" = 0`])} then "__at" end)`, `__${one.name}.latest`),
    as(sql`min(case when ${counts(one, [sql`"__before" = 1`])} then "__at" end)`, `__${one.name}.earliest`),
  ]);
  return {
    columns: group.map(({ name }) => {
      const same = sql`${inJoin(`__${name}.latest`)} >= ${at}`;
      const next = sql`${inJoin(`__${name}.earliest`)} <= ${dialect.plusSeconds(at, exists.within!)}`;
      return as(sql`coalesce(${same}, false) or coalesce(${next}, false)`, name);
    }),
    joins: [
      sql`\n  left join (\n    select "__key", "__piece", ${list(told)}\n    from (\n      ${inPieces}\n    ) as p\n    group by "__key", "__piece"\n  ) as ${ident(alias)} on ${inJoin('__key')} = ${keys.own} and ${inJoin('__piece')} = ${piece(at)}`,
    ],
  };
}

/** What both sources' rows are compared by: columns of one type as they are, everything else as text. Empty text is no key. */
function keysOf({ dialect }: Scope, source: FactSource, other: FactSource, { on }: Existence) {
  const columns = [columnNamed(source, on.own), columnNamed(other, on.other)] as const;
  const [own, others] = columns.map((column) => column?.type ?? null);
  const isSame = own !== null && own === others && own !== 'FLOAT';
  const key = (of: FactSource, expression: Expression, column: (typeof columns)[number]) => {
    if (column?.type === 'STRING') return sql`nullif(${textSql(of, column.name, dialect)}, '')`;
    const value = column === null ? sql`(${trusted(expression.text)})` : ident(column.name);
    return isSame ? value : sql`nullif(${dialect.text(value)}, '')`;
  };
  return { own: key(source, on.own, columns[0]), other: key(other, on.other, columns[1]) };
}

function columnNamed(source: FactSource, { text }: Expression) {
  const name = /^\s*"?([A-Za-z_]\w*)"?\s*$/.exec(text)?.[1];
  const column = name === undefined ? null : columnOf(source, name);
  return column === null ? null : { name: name!, type: column.type };
}
