import type { Dialect } from '../../sql/dialect.ts';
import { ident, join, type Sql, sql } from '../../sql/sql.ts';
import { list, type Step } from '../../sql/statement.ts';
import { draft, formulaSteps } from './formula.ts';
import { chiSquareUpperTail } from './gamma.ts';
import { unknownOf, unless } from './unknown.ts';

export interface AllocationColumns {
  /** Names of the columns that tell tests apart, one or more; the answer has them as well. */
  readonly test: readonly string[];
  /** Units of the row's arm; null is none. */
  readonly observed: Sql;
  /** The arm's planned share, on any scale. */
  readonly weight: Sql;
}

/**
 * Pearson's chi-square test of observed units against weights (`sampleRatioTest`), from a row an arm to a row a test with
 * `chi_square`, `degrees_of_freedom`, `p_value` and `unknown`. An arm that was not planned to have units, or fewer than two
 * arms: NOT_APPLICABLE; no units at all: NO_UNITS.
 */
export function sampleRatioSteps(
  name: string,
  from: Sql,
  { test, observed, weight }: AllocationColumns,
  dialect: Dialect,
): Step[] {
  const keys = join(
    test.map((column) => ident(column)),
    ', ',
  );
  const [o, w] = [ident('srm_observed'), ident('srm_weight')];
  const arms: Step = {
    name: `${name}_arms`,
    comment: 'Units and weights of each arm',
    query: sql`select ${keys}, coalesce(cast(${observed} as double), 0e0) as ${o}, cast(${weight} as double) as ${w}\nfrom ${from}`,
  };
  const totals: Step = {
    name: `${name}_totals`,
    comment: 'Totals over the arms of a test',
    query: sql`select *,\n  ${w} / sum(${w}) over (partition by ${keys}) * sum(${o}) over (partition by ${keys}) as "srm_expected"\nfrom ${ident(arms.name)}`,
  };
  const gap = sql`(${o} - "srm_expected")`;
  const unplanned = sql`${w} is null or not (${w} > 0e0 and ${dialect.isFinite(w)}) or not (${o} >= 0e0)`;
  const sums: Step = {
    name: `${name}_sums`,
    comment: "Pearson's sum of each test",
    query: sql`select ${list([
      keys,
      sql`cast(count(*) as double) as "srm_arms"`,
      sql`sum(${o}) as "srm_total"`,
      sql`max(case when ${unplanned} then 1 else 0 end) as "srm_unplanned"`,
      sql`sum(${gap} * (${gap} / nullif("srm_expected", 0e0))) as "srm_sum"`,
    ])}\nfrom ${ident(totals.name)}\ngroup by ${keys}`,
  };
  const { define, include, formula } = draft('srm', 'Chi-square test of the allocation');
  const [chi, count] = [ident('srm_sum'), ident('srm_arms')];
  const df = define('df', sql`${count} - 1e0`);
  const unknown = define(
    'unknown',
    unknownOf(
      [],
      [
        ['NOT_APPLICABLE', sql`${count} < 2e0 or "srm_unplanned" = 1`],
        ['NO_UNITS', sql`"srm_total" = 0e0`],
      ],
      [chi],
      dialect,
    ),
  );
  const known = define('chi', unless(unknown, chi));
  const { tail } = include(chiSquareUpperTail('srm_tail', { chiSquare: known, degreesOfFreedom: df }, dialect));
  const answers = formulaSteps(`${name}_tail`, ident(sums.name), formula({ tail }).definitions, [
    ...test.map((column) => ident(column)),
    known,
    df,
    tail,
    unknown,
  ]);
  const last: Step = {
    name,
    comment: 'Whether the observed allocation fits the planned one',
    query: sql`select ${list([
      keys,
      sql`${known} as "chi_square"`,
      sql`${unless(unknown, df)} as "degrees_of_freedom"`,
      sql`${tail} as "p_value"`,
      sql`${unknown} as "unknown"`,
    ])}\nfrom ${ident(answers.at(-1)!.name)}`,
  };
  return [arms, totals, sums, ...answers, last];
}
