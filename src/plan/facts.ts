import type { FactSource } from '../catalog/catalog.ts';
import { addSeconds, type CanonicalInstant, earliest, latest, startOfDay } from '../core/instant.ts';
import { ident, join, type Sql, sql } from '../sql/sql.ts';
import { and, as, list, type Step } from '../sql/statement.ts';
import { aggregates, wheresOf } from './aggregates.ts';
import { covariateAnchor } from './covariates.ts';
import { existenceColumns } from './existence.ts';
import type { PlannedMeasure } from './measures.ts';
import { BOUND_COLUMNS, type Bounds, boundSql, type Scope } from './scope.ts';
import { anyOf, sourceRows } from './source-rows.ts';

/** End of a window in seconds after its anchor; null: open. */
const endOf = ({ window }: PlannedMeasure): number | null =>
  window === null || window.length === null ? null : window.delay + window.length;

const delayOf = ({ window }: PlannedMeasure): number => window?.delay ?? 0;

/** Whether a measure is of the time before the assignment. */
const endsBefore = (measure: PlannedMeasure): boolean => delayOf(measure) < 0;

/** Facts by UTC day, as far as they happened in [since, until); null: all. */
export interface Daily {
  readonly since: CanonicalInstant | null;
  readonly until: CanonicalInstant | null;
}

/** The start of the UTC day of an instant: where the rows of a source of daily grain stand. */
export const dayOf = (instant: Sql): Sql => sql`date_trunc('day', ${instant})`;

/**
 * One source's rows, joined to the exposures and aggregated per unit: one scan for all measures over it. Rows count in
 * `[exposure + delay, exposure + delay + length)`, a negative delay from the assignment, and never at or after the end of
 * observation. Where a row holds a day, the day of exposure counts whole, and a day once it is over. Only units with rows appear;
 * or, where these columns of the exposures are to be carried along, every exposed unit. `daily`: a row a unit and day.
 */
export function factStep(
  scope: Scope,
  source: FactSource,
  measures: readonly PlannedMeasure[],
  carried: readonly string[] | null = null,
  daily: Daily | null = null,
): Step {
  const { anchored, on, windowOf } = matching(scope, source, measures);
  const many = scope.keys.length > 0;
  // A unit without rows has one of nulls, which must not count.
  const found = carried === null ? [] : [sql`${ident('f', '__unit')} is not null`];
  const columns = measures.flatMap((measure) => {
    const exact = ident('x', `__${endsBefore(measure) ? covariateAnchor(scope) : 'exposed_at'}`);
    const anchor = source.grain === 'day' ? dayOf(exact) : exact;
    const window = [...found, ...windowOf(measure)];
    return aggregates(measure, { dialect: scope.dialect, source, window, anchor: anchored ? anchor : null });
  });
  const inner = (name: string) => (name === 'unit' ? '__exposed_unit' : `__${name}`);
  const needed = [
    ...scope.keys,
    'unit',
    ...(anchored ? ['exposed_at'] : []),
    ...(anchored && measures.some(endsBefore) ? [covariateAnchor(scope)].filter((name) => name !== 'exposed_at') : []),
    ...(many ? [BOUND_COLUMNS.observedUntil, BOUND_COLUMNS.measuredUntil] : []),
  ];
  const exposed = join(
    (carried ?? needed).map((name) => as(ident(name), inner(name))),
    ', ',
  );
  const units = sql`(select ${exposed} from exposures) as x`;
  const rows = sql`(\n  ${scan(scope, source, measures, daily)}\n) as f`;
  const match = and([sql`${ident('f', '__unit')} = ${ident('x', '__exposed_unit')}`, ...on]);
  const key = [...scope.keys, 'unit'];
  const day = daily === null ? [] : [dayOf(ident('f', '__at'))];
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
      ...day.map((value) => as(value, 'day')),
      ...columns,
    ])}
