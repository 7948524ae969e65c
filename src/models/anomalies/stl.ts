import { WEEK } from '../../experiment/anomalies-detect.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { FEWEST_PER_SEASON, INNER_PASSES, stlWindows } from '../../statistics/anomaly/stl.ts';
import { FIT_ROUNDING, SEASONAL_WINDOW } from '../../statistics/anomaly/stl-anomalies.ts';
import { type Draft, draft, type Formula } from '../statistics/formula.ts';
import { type Smoother, smoothed, smoother } from './loess.ts';
import { daysAround, sameWeekdays, weekOfTarget } from './neighbours.ts';
import { named, presentOf, robustScaleOf } from './robust.ts';
import { type Places, weekdayOf, whole } from './series-lists.ts';

/** Weights of averages over a week, over a week and over three days, one after the other. */
const AVERAGE = [WEEK, WEEK, 3].reduce<readonly number[]>(
  (weights, length) =>
    Array.from({ length: weights.length + length - 1 }, (_, i) =>
      weights.reduce((sum, weight, j) => (i >= j && i - j < length ? sum + weight / length : sum), 0),
    ),
  [1],
);

interface Smoothers {
  readonly season: Smoother;
  readonly level: Smoother;
  readonly trend: Smoother;
}

/**
 * Trend and weekly season together by STL, and the robust spread about them (`stlAnomalies`, of four weeks and more): `fit` is a list;
 * both are null where there is no fit. `values`: a list, null where nothing is to be fitted.
 *
 * A local fit is a weighted sum of its neighbours. The weights follow from which values are there: they are computed once, and used
 * in each pass.
 */
export function weeklyFit(prefix: string, dialect: Dialect, places: Places, values: Sql): Formula<'fit' | 'scale'> {
  const { arrays, number } = dialect;
  const { defineApart: define, formula } = draft(prefix, 'Trend and season by STL');
  const { at, each, keep, largest, size } = arrays;
  const days = define('days', sql`case when ${values} is not null then ${places.days} end`);
  const perDay = (name: string, of: (i: Sql) => Sql) => define(name, each(days, 'i', of));
  const y = perDay('y', (i) => sql`coalesce(${at(values, i)}, 0e0)`);
  const by = smoothers(define, dialect, { ...places, days }, values);
  const { season, trend } = passes(define, dialect, days, y, by);

  const few = keep(places.weekdays, 'd', (d) => {
    const there = keep(d, 'i', (i) => sql`${at(values, i)} is not null`);
    return sql`${size(there)} < ${whole(FEWEST_PER_SEASON)}`;
  });
  const gaps = ({ targets, rows }: Smoother) => size(keep(targets, 't', (t) => sql`${at(rows, t)} is null`));
  const bridged = define(
    'bridged',
    sql`(${values} is not null and ${size(few)} = 0 and ${gaps(by.trend)} = 0 and ${gaps(by.season)} = 0)`,
  );
  const all = each(days, 'i', (i) => sql`${at(trend, i)} + ${at(season, i)}`);
  const residuals = each(days, 'i', (i) => sql`${at(values, i)} - ${at(season, i)} - ${at(trend, i)}`);
  const spread = robustScaleOf(
    define,
    dialect,
    'residual',
    define('residuals', presentOf(arrays, residuals)),
    sql`0e0`,
  );
  const most = define('most', largest(each(y, 'v', (v) => sql`abs(${v})`)));
  const isSpread = sql`${spread} > ${trusted(number(FIT_ROUNDING))} * ${most}`;
  return formula({
    fit: define('fit', sql`case when ${bridged} then ${all} end`),
    scale: define('scale', sql`case when ${bridged} and ${isSpread} then ${spread} end`),
  });
}

/** The three smoothings of a pass. */
function smoothers(define: Draft['define'], dialect: Dialect, places: Places, values: Sql): Smoothers {
  const { at, each, positions, size } = dialect.arrays;
  const { count, days, weekdays } = places;
  const windows = stlWindows(WEEK, SEASONAL_WINDOW);
  const present = define(
    'present',
    each(days, 'i', (i) => sql`case when ${at(values, i)} is null then 0e0 else 1e0 end`),
  );
  const always = define(
    'always',
    each(days, 'i', (i) => sql`case when ${i} > 0 then 1e0 end`),
  );
  const around = (name: string, window: number, weights: Sql) =>
    smoother(define, dialect, name, daysAround(define, dialect, name, { targets: days, count, window }), weights);
  const longer = positions(sql`(${count} + ${whole(2 * WEEK)})`);
  const targets = define('cycle_days', sql`case when ${values} is not null then ${longer} end`);
  const near = sameWeekdays(define, dialect, 'season', { targets, places, window: windows.seasonal });
  const inside = smoother(define, dialect, 'season', near, present);
  // A week before and after the series, where no neighbour is there, the fits of its first and last weeks are used.
  const rows = define(
    'season_rows_and_outside',
    each(targets, 't', (t) => {
      const row = (i: Sql) => at(inside.rows, i);
      const isLast = sql`${weekOfTarget(t)} > ${size(at(weekdays, weekdayOf(t)))}`;
      return sql`case when ${row(t)} is not null then ${row(t)} when ${t} <= ${whole(WEEK)} then ${row(sql`(${t} + ${whole(WEEK)})`)} when ${isLast} then ${row(sql`(${t} - ${whole(WEEK)})`)} end`;
    }),
  );
  return {
    season: { ...inside, rows },
    level: around('level', windows.lowPass, always),
    trend: around('trend', windows.trend, present),
  };
}

/** The inner loop: season and trend, each pass from the trend of the one before; the first from none. */
function passes(
  define: Draft['define'],
  dialect: Dialect,
  days: Sql,
  y: Sql,
  by: Smoothers,
): { readonly season: Sql; readonly trend: Sql } {
  const { number, arrays } = dialect;
  const { at, each, fold } = arrays;
  const averaged = (cycle: Sql) => (i: Sql) =>
    join(
      AVERAGE.map((weight, k) => sql`${trusted(number(weight))} * ${at(cycle, sql`(${i} + ${whole(k)})`)}`),
      ' + ',
    );
  const next = (trend: Sql) => {
    const cycle = smoothed(dialect, by.season, (day) => sql`${at(y, day)} - ${at(trend, day)}`);
    return named(arrays, cycle, 'cycle', (cycle) =>
      named(arrays, each(days, 'i', averaged(cycle)), 'average', (average) => {
        const level = smoothed(dialect, by.level, (day) => at(average, day));
        return named(arrays, level, 'level', (level) => {
          const season = each(days, 'i', (i) => sql`${at(cycle, sql`(${i} + ${whole(WEEK)})`)} - ${at(level, i)}`);
          return named(arrays, season, 'season', (season) => {
            const smooth = smoothed(dialect, by.trend, (day) => sql`${at(y, day)} - ${at(season, day)}`);
            return sql`array[${season}, ${smooth}]`;
          });
        });
      }),
    );
  };
  const none = define(
    'none',
    each(days, 'i', (i) => sql`case when ${i} > 0 then 0e0 end`),
  );
  const start = sql`array[${none}, ${none}]`;
  const times = sql`array[${join(
    Array.from({ length: INNER_PASSES }, () => start),
    ', ',
  )}]`;
  const parts = define(
    'parts',
    sql`case when ${days} is not null then ${fold(times, start, 'parts', (parts) => next(at(parts, sql`2`)))} end`,
  );
  return { season: define('season', at(parts, sql`1`)), trend: define('trend', at(parts, sql`2`)) };
}
