import { LONG_RUN, SEASONAL_DAYS, THRESHOLD, UNSEASONAL_THRESHOLD } from '../../experiment/anomalies-detect.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { FEWEST_VALUES } from '../../statistics/anomaly/robust-z.ts';
import { FEWEST_PER_PHASE } from '../../statistics/anomaly/seasonal-median.ts';
import { draft, type Formula } from '../statistics/formula.ts';
import { medianOf, presentOf, robustScaleOf } from './robust.ts';
import { type Places, weekdayOf, whole } from './series-lists.ts';

export type ScoreColumn =
  /** Whether values are judged by weekday. */
  | 'isSeasonal'
  | 'threshold'
  /** Robust standard deviation about the centres; null or 0: days are not judged. */
  | 'scale'
  /** Lists: where each day was expected, how far out it is, and the sign of that where it is beyond the threshold, else 0. */
  | 'centres'
  | 'scores'
  | 'far'
  /** List: whether the day is in a row of days that may be another level. */
  | 'inLongRun';

/**
 * How far out each day is, by robust z: against the other days of its weekday, or against all where there are too few weeks
 * (`outlyingDays`, before it is confirmed).
 */
export function dayScores(
  dialect: Dialect,
  { count, days, weekdays }: Places,
  { values, widening }: Readonly<Record<'values' | 'widening', Sql>>,
): Formula<ScoreColumn> {
  const { arrays, number } = dialect;
  const { defineApart: define, formula } = draft('score', 'How far out each day is');
  const { at, each, keep, size } = arrays;
  const present = define('present', presentOf(arrays, values));
  const enough = sql`${size(present)} >= ${whole(FEWEST_VALUES)}`;
  const centre = define('centre', sql`case when ${enough} then ${medianOf(arrays, present)} end`);
  const flatScale = robustScaleOf(define, dialect, 'flat', present, centre);

  const few = keep(
    weekdays,
    'd',
    (d) => sql`${size(keep(d, 'i', (i) => sql`${at(values, i)} is not null`))} < ${whole(FEWEST_PER_PHASE)}`,
  );
  const hasSeason = define('has_season', sql`(${count} >= ${whole(SEASONAL_DAYS)} and ${size(few)} = 0)`);
  const others = define(
    'centres_of_others',
    sql`case when ${hasSeason} then ${each(days, 'i', (i) => {
      const same = keep(at(weekdays, weekdayOf(i)), 'j', (j) => sql`${j} <> ${i} and ${at(values, j)} is not null`);
      return medianOf(
        arrays,
        each(same, 'j', (j) => at(values, j)),
      );
    })} end`,
  );
  const distances = define(
    'distances',
    presentOf(
      arrays,
      each(days, 'i', (i) => sql`${at(values, i)} - ${at(others, i)}`),
    ),
  );
  const seasonScale = robustScaleOf(define, dialect, 'season', distances, sql`0e0`);

  const isSeasonal = define('is_seasonal', sql`coalesce(${hasSeason} and ${seasonScale} > 0e0, false)`);
  const choose = (name: string, seasonal: Sql, flat: Sql) =>
    define(name, sql`case when ${isSeasonal} then ${seasonal} else ${flat} end`);
  const threshold = choose('threshold', trusted(number(THRESHOLD)), trusted(number(UNSEASONAL_THRESHOLD)));
  const scale = choose('scale', seasonScale, flatScale);
  const centres = choose(
    'centres',
    others,
    each(days, 'i', (i) => sql`case when ${i} > 0 then ${centre} end`),
  );
  const scores = define(
    'scores',
    each(days, 'i', (i) => sql`case when ${scale} > 0e0 then (${at(values, i)} - ${at(centres, i)}) / ${scale} end`),
  );
  const far = define(
    'far',
    each(days, 'i', (i) => {
      const bound = sql`${threshold} * ${at(widening, i)}`;
      return sql`case when ${at(scores, i)} > ${bound} then 1 when ${at(scores, i)} < -(${bound}) then -1 else 0 end`;
    }),
  );
  const inARow = join(
    Array.from({ length: LONG_RUN - 1 }, (_, k) => sql`${at(far, sql`i + ${whole(k + 1)}`)} = ${at(far, sql`i`)}`),
    ' and ',
  );
  // From which days on a long run goes on at least; where the end of the series comes first, an item is null.
  const runs = define(
    'runs',
    keep(days, 'i', (i) => sql`${at(far, i)} <> 0 and ${inARow}`),
  );
  const inLongRun = define(
    'in_long_run',
    each(days, 'i', (i) => {
      const around = keep(runs, 'r', (r) => sql`${r} <= ${i} and ${i} < ${r} + ${whole(LONG_RUN)}`);
      return sql`${size(around)} > 0`;
    }),
  );
  return formula({ isSeasonal, threshold, scale, centres, scores, far, inLongRun });
}

/** That a series has the four weeks that seasons take. */
export const isLong = ({ count }: Pick<Places, 'count'>): Sql => sql`${count} >= ${whole(SEASONAL_DAYS)}`;
