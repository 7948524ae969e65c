import { SHIFT_DAYS, SHIFT_THRESHOLD, WEEK } from '../../experiment/anomalies-detect.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { EWMA_THRESHOLD, EWMA_WEIGHT, LEVEL_ROUNDING } from '../../statistics/anomaly/ewma.ts';
import { FEWEST_PER_PHASE } from '../../statistics/anomaly/seasonal-median.ts';
import { type Draft, draft, type Formula } from '../statistics/formula.ts';
import { medianOf, presentOf, robustScaleOf } from './robust.ts';
import { isLong } from './scores.ts';
import { type Places, weekdayOf, whole } from './series-lists.ts';

export type ShiftColumn =
  /** The first day of the new level; null: there is none, and no other column then counts. */
  | 'first'
  | 'before'
  | 'after'
  /** Standard error of the difference. */
  | 'error'
  /** The difference in standard errors. */
  | 'score';

/**
 * A lasting change of the level (`levelShift`): what an EWMA chart alarms on for days in a row, where a step explains the days, their
 * season taken out, better than a line does. `values`: those that are not outlying.
 */
export function levelShift(dialect: Dialect, places: Places, values: Sql): Formula<ShiftColumn> {
  const { arrays, number } = dialect;
  const { defineApart: define, formula } = draft('shift', 'A lasting change of the level');
  const { at, each, keep, size } = arrays;
  const { days, weekdays } = places;
  const there = (d: Sql) => keep(d, 'i', (i) => sql`${at(values, i)} is not null`);
  const few = keep(weekdays, 'd', (d) => sql`${size(there(d))} < ${whole(FEWEST_PER_PHASE)}`);
  const level = define('level', sql`case when ${isLong(places)} and ${size(few)} = 0 then ${values} end`);
  const medians = define(
    'medians',
    each(weekdays, 'd', (d) =>
      medianOf(
        arrays,
        each(there(d), 'i', (i) => at(level, i)),
      ),
    ),
  );
  const overall = define('overall', medianOf(arrays, presentOf(arrays, level)));
  const residuals = define(
    'residuals',
    each(days, 'i', (i) => sql`${at(level, i)} - ${at(medians, weekdayOf(i))}`),
  );
  const alarmed = define('alarmed', hasAlarm(define, dialect, places, level, residuals));
  const levels = define(
    'levels',
    sql`case when ${alarmed} then ${each(days, 'i', (i) => sql`${at(residuals, i)} + ${overall}`)} end`,
  );
  const { first, before, after, error, squares } = bestStep(define, dialect, places, levels);
  const score = define('score', sql`(${after} - ${before}) / nullif(${error}, 0e0)`);
  const isShift = sql`${squares} < ${lineSquares(define, dialect, places, levels)} and abs(${score}) >= ${trusted(number(SHIFT_THRESHOLD))}`;
  return formula({
    ...{ before, after, error, score },
    first: define('first', sql`case when ${isShift} then ${first} end`),
  });
}

/** Whether the EWMA chart (`ewmaAnomalies`) of the residuals is out of control for days in a row. */
function hasAlarm(define: Draft['define'], dialect: Dialect, { days }: Places, level: Sql, residuals: Sql): Sql {
  const { arrays, number } = dialect;
  const { at, each, keep, largest, positions, size, sum } = arrays;
  const constant = (value: number) => trusted(number(value));
  const week = whole(WEEK);
  const differences = each(
    days,
    'i',
    (i) => sql`case when ${i} > ${week} then ${at(level, i)} - ${at(level, sql`(${i} - ${week})`)} end`,
  );
  const raw = robustScaleOf(define, dialect, 'chart', define('differences', presentOf(arrays, differences)), sql`0e0`);
  const present = define('present', presentOf(arrays, level));
  const most = largest(each(present, 'v', (v) => sql`abs(${v})`));
  const spread = define('chart_spread', sql`${raw} / ${constant(Math.SQRT2)}`);
  const isSpread = sql`${spread} > ${constant(LEVEL_ROUNDING)} * ${most}`;
  const scale = define('chart_limit', sql`case when ${isSpread} then ${spread} * ${constant(EWMA_THRESHOLD)} end`);
  const values = define('chart_values', presentOf(arrays, residuals));
  const numbers = define('chart_numbers', positions(size(values)));
  // The average of the first k: Σ λ(1 − λ)^(k − j)·xⱼ; its variance: λ²·Σ (1 − λ)^(2(k − j)).
  const kept = constant(1 - EWMA_WEIGHT);
  const alarms = define(
    'chart_alarms',
    each(numbers, 'k', (k) => {
      const upTo = keep(numbers, 'j', (j) => sql`${j} <= ${k}`);
      const weighted = sum(each(upTo, 'j', (j) => sql`power(${kept}, ${k} - ${j}) * ${at(values, j)}`));
      const squares = sql`(1e0 - power(${kept}, 2 * ${k})) / (1e0 - ${kept} * ${kept})`;
      return sql`abs(${weighted}) > ${scale} * sqrt(${squares})`;
    }),
  );
  const ordinals = define(
    'ordinals',
    each(days, 'i', (i) => size(keep(days, 'j', (j) => sql`${j} <= ${i} and ${at(level, j)} is not null`))),
  );
  const isAlarm = define(
    'alarms',
    each(days, 'i', (i) => sql`case when ${at(level, i)} is not null then ${at(alarms, at(ordinals, i))} end`),
  );
  const inARow = keep(days, 'i', (i) =>
    join(
      Array.from({ length: SHIFT_DAYS }, (_, k) => at(isAlarm, sql`(${i} + ${whole(k)})`)),
      ' and ',
    ),
  );
  return sql`${size(inARow)} > 0`;
}

