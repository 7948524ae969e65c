import type { FactSource } from '../catalog/catalog.ts';
import type { FunnelStep } from '../metric-types/metric-type.ts';
import type { Dialect } from '../sql/dialect.ts';
import { ident, type Sql, sql, trusted } from '../sql/sql.ts';
import { and, as } from '../sql/statement.ts';
import { settledSum } from './arithmetic-sql.ts';
import type { PlannedMeasure } from './measures.ts';
import { cutRow, rowCapColumns } from './row-caps.ts';
import { usable } from './usable.ts';

const MICROSECONDS = 1_000_000;
const MICROSECONDS_OF_A_DAY = '86400000000e0';

interface Rows {
  readonly dialect: Dialect;
  readonly source: FactSource;
  /** What a row must be to count, besides what the measure says. */
  readonly window: readonly Sql[];
  /** What windows are counted from, such as the exposure; null: that is not known. */
  readonly anchor: Sql | null;
}

/** The time of a row. */
const AT = ident('f', '__at');

/** The aggregate of one measure over a unit's rows (`f`), and the counts of its faulty rows where they are asked for. */
export function aggregates(planned: PlannedMeasure, rows: Rows): readonly Sql[] {
  const { dialect, source, window } = rows;
  const { alias, measure, quality } = planned;
  const conditions = [
    ...(measure.where === null ? [] : [sql`(${trusted(measure.where.text)})`]),
    ...(planned.exists === undefined ? [] : [ident('f', planned.exists), ...isSettled(planned, rows)]),
    ...window,
  ];
  const when = (value: Sql, more: readonly Sql[] = []) => {
    const all = [...conditions, ...more];
    return all.length === 0 ? value : sql`case when ${and(all)} then ${value} end`;
  };
  const raw = measure.column === null ? null : trusted(`(${measure.column.text})`);
  const value = raw === null ? null : usable(dialect, source, measure.column!.text);
  const cut = value === null ? null : cutRow(dialect, value, measure.rowCap);
  const main = (() => {
    switch (measure.aggregate) {
      case 'count':
        return sql`count(${raw === null ? when(sql`1`) : when(raw)})`;
      case 'count_distinct':
        return sql`count(distinct ${when(raw!)})`;
      case 'values':
        return sql`array_agg(${cut!}) filter (where ${and([...conditions, sql`${value!} is not null`])})`;
      case 'first':
        return sql`min(${when(sql`row(${AT}, ${cut!})`, [sql`${value!} is not null`])})[2]`;
      case 'last':
        // The least of several at the last moment is the greatest of their negatives.
        return sql`(0e0 - max(${when(sql`row(${AT}, 0e0 - ${cut!})`, [sql`${value!} is not null`])})[2])`;
      case 'distinct_days':
        return sql`count(distinct ${when(dayOf(rows))})`;
      case 'time_to_first': {
        const elapsed = sql`(${dialect.microseconds(sql`min(${when(AT)})`)} - ${dialect.microseconds(sql`min(${rows.anchor!})`)})`;
        return sql`${elapsed} / ${trusted(dialect.number(MICROSECONDS * measure.timeUnit!))}`;
      }
      case 'funnel':
        return funnelSql(dialect, measure.steps!, window);
      default:
        return planned.settles ? settledSum(when(cut!)) : sql`${trusted(measure.aggregate)}(${when(cut!)})`;
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
    ...rowCapColumns(dialect, planned, value, when),
  ];
}

/** The texts of the conditions one of which a row must meet to matter for a measure; null: every row may. */
export function wheresOf({ measure }: PlannedMeasure): readonly (string | null)[] {
  return measure.steps?.map(({ where }) => where.text) ?? [measure.where?.text ?? null];
}

/** Before the anchor, rows count whose time for a row of the other source is over by then: what comes later is no covariate. */
function isSettled({ measure, window }: PlannedMeasure, { dialect, anchor }: Rows): readonly Sql[] {
  if (anchor === null || window === null || window.delay >= 0) return [];
  return [sql`${AT} < ${dialect.plusSeconds(anchor, -(measure.exists?.within ?? 0))}`];
}

/** Which day a row lies in: of 24 hours from exposure; of the calendar (UTC) where rows or units have no such time. */
function dayOf({ dialect, source, anchor }: Rows): Sql {
  if (anchor !== null && source.grain !== 'day') return dialect.elapsedDays(anchor, AT);
  return sql`floor(${dialect.microseconds(AT)} / ${trusted(MICROSECONDS_OF_A_DAY)})`;
}

/** 1 where the rows take all steps in order; the first of the first step after the last of the last needs no further look. */
function funnelSql(dialect: Dialect, steps: readonly FunnelStep[], window: readonly Sql[]): Sql {
  const time = sql`cast(${dialect.microseconds(AT)} as bigint)`;
  const taken = steps.map(({ where, within }) => ({
    when: and([sql`(${trusted(where.text)})`, ...window]),
    within: within === null ? null : within * MICROSECONDS,
  }));
  const extreme = (aggregate: string, { when }: { readonly when: Sql }) =>
    sql`${trusted(aggregate)}(case when ${when} then ${AT} end)`;
  const possible = sql`${extreme('min', taken[0]!)} <= ${extreme('max', taken.at(-1)!)}`;
  return sql`case when ${possible} then case when ${dialect.inOrder(time, taken)} then 1 else 0 end end`;
}
