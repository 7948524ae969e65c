import type { Dialect } from '../../sql/dialect.ts';
import { ident, join, type Sql, sql } from '../../sql/sql.ts';
import { list, type Step } from '../../sql/statement.ts';
import { draft, type Formula, formulaSteps } from './formula.ts';
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
  const allocation = allocationTest(
    'srm',
    { sum: ident('srm_sum'), arms: ident('srm_arms'), total: sql`"srm_total"`, unplanned: sql`"srm_unplanned" = 1` },
    dialect,
  );
  const { chiSquare, degreesOfFreedom, pValue, unknown } = allocation.columns;
  const answers = formulaSteps(`${name}_tail`, ident(sums.name), allocation.definitions, [
    ...test.map((column) => ident(column)),
    ...Object.values(allocation.columns),
  ]);
  const last: Step = {
    name,
    comment: 'Whether the observed allocation fits the planned one',
    query: sql`select ${list([
      keys,
      sql`${chiSquare} as "chi_square"`,
      sql`${degreesOfFreedom} as "degrees_of_freedom"`,
      sql`${pValue} as "p_value"`,
      sql`${unknown} as "unknown"`,
    ])}\nfrom ${ident(answers.at(-1)!.name)}`,
  };
  return [arms, totals, sums, ...answers, last];
}

/** One test of an allocation: Pearson's sum, the number of arms, all units, and whether an arm has units that was not to have any. */
export interface AllocationSums {
  readonly sum: Sql;
  readonly arms: Sql;
  readonly total: Sql;
  readonly unplanned: Sql;
}

/** The chi-square test of a sum over the arms, with one degree of freedom less than arms. */
export function allocationTest(
  prefix: string,
  { sum, arms, total, unplanned }: AllocationSums,
  dialect: Dialect,
): Formula<'chiSquare' | 'degreesOfFreedom' | 'pValue' | 'unknown'> {
  const { define, include, formula } = draft(prefix, 'Chi-square test of the allocation');
  const df = define('df', sql`${arms} - 1e0`);
  const unknown = define(
    'unknown',
    unknownOf(
      [],
      [
        ['NOT_APPLICABLE', sql`${arms} < 2e0 or ${unplanned}`],
        ['NO_UNITS', sql`${total} = 0e0`],
      ],
      [sum],
      dialect,
    ),
  );
  const chiSquare = define('chi', unless(unknown, sum));
  const { tail } = include(chiSquareUpperTail(`${prefix}_tail`, { chiSquare, degreesOfFreedom: df }, dialect));
  return formula({
    chiSquare,
    degreesOfFreedom: define('known_df', unless(unknown, df)),
    pValue: tail,
    unknown,
  });
}
