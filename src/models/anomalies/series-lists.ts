import { WEEK } from '../../experiment/anomalies-detect.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { ident, join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { draft, type Formula } from '../statistics/formula.ts';

/** What is known of the days of a series, a row each: lists with one item a day, oldest first. */
export interface SeriesLists {
  /** Value of the metric; null: there is none. */
  readonly value: Sql;
  readonly error: Sql;
  /** null: not known. */
  readonly atRisk: Sql;
  readonly active: Sql;
}

/** Columns of a series' row. */
export const LISTS: SeriesLists = {
  value: ident('daily_value'),
  error: ident('daily_error'),
  atRisk: ident('daily_at_risk'),
  active: ident('daily_active'),
};

/** Numbers of days and lists of such. */
export interface Places {
  /** How many days there are. */
  readonly count: Sql;
  /** 1 to `count`. */
  readonly days: Sql;
  /** 1 to the number of weeks, begun ones too. */
  readonly weeks: Sql;
  /** The days of each weekday, a list each, from that of the first day on. */
  readonly weekdays: Sql;
}

/** The days of each series as numbers. */
export function placesOf({ arrays }: Dialect): Formula<keyof Places> {
  const { defineApart: define, formula } = draft('place', 'The days of each series by number and weekday');
  const count = define('count', arrays.size(LISTS.active));
  const days = define('days', arrays.positions(count));
  const weeks = define('weeks', arrays.positions(sql`cast(ceiling(${count} / ${WEEK_LENGTH}e0) as bigint)`));
  const weekdays = define(
    'weekdays',
    arrays.each(numbersTo(WEEK), 'first', (first) =>
      arrays.keep(
        arrays.each(weeks, 'week', (week) => sql`${first} + ${WEEK_LENGTH} * (${week} - 1)`),
        'day',
        (day) => sql`${day} <= ${count}`,
      ),
    ),
  );
  return formula({ count, days, weeks, weekdays });
}

/** A whole number of the program. */
export const whole = (value: number): Sql => trusted(String(value));

/** The numbers 1, 2, … as a list. */
export const numbersTo = (last: number): Sql =>
  sql`array[${join(
    Array.from({ length: last }, (_, i) => whole(i + 1)),
    ', ',
  )}]`;

const WEEK_LENGTH = whole(WEEK);

/** Which weekday a day is, from 1: that of the first day. */
export const weekdayOf = (day: Sql): Sql => sql`((${day} - 1) % ${WEEK_LENGTH} + 1)`;
