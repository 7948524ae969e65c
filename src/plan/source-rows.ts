import type { FactSource } from '../catalog/catalog.ts';
import { addSeconds, type CanonicalInstant, sqlTimestamp } from '../core/instant.ts';
import { bind, ident, join, type Sql, sql, trusted } from '../sql/sql.ts';
import { and, as } from '../sql/statement.ts';
import { arrivedBefore, instantSql, relationSql, unitSql, untilSql, withinSql } from './relation.ts';
import type { Scope } from './scope.ts';

const MOST_PREFILTERS = 12;

interface Wanted {
  /** The rows' times lie in [from, until); null: not bounded. */
  readonly from: CanonicalInstant | null;
  readonly until: CanonicalInstant | null;
  /** On the source's own columns. */
  readonly conditions: readonly Sql[];
  /** What else is told of each row (`s`), and what is joined for it. */
  readonly columns?: readonly Sql[];
  readonly joins?: readonly Sql[];
}

/**
 * Rows of a source as of the statement's moment, with their unit (`__unit`) and time (`__at`): what had arrived by then, re-sent
 * rows dropped.
 */
export function sourceRows(scope: Scope, source: FactSource, wanted: Wanted): Sql {
  const { dialect } = scope;
  const { from, until, conditions } = wanted;
  const parameter = (instant: string) => dialect.timestamp(bind(sqlTimestamp(instant)));
  const ending = (instant: string) =>
    dialect.horizon !== undefined && source.grain === 'day'
      ? sql`date_trunc('day', ${untilSql(instant, dialect)})`
      : untilSql(instant, dialect);
  const unit = as(unitSql(source, scope.unitAsText, dialect), '__unit');
  const arrived = arrivedBefore(source, scope.populations[0]!.asOf, dialect);
  const more = join(
    (wanted.columns ?? []).flatMap((column) => [sql`, `, column]),
    '',
  );
  const relation = sql`${relationSql(source)} as s${join([...(wanted.joins ?? [])], '')}`;
  if (source.timestamp === null) {
    const all = [...arrived, ...conditions];
    return sql`select s.*, ${unit}${more}\n  from ${relation}${all.length === 0 ? sql`` : sql`\n  where ${and(all)}`}`;
  }
  const at = instantSql(source, source.timestamp, dialect);
  const within = (earlier: number) => [
    ...withinSql(
      source,
      source.timestamp!,
      {
        from: from === null ? null : parameter(addSeconds(from, -earlier)),
        until: until === null ? null : ending(until),
      },
      dialect,
    ),
    ...arrived,
  ];
  if (source.id === null) {
    const all = [...within(0), ...conditions];
    return sql`select s.*, ${unit}, ${as(at, '__at')}${more}\n  from ${relation}${all.length === 0 ? sql`` : sql`\n  where ${and(all)}`}`;
  }
  const id = ident(source.id.column);
  const sent = within(source.id.within);
  const stamped = sql`select s.*, ${unit}, ${as(at, '__at')}${more} from ${relation}${sent.length === 0 ? sql`` : sql` where ${and(sent)}`}`;
  const previous = sql`select r.*, lag("__at") over (partition by ${id} order by "__at", "__unit") as "__sent_before"\n    from (${stamped}) as r\n    where "__unit" is not null`;
  const isFirst = sql`(${id} is null or "__sent_before" is null or "__at" > ${dialect.plusSeconds(sql`"__sent_before"`, source.id.within)})`;
  const again = from === null ? [] : [sql`"__at" >= ${parameter(from)}`];
  return sql`select * from (\n    ${previous}\n  ) as d\n  where ${and([isFirst, ...again, ...conditions])}`;
}

const EQUALITY = /^\s*("?[A-Za-z_]\w*"?)\s*=\s*('(?:[^']|'')*')\s*$/;

/**
 * That any condition holds; nothing where one is null, which every row meets, or where so many would cost more than they spare.
 * Equalities of one column cost about one, as a set.
 */
export function anyOf(texts: readonly (string | null)[]): readonly Sql[] {
  const wheres = [...new Set(texts)].filter((text) => text !== null);
  if (texts.includes(null)) return [];
  const equalities = wheres.map((where) => EQUALITY.exec(where));
  const column = equalities[0]?.[1];
  if (column !== undefined && wheres.length > 1 && equalities.every((equality) => equality?.[1] === column)) {
    return [sql`${trusted(column)} in (${trusted(equalities.map((equality) => equality![2]!).join(', '))})`];
  }
  if (wheres.length > MOST_PREFILTERS) return [];
  return [
    sql`(${join(
      wheres.map((where) => sql`(${trusted(where)})`),
      ' or ',
    )})`,
  ];
}
