import { UNCERTAIN } from '../../experiment/anomalies-detect.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql, trusted } from '../../sql/sql.ts';
import { draft, type Formula } from '../statistics/formula.ts';
import { levelShift, type ShiftColumn } from './level-shift.ts';
import { judgedValues, missingDays } from './missing.ts';
import { outlyingDays } from './outlying.ts';
import { dayScores, type ScoreColumn } from './scores.ts';
import { type Places, placesOf } from './series-lists.ts';

type Columns<Name extends string> = Readonly<Record<Name, Sql>>;

/** What is found in a series, as columns of its row. */
export interface Found {
  readonly places: Columns<keyof Places>;
  readonly judged: Columns<'values' | 'widening'>;
  /** Lists: whether a day is without rows, and how many units were expected on it. */
  readonly missing: Columns<'missing' | 'expectedUnits'>;
  readonly scores: Columns<ScoreColumn>;
  readonly shift: Columns<ShiftColumn>;
  /** List of the sign of each day that stands out, else 0. */
  readonly signs: Sql;
  /** First days of rows of days without rows, and of rows of days that stand out to one side. */
  readonly starts: Columns<'missing' | 'single'>;
  /** Whether something is told of all variants together on a day, as a list; null in the row of all together. */
  readonly shared: Sql;
}

/** What is found in each series (`findAnomalies`), and on which days in all variants together. */
export function foundIn(dialect: Dialect): Formula<never> & { readonly found: Found } {
  const { include, defineApart: define, formula } = draft('found', 'What is found in each series');
  const { at, each, keep, size } = dialect.arrays;
  const places = include(placesOf(dialect));
  const { days } = places;
  const missing = include(missingDays(dialect, places));
  const judged = include(judgedValues(dialect, places, missing));
  const scores = include(dayScores(dialect, places, judged));
  const stand = { ...judged, scores };
  const certain = include(outlyingDays('single', dialect, places, stand, { allRuns: false, when: sql`true` })).signs;
  const ordinary = define(
    'ordinary',
    each(days, 'i', (i) => {
      const tells = sql`${at(certain, i)} = 0 and ${at(judged.widening, i)} <= ${trusted(dialect.number(UNCERTAIN))}`;
      return sql`case when ${tells} then ${at(judged.values, i)} end`;
    }),
  );
  const shift = include(levelShift(dialect, places, ordinary));
  // What is above the old level after it has risen is the shift itself; without a shift a long row is told as it is.
  const inLongRun = keep(days, 'i', (i) => at(scores.inLongRun, i));
  const again = define('again', sql`(${shift.first} is null and ${size(inLongRun)} > 0)`);
  const all = include(outlyingDays('row', dialect, places, stand, { allRuns: true, when: again })).signs;
  const signs = define('signs', sql`case when ${again} then ${all} else ${certain} end`);
  const startsOf = (flags: Sql, isOne: (i: Sql) => Sql) =>
    keep(days, 'i', (i) => {
      const before = at(flags, sql`(${i} - 1)`);
      return sql`(${isOne(i)} and case when ${i} = 1 then true else ${before} <> ${at(flags, i)} end)`;
    });
  const missingStarts = define(
    'missing_starts',
    startsOf(missing.missing, (i) => at(missing.missing, i)),
  );
  const rows = define(
    'rows',
    startsOf(signs, (i) => sql`${at(signs, i)} <> 0`),
  );
  const single = define(
    'starts',
    keep(
      rows,
      's',
      (s) => sql`(${shift.first} is null or ${s} < ${shift.first} or ${at(signs, s)} * ${shift.score} < 0e0)`,
    ),
  );
  const told = define(
    'told',
    each(days, 'i', (i) => {
      // The row that a day is in begins at the last start up to it.
      const start = dialect.arrays.largest(keep(rows, 's', (s) => sql`${s} <= ${i}`));
      const inSingle = sql`(${at(signs, i)} <> 0 and ${size(keep(single, 's', (s) => sql`${s} = ${start}`))} > 0)`;
      return sql`(${at(missing.missing, i)} or ${inSingle} or coalesce(${i} >= ${shift.first}, false))`;
    }),
  );
  const together = define(
    'together',
    sql`array_agg(case when "variant" is null then ${told} end) over (partition by "experiment", "metric")`,
  );
  const ofAll = at(
    keep(together, 'l', (l) => sql`${l} is not null`),
    sql`1`,
  );
  const shared = define('shared', sql`case when "variant" is not null then ${ofAll} end`);
  return {
    ...formula({}),
    found: { places, judged, missing, scores, shift, signs, starts: { missing: missingStarts, single }, shared },
  };
}