/** The day to part the series at that leaves the least scatter about two levels, each of a week at least (`bestStep`). */
function bestStep(define: Draft['define'], { arrays }: Dialect, { count, days }: Places, levels: Sql) {
  const { at, each, keep, positions, size, sum } = arrays;
  const week = whole(WEEK);
  const parted = keep(days, 'c', (c) => sql`${c} > ${week} and ${c} <= ${count} - ${whole(WEEK - 1)}`);
  const candidates = define('candidates', sql`case when ${levels} is not null then ${parted} end`);
  const there = define(
    'there',
    keep(days, 'j', (j) => sql`${at(levels, j)} is not null`),
  );
  const numbers = define('candidate_numbers', positions(size(candidates)));
  const perCandidate = (name: string, of: (c: Sql, number: Sql) => Sql) =>
    define(
      name,
      each(numbers, 'm', (m) => of(at(candidates, m), m)),
    );
  const side = (c: Sql, isBefore: boolean) =>
    keep(there, 'j', (j) => (isBefore ? sql`${j} < ${c}` : sql`${j} >= ${c}`));
  const counts = (name: string, isBefore: boolean) => perCandidate(name, (c) => size(side(c, isBefore)));
  const [countBefore, countAfter] = [counts('count_before', true), counts('count_after', false)];
  const mean = (name: string, isBefore: boolean, of: Sql) =>
    perCandidate(name, (c, m) => {
      const total = sum(each(side(c, isBefore), 'j', (j) => at(levels, j)));
      return sql`case when ${at(of, m)} >= ${whole(WEEK - 2)} then ${total} / ${at(of, m)} end`;
    });
  const meanBefore = mean('mean_before', true, countBefore);
  const meanAfter = mean('mean_after', false, countAfter);
  const scatter = perCandidate('scatter', (c, m) => {
    const away = (j: Sql) =>
      sql`(${at(levels, j)} - case when ${j} < ${c} then ${at(meanBefore, m)} else ${at(meanAfter, m)} end)`;
    const total = sum(each(there, 'j', (j) => sql`${away(j)} * ${away(j)}`));
    return sql`case when ${at(meanBefore, m)} is not null and ${at(meanAfter, m)} is not null then ${total} end`;
  });
  const squares = define('squares', at(sql`array_sort(${presentOf(arrays, scatter)})`, sql`1`));
  const best = define(
    'best',
    at(
      keep(numbers, 'm', (m) => sql`${at(scatter, m)} = ${squares}`),
      sql`1`,
    ),
  );
  const of = (name: string, list: Sql) => define(name, at(list, best));
  const [b, a] = [of('units_before', countBefore), of('units_after', countAfter)];
  const variance = sql`${squares} / nullif(${b} + ${a} - 2e0, 0e0)`;
  return {
    first: of('candidate', candidates),
    before: of('before', meanBefore),
    after: of('after', meanAfter),
    error: define('error', sql`sqrt(${variance} * (1e0 / ${b} + 1e0 / ${a}))`),
    squares,
  };
}

/** Scatter about the best straight line (`lineSquares`). */
function lineSquares(define: Draft['define'], { arrays }: Dialect, { days }: Places, levels: Sql): Sql {
  const { at, each, keep, size, sum } = arrays;
  const there = define(
    'line_days',
    keep(days, 'j', (j) => sql`${at(levels, j)} is not null`),
  );
  const mean = (name: string, of: (j: Sql) => Sql) =>
    define(name, sql`${sum(each(there, 'j', of))} / nullif(cast(${size(there)} as double), 0e0)`);
  const [time, level] = [mean('mean_day', (j) => sql`cast(${j} as double)`), mean('mean_level', (j) => at(levels, j))];
  const total = (of: (j: Sql) => Sql) => sum(each(there, 'j', of));
  const slope = define(
    'slope',
    sql`${total((j) => sql`(${j} - ${time}) * (${at(levels, j)} - ${level})`)} / nullif(${total((j) => sql`(${j} - ${time}) * (${j} - ${time})`)}, 0e0)`,
  );
  const away = (j: Sql) => sql`(${at(levels, j)} - ${level} - ${slope} * (${j} - ${time}))`;
  return define(
    'line_squares',
    total((j) => sql`${away(j)} * ${away(j)}`),
  );
}
