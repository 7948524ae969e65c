import type { Measure, UnitVariable } from '../metric-types/metric-type.ts';
import type { Dialect } from '../sql/dialect.ts';
import { join, type Sql, sql, trusted } from '../sql/sql.ts';
import { as } from '../sql/statement.ts';
import type { MomentsAnswer } from './answer.ts';
import type { PlannedMeasure } from './measures.ts';

/** The conditions under which a row's value is cut, each with what it is cut to. */
function cutsOf(dialect: Dialect, value: Sql, { lower, upper }: NonNullable<Measure['rowCap']>) {
  const limit = (operator: Sql, at: number | null) => {
    if (at === null) return [];
    const set = trusted(dialect.number(at));
    return [{ when: sql`${value} ${operator} ${set}`, set }];
  };
  return [...limit(sql`>`, upper), ...limit(sql`<`, lower)];
}

/** A row's value as it is aggregated; null stays null. */
export function cutRow(dialect: Dialect, value: Sql, rowCap: Measure['rowCap']): Sql {
  if (rowCap === undefined) return value;
  const cuts = cutsOf(dialect, value, rowCap).map(({ when, set }) => sql`when ${when} then ${set}`);
  return sql`case ${join(cuts, ' ')} else ${value} end`;
}

/** Names of the columns that tell what a cap of rows took away: rows that were cut, and the least and greatest value before. */
export function rowCapNames({ alias }: PlannedMeasure) {
  return { cut: `${alias}.cut`, least: `${alias}.least`, greatest: `${alias}.greatest` } as const;
}

/** Those columns of a unit's rows; none where they are not asked for. `when` leaves out the rows that do not count. */
export function rowCapColumns(
  dialect: Dialect,
  planned: PlannedMeasure,
  value: Sql | null,
  when: (value: Sql, more?: readonly Sql[]) => Sql,
): readonly Sql[] {
  const { rowCap } = planned.measure;
  if (!planned.tellsCut || rowCap === undefined || value === null) return [];
  const names = rowCapNames(planned);
  const isCut = join(
    cutsOf(dialect, value, rowCap).map((cut) => cut.when),
    ' or ',
  );
  return [
    as(sql`count(${when(sql`1`, [sql`(${isCut})`])})`, names.cut),
    as(sql`min(${when(value)})`, names.least),
    as(sql`max(${when(value)})`, names.greatest),
  ];
}

/** The range of the values before capping, over all arms: each arm told its own. */
export function overAllArms(arms: MomentsAnswer): MomentsAnswer {
  const known = (of: 'minimum' | 'maximum') => arms.flatMap(({ capping }) => capping?.[of] ?? []);
  const extreme = (of: (...values: readonly number[]) => number, values: readonly number[]) =>
    values.length === 0 ? null : of(...values);
  const minimum = extreme(Math.min, known('minimum'));
  const maximum = extreme(Math.max, known('maximum'));
  return arms.map((arm) => (arm.capping === null ? arm : { ...arm, capping: { ...arm.capping, minimum, maximum } }));
}

/** A variable as it would be without the cap of its rows. */
export function withoutRowCap(variable: UnitVariable): UnitVariable {
  return {
    ...variable,
    name: `${variable.name}.uncapped`,
    measures: variable.measures.map(({ rowCap: _, ...measure }) => measure),
  };
}
