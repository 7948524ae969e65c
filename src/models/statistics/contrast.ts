import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql } from '../../sql/sql.ts';
import { draft, type Formula } from './formula.ts';
import type { SampleColumns } from './samples.ts';
import { unknownOf, unless } from './unknown.ts';

export type ContrastColumn = 'estimate' | 'standardError' | 'degreesOfFreedom' | 'unknown';

/** Control and treatment side by side in a row. */
export interface ArmColumns {
  readonly control: SampleColumns;
  readonly treatment: SampleColumns;
}

/** Welch–Satterthwaite degrees of freedom of two squared errors, in their shares of the sum. */
export function satterthwaite(a: Sql, b: Sql, { control, treatment }: ArmColumns): Sql {
  const share = (of: Sql) => sql`(${of} / (${a} + ${b}))`;
  return sql`1e0 / (${share(a)} * ${share(a)} / (${treatment.n} - 1e0) + ${share(b)} * ${share(b)} / (${control.n} - 1e0))`;
}

/** mean_T − weight·mean_C with its standard error and degrees of freedom (`contrast`). One arm may have zero variance, not both. */
export function contrast(
  prefix: string,
  arms: ArmColumns,
  dialect: Dialect,
  weight: Sql = sql`1e0`,
): Formula<ContrastColumn> {
  const { define, formula } = draft(prefix, 'Difference of the arms and its standard error');
  const { control, treatment } = arms;
  const a = define('a', sql`${treatment.variance} / ${treatment.n}`);
  const b = define('b', sql`${weight} * ${weight} * (${control.variance} / ${control.n})`);
  const estimate = define('raw_estimate', sql`${treatment.mean} - ${weight} * ${control.mean}`);
  const error = define('raw_standard_error', sql`sqrt(case when ${a} + ${b} >= 0e0 then ${a} + ${b} end)`);
  const df = define('raw_df', satterthwaite(a, b, arms));
  const fewest = (bound: Sql) => sql`${control.n} < ${bound} or ${treatment.n} < ${bound}`;
  const unknown = define(
    'unknown',
    unknownOf(
      [control.unknown, treatment.unknown],
      [
        ['NO_UNITS', fewest(sql`1e0`)],
        ['TOO_FEW_UNITS', fewest(sql`2e0`)],
        ['ZERO_VARIANCE', sql`${a} + ${b} = 0e0`],
      ],
      [estimate, error, df],
      dialect,
    ),
  );
  return formula({
    estimate: define('estimate', unless(unknown, estimate)),
    standardError: define('standard_error', unless(unknown, error)),
    degreesOfFreedom: define('df', unless(unknown, df)),
    unknown,
  });
}