from ${carried === null ? sql`${units}\njoin ${rows}` : sql`${rows}\nright join ${units}`} on ${match}
group by ${join([...key.map((name) => ident('x', inner(name))), ...day], ', ')}`,
  };
}

/**
 * Which rows (`f`) of a source belong to an exposure (`x`): what all measures demand, and what each demands besides.
 * `anchored`: whether that depends on when the unit was exposed.
 */
export function matching(
  scope: Scope,
  source: FactSource,
  measures: readonly PlannedMeasure[],
): {
  readonly anchored: boolean;
  readonly on: readonly Sql[];
  windowOf(measure: PlannedMeasure): readonly Sql[];
} {
  const timed = source.timestamp !== null;
  const anchored = timed && scope.source.timestamp !== null;
  const at = ident('f', '__at');
  const many = scope.keys.length > 0;
  const instant = (value: Sql) => (source.grain === 'day' ? dayOf(value) : value);
  const exposedAt = instant(ident('x', '__exposed_at'));
  const assignedAt = instant(ident('x', `__${covariateAnchor(scope)}`));
  const after = (measure: PlannedMeasure, seconds: number) => {
    const anchor = endsBefore(measure) ? assignedAt : exposedAt;
    return seconds === 0 ? anchor : scope.dialect.plusSeconds(anchor, seconds);
  };
  const ends = new Set(measures.map((measure) => JSON.stringify([endsBefore(measure), endOf(measure)])));
  const [first] = measures;
  const sharedEnd = anchored && ends.size === 1 && endOf(first!) !== null ? first! : null;
  const open = instant(boundSql(scope, 'measuredUntil', ident('x', '__measured_until')));
  const closed = instant(boundSql(scope, 'observedUntil', ident('x', '__observed_until')));
  // Where every measure is open, rows after the experiment's end are never read; otherwise each open measure says so itself.
  const allOpen = ends.size === 1 && endOf(first!) === null;
  // The earliest start of what lies before the assignment; the others say themselves that they start at the exposure.
  const earliestStart = Math.min(0, ...measures.map(delayOf));
  const start = earliestStart < 0 ? scope.dialect.plusSeconds(assignedAt, earliestStart) : exposedAt;

  const on = [
    ...(many ? [sql`${at} < ${allOpen ? open : closed}`].filter(() => timed) : []),
    ...(anchored ? [sql`${at} >= ${start}`] : []),
    ...(sharedEnd === null ? [] : [sql`${at} < ${after(sharedEnd, endOf(sharedEnd)!)}`]),
  ];
  const windowOf = (measure: PlannedMeasure): readonly Sql[] => {
    if (!timed) return [];
    const end = endOf(measure);
    const delay = delayOf(measure);
    return [
      ...(anchored && delay > earliestStart ? [sql`${at} >= ${after(measure, delay)}`] : []),
      ...(anchored && end !== null && sharedEnd === null ? [sql`${at} < ${after(measure, end)}`] : []),
      ...(end === null && !allOpen ? [sql`${at} < ${open}`] : []),
    ];
  };
  return { anchored, on, windowOf };
}

/** The step that holds a source's facts. */
export const factsName = (source: string): string => `facts_${source}`;

/** The source's rows that any measure may need: within the union of their times (and of `daily`), re-sent rows dropped. */
export function scan(
  scope: Scope,
  source: FactSource,
  measures: readonly PlannedMeasure[],
  daily: Daily | null = null,
): Sql {
  const starts = scope.populations.map(({ experiment }) => experiment.start);
  const delay = Math.min(...measures.map(delayOf));
  const whole = (instant: string) => (source.grain === 'day' ? startOfDay(instant) : instant);
  const start = starts.every((start) => start !== null) ? addSeconds(whole(earliest(...starts)!), delay) : null;
  const from = latest(start, daily?.since);
  return sourceRows(scope, source, {
    from,
    until: earliest(whole(latest(...scope.bounds.map((bounds) => lastNeeded(scope, bounds, measures)))!), daily?.until),
    conditions: anyOf(measures.flatMap(wheresOf)),
    ...existenceColumns(scope, source, measures, from),
  });
}

/** Where one experiment's rows stop to matter: the last unit's longest window, or the end of the open ones, whichever is later. */
function lastNeeded(scope: Scope, bounds: Bounds, measures: readonly PlannedMeasure[]): string | null {
  const ends = measures.map(endOf);
  const longest = Math.max(0, ...ends.map((end) => end ?? 0));
  const lastWindow = scope.source.timestamp === null ? null : addSeconds(bounds.exposedUntil!, longest);
  const closed = earliest(bounds.observedUntil, lastWindow);
  return ends.includes(null) ? latest(bounds.measuredUntil, ends.some((end) => end !== null) ? closed : null) : closed;
}
