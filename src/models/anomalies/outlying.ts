import { CONFIRMED } from '../../experiment/anomalies-detect.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql, trusted } from '../../sql/sql.ts';
import { draft, type Formula } from '../statistics/formula.ts';
import { isLong, type ScoreColumn } from './scores.ts';
import type { Places } from './series-lists.ts';
import { weeklyFit } from './stl.ts';

export interface Judged {
  readonly values: Sql;
  readonly widening: Sql;
  readonly scores: Readonly<Record<ScoreColumn, Sql>>;
}

/**
 * Days that are far out, and of series of four weeks also far from trend and season of the days that are not in question: a list of the
 * sign of each, 0 for the others. `allRuns`: those too that are in a row that may be another level. null where `when` does not hold.
 */
export function outlyingDays(
  prefix: string,
  dialect: Dialect,
  places: Places,
  { values, widening, scores }: Judged,
  { allRuns, when }: { readonly allRuns: boolean; readonly when: Sql },
): Formula<'signs'> {
  const { defineApart: define, include, formula } = draft(prefix, 'Days that stand out');
  const { at, each } = dialect.arrays;
  const { days } = places;
  const far = (i: Sql) => at(scores.far, i);
  const isFar = (i: Sql) => (allRuns ? sql`${far(i)} <> 0` : sql`(${far(i)} <> 0 and not ${at(scores.inLongRun, i)})`);
  const others = define(
    'others',
    sql`case when ${when} and ${isLong(places)} then ${each(days, 'i', (i) => sql`case when not ${isFar(i)} then ${at(values, i)} end`)} end`,
  );
  const { fit, scale } = include(weeklyFit(`${prefix}_stl`, dialect, places, others));
  const bound = (i: Sql) => sql`${trusted(dialect.number(CONFIRMED))} * ${at(widening, i)}`;
  const isConfirmed = (i: Sql) =>
    sql`(${scale} is null or (${at(values, i)} - ${at(fit, i)}) / ${scale} * ${far(i)} >= ${bound(i)})`;
  const signs = define(
    'signs',
    sql`case when ${when} then ${each(days, 'i', (i) => sql`case when ${isFar(i)} and ${isConfirmed(i)} then ${far(i)} else 0 end`)} end`,
  );
  return formula({ signs });
}
