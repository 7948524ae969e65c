import { DEVIATIONS, SHIFT_ERRORS } from '../../experiment/anomalies.ts';
import { levelOf, SHIFT_THRESHOLD, THRESHOLD, UNSEASONAL_THRESHOLD } from '../../experiment/anomalies-detect.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { ident, join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { as, list, type Step } from '../../sql/statement.ts';
import { draft, type Formula, formulaSteps } from '../statistics/formula.ts';
import { SERIES_KEY } from './daily-values.ts';
import { type Found, foundIn } from './found.ts';

/** The step that has what was found of days. */
export const DAYS_FOUND = 'days_found';

const SERIES = [...SERIES_KEY, 'dates', 'start_ats', 'end_ats'].map((name) => ident(name));
const [KIND, FIRST] = [ident('found_kind'), ident('first_day')];

/** Steps from `series` (`seriesSteps`) to a row for each thing that is unusual about days, with columns as in the model. */
export function findingSteps(dialect: Dialect): readonly Step[] {
  const { definitions, found } = foundIn(dialect);
  const series = formulaSteps('found_series', ident('series'), definitions, [...SERIES, ...columnsOf(found)]);
  const starts = sql`case k."found_kind" when 'MISSING_DATA' then ${found.starts.missing} when 'LEVEL_SHIFT' then case when ${found.shift.first} is not null then array[${found.shift.first}] end else ${found.starts.single} end`;
  const unnested: Step = {
    name: 'starts',
    comment: 'a row for each row of days',
    query: sql`select s.*, k."found_kind", u."first_day"\nfrom found_series as s\ncross join (values ('MISSING_DATA'), ('SINGLE'), ('LEVEL_SHIFT')) as k("found_kind")\ncross join unnest(${starts}) as u("first_day")`,
  };
  const told = finding(dialect, found);
  const { kind, last, shows, ...numbers } = told.columns;
  const shown = formulaSteps('showndays', ident('starts'), told.definitions, [
    ...SERIES,
    FIRST,
    ...Object.values(told.columns),
  ]);
  const { at } = dialect.arrays;
  const select: Step = {
    name: DAYS_FOUND,
    comment: 'with their days; of one variant those alone on which all together show nothing',
    query: sql`select\n  ${list([
      as(kind, 'kind'),
      as(sql`case when "variant" is null then 'SHARED' else 'VARIANT' end`, 'scope'),
      as(severity(dialect, kind, numbers.score), 'severity'),
      ...SERIES_KEY.map((name) => ident(name)),
      as(at(ident('start_ats'), FIRST), 'start_at'),
      as(at(ident('end_ats'), last), 'end_at'),
      as(numbers.observed, 'observed'),
      as(numbers.lower, 'expected_lower'),
      as(numbers.upper, 'expected_upper'),
      as(numbers.level, 'expected_level'),
      as(numbers.score, 'score'),
    ])}\nfrom showndays\nwhere ${shows}`,
  };
  return [...series, unnested, ...shown, select];
}

/** All columns that findings are told from. */
function columnsOf({ places, judged, missing, scores, shift, signs, starts, shared }: Found): readonly Sql[] {
  return [
    places.count,
    places.days,
    ...Object.values(judged),
    missing.missing,
    missing.expectedUnits,
    ...[scores.scale, scores.threshold, scores.centres, scores.scores, scores.isSeasonal],
    ...Object.values(shift),
    ...[signs, starts.missing, starts.single, shared],
  ];
}

