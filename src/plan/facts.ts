import type { FactSource } from '../catalog/catalog.ts';
import { addSeconds, earliest, latest, sqlTimestamp } from '../core/instant.ts';
import type { Dialect } from '../sql/dialect.ts';
import { bind, ident, join, type Sql, sql, trusted } from '../sql/sql.ts';
import { and, as, list, type Step } from '../sql/statement.ts';
import type { PlannedMeasure } from './measures.ts';
import { columnOf, instantSql, isPlainText, relationSql, unitSql, withinSql } from './relation.ts';
import { BOUND_COLUMNS, type Bounds, boundSql, type Scope } from './scope.ts';

const MOST_PREFILTERS = 12;

/** End of a window in seconds after exposure; null: open. */
const endOf = ({ window }: PlannedMeasure): number | null =>
  window === null || window.length === null ? null : window.delay + window.length;

/**
 * One source's rows, joined to the exposures and aggregated per unit: one scan for all measures over it. Rows count in
 * `[exposure + delay, exposure + delay + length)`, and never at or after the end of observation. Only units with rows appear; or,
 * where these columns of the exposures are to be carried along, every exposed unit.
 */
export function factStep(
  scope: Scope,
  source: FactSource,
  measures: readonly PlannedMeasure[],
  carried: readonly string[] | null = null,
): Step {
  const timed = source.timestamp !== null;
  const anchored = timed && scope.source.timestamp !== null;
  const at = ident('f', '__at');
  const exposedAt = ident('x', '__exposed_at');
  const many = scope.keys.length > 0;
  const ends = [...new Set(measures.map(endOf))];
  const sharedEnd = anchored && ends.length === 1 && ends[0] !== null ? ends[0]! : null;
  const open = boundSql(scope, 'measuredUntil', ident('x', '__measured_until'));
  const closed = boundSql(scope, 'observedUntil', ident('x', '__observed_until'));
  // Where every measure is open, rows after the experiment's end are never read; otherwise each open measure says so itself.
  const allOpen = ends.length === 1 && ends[0] === null;

  const on = [
    ...(many ? [sql`${at} < ${allOpen ? open : closed}`].filter(() => timed) : []),
    ...(anchored ? [sql`${at} >= ${exposedAt}`] : []),
    ...(sharedEnd === null ? [] : [sql`${at} < ${scope.dialect.plusSeconds(exposedAt, sharedEnd)}`]),
  ];
  const windowOf = (measure: PlannedMeasure): readonly Sql[] => {
    if (!timed) return [];
    const end = endOf(measure);
    const delay = measure.window?.delay ?? 0;
    return [
      ...(anchored && delay > 0 ? [sql`${at} >= ${scope.dialect.plusSeconds(exposedAt, delay)}`] : []),
      ...(anchored && end !== null && sharedEnd === null
        ? [sql`${at} < ${scope.dialect.plusSeconds(exposedAt, end)}`]
        : []),
      ...(end === null && !allOpen ? [sql`${at} < ${open}`] : []),
    ];
  };
  // A unit without rows has one of nulls, which must not count.
  const found = carried === null ? [] : [sql`${ident('f', '__unit')} is not null`];
  const columns = measures.flatMap((measure) =>
    aggregates(scope.dialect, source, measure, [...found, ...windowOf(measure)]),
  );
  const inner = (name: string) => (name === 'unit' ? '__exposed_unit' : `__${name}`);
  const needed = [
    ...scope.keys,
    'unit',
    ...(anchored ? ['exposed_at'] : []),
    ...(many ? [BOUND_COLUMNS.observedUntil, BOUND_COLUMNS.measuredUntil] : []),
  ];
  const exposed = join(
    (carried ?? needed).map((name) => as(ident(name), inner(name))),
    ', ',
  );
  const units = sql`(select ${exposed} from exposures) as x`;
  const rows = sql`(\n  ${scan(scope, source, measures)}\n) as f`;
  const match = and([sql`${ident('f', '__unit')} = ${ident('x', '__exposed_unit')}`, ...on]);
  const key = [...scope.keys, 'unit'];
  const attributes = (carried ?? []).filter((name) => !key.includes(name));
  return {
    name: factsName(source.name),
    comment:
      carried === null
        ? `what each unit did in ${source.name}`
        : `every exposed unit and what it did in ${source.name}`,
    query: sql`select\n  ${list([
      ...key.map((name) => as(ident('x', inner(name)), name)),
      ...attributes.map((name) => as(sql`any_value(${ident('x', inner(name))})`, name)),
      ...columns,
    ])}
from ${carried === null ? sql`${units}\njoin ${rows}` : sql`${rows}\nright join ${units}`} on ${match}
group by ${join(
      key.map((name) => ident('x', inner(name))),
      ', ',
    )}`,
  };
}

/** The step that holds a source's facts. */
export const factsName = (source: string): string => `facts_${source}`;

