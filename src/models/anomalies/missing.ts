import { EXPECTED_UNITS, WEEK } from '../../experiment/anomalies-detect.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { sql, trusted } from '../../sql/sql.ts';
import { draft, type Formula } from '../statistics/formula.ts';
import { larger, medianOf, presentOf } from './robust.ts';
import { LISTS, type Places, whole } from './series-lists.ts';

/**
 * Days on which no unit did anything although many should have (`missingDays`): lists of whether a day is one, and of how many units
 * were expected.
 */
export function missingDays({ arrays, number }: Dialect, { days }: Places): Formula<'missing' | 'expectedUnits'> {
  const { defineApart: define, formula } = draft('missing', 'Days without rows');
  const { at, each, size } = arrays;
  const rates = define(
    'rates',
    presentOf(
      arrays,
      each(days, 'i', (i) => {
        const [active, atRisk] = [at(LISTS.active, i), at(LISTS.atRisk, i)];
        return sql`case when ${active} > 0e0 then case when ${atRisk} is null then ${active} when ${atRisk} > 0e0 then ${active} / ${atRisk} end end`;
      }),
    ),
  );
  const usual = define(
    'usual',
    sql`case when ${size(rates)} >= ${whole(WEEK)} then ${medianOf(arrays, rates)} else 0e0 end`,
  );
  const expectedUnits = define(
    'expected',
    each(days, 'i', (i) => sql`${usual} * coalesce(${at(LISTS.atRisk, i)}, 1e0)`),
  );
  const missing = define(
    'days',
    each(
      days,
      'i',
      (i) => sql`(${at(LISTS.active, i)} = 0e0 and ${at(expectedUnits, i)} >= ${trusted(number(EXPECTED_UNITS))})`,
    ),
  );
  return formula({ missing, expectedUnits });
}

/**
 * The values that days are judged by, null where there is none, and by how much each must be farther out than usual. All variants
 * together are without the days on which one has no rows: what is missing then is told of that one (`withoutSilent`).
 */
export function judgedValues(
  { arrays }: Dialect,
  { days }: Places,
  { missing }: Formula<'missing'>['columns'],
): Formula<'values' | 'widening'> {
  const { defineApart: define, formula } = draft('judged', 'Values to judge, and how certain they are');
  const { at, each, keep, size } = arrays;
  const lists = define(
    'missing_of_variants',
    sql`array_agg(case when "variant" is not null then ${missing} end) over (partition by "experiment", "metric")`,
  );
  const silent = define(
    'silent',
    each(days, 'i', (i) => {
      const some = size(keep(lists, 'l', (l) => sql`${l} is not null and ${at(l, i)}`));
      return sql`("variant" is null and ${at(LISTS.active, i)} > 0e0 and ${some} > 0)`;
    }),
  );
  const error = define(
    'errors',
    each(days, 'i', (i) => sql`case when not ${at(silent, i)} then ${at(LISTS.error, i)} end`),
  );
  const usual = define('usual_error', sql`coalesce(${medianOf(arrays, presentOf(arrays, error))}, 0e0)`);
  const ratio = define(
    'ratios',
    each(days, 'i', (i) => sql`case when ${usual} > 0e0 then ${at(error, i)} / ${usual} end`),
  );
  const widening = define(
    'widening',
    each(days, 'i', (i) => larger(at(ratio, i), sql`1e0`)),
  );
  const values = define(
    'values',
    each(
      days,
      'i',
      (i) => sql`case when not ${at(silent, i)} and not ${at(missing, i)} then ${at(LISTS.value, i)} end`,
    ),
  );
  return formula({ values, widening });
}