/** What is told of a row of days, by the farthest of them. */
function finding(
  dialect: Dialect,
  { places, judged, missing, scores, shift, signs, shared }: Found,
): Formula<'kind' | 'last' | 'shows' | 'observed' | 'lower' | 'upper' | 'level' | 'score'> {
  const { defineApart: define, formula } = draft('finding', 'What is told of a row of days');
  const { number, arrays } = dialect;
  const { at, each, keep, largest, size } = arrays;
  const constant = (value: number) => trusted(number(value));
  const isMissing = sql`${KIND} = 'MISSING_DATA'`;
  const isShift = sql`${KIND} = 'LEVEL_SHIFT'`;
  const { count, days } = places;
  // The last day of the row: the next is another, or there is none.
  const ends = (flags: Sql) => {
    const next = (i: Sql) => at(flags, sql`(${i} + 1)`);
    const isEnd = (i: Sql) => sql`case when ${i} = ${count} then true else ${next(i)} <> ${at(flags, i)} end`;
    return at(
      keep(days, 'i', (i) => sql`(${i} >= ${FIRST} and ${isEnd(i)})`),
      sql`1`,
    );
  };
  const last = define(
    'last',
    sql`case when ${isMissing} then ${ends(missing.missing)} when not ${isShift} then ${ends(signs)} end`,
  );
  const row = define(
    'row',
    keep(days, 'i', (i) => sql`(${i} >= ${FIRST} and ${i} <= coalesce(${last}, ${count}))`),
  );
  const away = define(
    'away',
    each(row, 'i', (i) => sql`abs(${at(scores.scores, i)} / ${at(judged.widening, i)})`),
  );
  const expected = define('expected_units', largest(each(row, 'i', (i) => at(missing.expectedUnits, i))));
  const farthest = define('farthest', largest(keep(away, 'v', (v) => sql`${v} is not null`)));
  const worst = define(
    'worst',
    at(
      keep(row, 'i', (i) => sql`${at(away, sql`(${i} - ${FIRST} + 1)`)} = ${farthest}`),
      sql`1`,
    ),
  );
  const half = define('half', sql`${scores.threshold} * ${scores.scale} * ${at(judged.widening, worst)}`);
  const shiftHalf = sql`${constant(SHIFT_THRESHOLD)} * ${shift.error}`;
  const kinds = (ofMissing: Sql, ofShift: Sql, ofSingle: Sql) =>
    sql`case when ${isMissing} then ${ofMissing} when ${isShift} then ${ofShift} else ${ofSingle} end`;
  const none = sql`cast(null as double)`;
  const centre = at(scores.centres, worst);
  const singleLevel = sql`case when ${scores.isSeasonal} then ${constant(levelOf(THRESHOLD))} else ${constant(levelOf(UNSEASONAL_THRESHOLD))} end`;
  const hidden = keep(row, 'i', (i) => at(shared, i));
  return formula({
    last,
    kind: define(
      'kind',
      sql`case when ${isMissing} or ${isShift} then ${KIND} when ${at(signs, FIRST)} > 0 then 'SPIKE' else 'DROP' end`,
    ),
    shows: define('shows', sql`(${shared} is null or ${size(hidden)} = 0)`),
    observed: define('observed', kinds(none, shift.after, at(judged.values, worst))),
    lower: define('lower', kinds(none, sql`${shift.before} - ${shiftHalf}`, sql`${centre} - ${half}`)),
    upper: define('upper', kinds(none, sql`${shift.before} + ${shiftHalf}`, sql`${centre} + ${half}`)),
    level: define('level', kinds(none, constant(levelOf(SHIFT_THRESHOLD)), singleLevel)),
    score: define('score', kinds(expected, sql`abs(${shift.score})`, farthest)),
  });
}

/** As `severityOf`. */
function severity({ number }: Dialect, kind: Sql, score: Sql): Sql {
  const size = sql`(case when ${kind} = 'LEVEL_SHIFT' then ${score} / ${trusted(number(SHIFT_ERRORS))} else ${score} end)`;
  const arms = DEVIATIONS.map(
    ([least, word]) => sql`when ${size} >= ${trusted(number(least))} then '${trusted(word)}'`,
  );
  return sql`case when ${kind} = 'MISSING_DATA' then 'CRITICAL' ${join(arms, ' ')} end`;
}
