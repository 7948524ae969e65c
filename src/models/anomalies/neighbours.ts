import { WEEK } from '../../experiment/anomalies-detect.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql } from '../../sql/sql.ts';
import type { Draft } from '../statistics/formula.ts';
import type { Neighbours } from './loess.ts';
import { larger, smaller } from './robust.ts';
import { numbersTo, type Places, weekdayOf, whole } from './series-lists.ts';

/** The days around each day, an odd number of them; towards the ends of the series those next to the end. */
export function daysAround(
  define: Draft['define'],
  { arrays }: Dialect,
  name: string,
  { targets, count, window }: { readonly targets: Sql; readonly count: Sql; readonly window: number },
): Neighbours {
  const { at, each } = arrays;
  const perTarget = (part: string, of: (t: Sql) => Sql) => define(`${name}_${part}`, each(targets, 't', of));
  const first = perTarget('first', (t) => {
    const inside = larger(sql`(${t} - ${whole(Math.floor(window / 2))})`, sql`1`);
    return smaller(sql`(${inside})`, sql`(${count} - ${whole(window - 1)})`);
  });
  const start = perTarget('start', (t) => sql`cast(${at(first, t)} - ${t} as double)`);
  const reach = perTarget('reach', (t) => larger(sql`-${at(start, t)}`, sql`${at(start, t)} + ${whole(window - 1)}`));
  const orders = numbersTo(window);
  return { targets, first, stride: 1, start, reach, extent: () => sql`(${count} - 1)`, orders: () => orders };
}

/** The values of the same weekday around each day, and around the days a week before the first and a week after the last. */
export function sameWeekdays(
  define: Draft['define'],
  { arrays }: Dialect,
  name: string,
  { targets, places, window }: { readonly targets: Sql; readonly places: Places; readonly window: number },
): Neighbours {
  const { at, each, keep, size } = arrays;
  const perTarget = (part: string, of: (t: Sql) => Sql) => define(`${name}_${part}`, each(targets, 't', of));
  // How many days the weekday has, and how many of them have a say.
  const days = perTarget('days', (t) => size(at(places.weekdays, weekdayOf(t))));
  const used = perTarget('used', (t) => smaller(at(days, t), whole(window)));
  const left = perTarget('left', (t) => {
    const inside = larger(sql`(${weekOfTarget(t)} - cast(floor(${at(used, t)} / 2e0) as bigint))`, sql`1`);
    return smaller(sql`(${inside})`, sql`(${at(days, t)} - ${at(used, t)} + 1)`);
  });
  const first = perTarget('first', (t) => sql`${weekdayOf(t)} + ${whole(WEEK)} * (${at(left, t)} - 1)`);
  const start = perTarget('start', (t) => sql`cast(${at(left, t)} - ${weekOfTarget(t)} as double)`);
  const reach = perTarget('reach', (t) => {
    const inWindow = larger(sql`-${at(start, t)}`, sql`${at(start, t)} + ${at(used, t)} - 1`);
    const wider = sql`floor((${whole(window)} - ${at(used, t)}) / 2e0)`;
    return sql`(${inWindow}) + ${wider}`;
  });
  return {
    ...{ targets, first, stride: WEEK, start, reach },
    extent: (t) => sql`(${at(days, t)} - 1)`,
    orders: (t) => keep(places.weeks, 'k', (k) => sql`${k} <= ${at(used, t)}`),
  };
}

/** Which day of its weekday a target is: 0 for the week before the series. */
export const weekOfTarget = (t: Sql): Sql => sql`cast(floor((${t} - 1) / ${whole(WEEK)}e0) as bigint)`;
