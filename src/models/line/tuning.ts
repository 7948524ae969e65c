import type { Experiment } from '../../catalog/catalog.ts';
import { DEFAULT_TUNING_UNITS } from '../../experiment/sequence.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql, trusted } from '../../sql/sql.ts';
import { armColumn } from './columns.ts';

/** The column `tuning_units` of a line (`tuningUnits`); `ended`: whether the experiment has, where no plan decides. */
export function tuningUnitsSql({ plan }: Pick<Experiment, 'plan'>, ended: Sql, { number }: Dialect): Sql {
  const planned = plan?.unitsPerVariant ?? null;
  if (planned !== null) return trusted(number(2 * planned));
  const atHand = sql`(coalesce(${armColumn('c', 'units')}, 0) + coalesce(${armColumn('t', 'units')}, 0))`;
  return sql`case when ${ended} and ${atHand} > 0 then cast(${atHand} as double) else ${trusted(number(DEFAULT_TUNING_UNITS))} end`;
}