/** The source's rows that any measure may need: within the union of their times, re-sent rows dropped. */
function scan(scope: Scope, source: FactSource, measures: readonly PlannedMeasure[]): Sql {
  const { dialect } = scope;
  const parameter = (instant: string) => dialect.timestamp(bind(sqlTimestamp(instant)));
  const unit = as(unitSql(source, scope.unitAsText, dialect), '__unit');
  const wheres = [...new Set(measures.map(({ measure }) => measure.where?.text ?? null))];
  const prefilter = wheres.includes(null) ? [] : anyOf(wheres.map((where) => where!));
  if (source.timestamp === null) {
    return sql`select s.*, ${unit}\n  from ${relationSql(source)} as s${prefilter.length === 0 ? sql`` : sql`\n  where ${and(prefilter)}`}`;
  }
  const at = instantSql(source, source.timestamp, dialect);
  const starts = scope.populations.map(({ experiment }) => experiment.start);
  const delay = Math.min(...measures.map(({ window }) => window?.delay ?? 0));
  const from = starts.every((start) => start !== null) ? addSeconds(earliest(...starts)!, delay) : null;
  const until = latest(...scope.bounds.map((bounds) => lastNeeded(scope, bounds, measures)))!;
  const within = (earlier: number) =>
    withinSql(
      source,
      source.timestamp!,
      { from: from === null ? null : parameter(addSeconds(from, -earlier)), until: parameter(until) },
      dialect,
    );
  if (source.id === null) {
    return sql`select s.*, ${unit}, ${as(at, '__at')}\n  from ${relationSql(source)} as s\n  where ${and([...within(0), ...prefilter])}`;
  }
  const id = ident(source.id.column);
  const stamped = sql`select s.*, ${unit}, ${as(at, '__at')} from ${relationSql(source)} as s where ${and(within(source.id.within))}`;
  const previous = sql`select r.*, lag("__at") over (partition by ${id} order by "__at", "__unit") as "__sent_before"\n    from (${stamped}) as r\n    where "__unit" is not null`;
  const isFirst = sql`(${id} is null or "__sent_before" is null or "__at" > ${dialect.plusSeconds(sql`"__sent_before"`, source.id.within)})`;
  const again = from === null ? [] : [sql`"__at" >= ${parameter(from)}`];
  return sql`select * from (\n    ${previous}\n  ) as d\n  where ${and([isFirst, ...again, ...prefilter])}`;
}

const EQUALITY = /^\s*("?[A-Za-z_]\w*"?)\s*=\s*('(?:[^']|'')*')\s*$/;

/** That any condition holds; nothing where so many would cost more than they spare. Equalities of one column cost about one, as a set. */
function anyOf(wheres: readonly string[]): readonly Sql[] {
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

/** Where one experiment's rows stop to matter: the last unit's longest window, or the end of the open ones, whichever is later. */
function lastNeeded(scope: Scope, bounds: Bounds, measures: readonly PlannedMeasure[]): string | null {
  const ends = measures.map(endOf);
  const longest = Math.max(0, ...ends.map((end) => end ?? 0));
  const lastWindow = scope.source.timestamp === null ? null : addSeconds(bounds.enrolUntil!, longest);
  const closed = earliest(bounds.observedUntil, lastWindow);
  return ends.includes(null) ? latest(bounds.measuredUntil, ends.some((end) => end !== null) ? closed : null) : closed;
}

/** The aggregate of one measure, and the counts of its faulty rows where they are asked for. */
function aggregates(
  dialect: Dialect,
  source: FactSource,
  planned: PlannedMeasure,
  window: readonly Sql[],
): readonly Sql[] {
  const { alias, measure, quality } = planned;
  const conditions = [...(measure.where === null ? [] : [sql`(${trusted(measure.where.text)})`]), ...window];
  const when = (value: Sql, more: readonly Sql[] = []) => {
    const all = [...conditions, ...more];
    return all.length === 0 ? value : sql`case when ${and(all)} then ${value} end`;
  };
  const raw = measure.column === null ? null : trusted(`(${measure.column.text})`);
  const value = raw === null ? null : usable(dialect, source, measure.column!.text);
  const main = (() => {
    switch (measure.aggregate) {
      case 'count':
        return sql`count(${raw === null ? when(sql`1`) : when(raw)})`;
      case 'count_distinct':
        return sql`count(distinct ${when(raw!)})`;
      default:
        return sql`${trusted(measure.aggregate)}(${when(value!)})`;
    }
  })();
  const faults =
    !quality || value === null || measure.aggregate === 'count' || measure.aggregate === 'count_distinct'
      ? null
      : {
          invalid: sql`count(${when(sql`1`, [sql`${raw!} is not null`, sql`${value} is null`])})`,
          below:
            measure.minimum === null
              ? null
              : sql`count(${when(sql`1`, [sql`${value} < ${trusted(dialect.number(measure.minimum))}`])})`,
        };
  return [
    as(main, alias),
    ...(faults === null ? [] : [as(faults.invalid, `${alias}.invalid`)]),
    ...(faults?.below == null ? [] : [as(faults.below, `${alias}.below`)]),
  ];
}

/** A value as a finite double; NaN, infinities and text that is no number become null, so that one bad row spoils nothing. */
function usable(dialect: Dialect, source: FactSource, text: string): Sql {
  const column = /^"?[A-Za-z_][A-Za-z0-9_]*"?$/.test(text.trim())
    ? columnOf(source, text.trim().replaceAll('"', ''))
    : null;
  const read = trusted(`(${text})`);
  const isOtherText = column?.type === 'STRING' && !isPlainText(column);
  const double = dialect.double(isOtherText ? dialect.text(read) : read, column?.type ?? null);
  const exact = column?.type === 'INTEGER' || (column !== null && /^DECIMAL/i.test(column.engineType));
  return exact ? double : sql`case when ${dialect.isFinite(double)} then ${double} end`;
}
