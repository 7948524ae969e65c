import type { WantedMoments } from '../../plan/capping.ts';
import { productName, sumName } from '../../plan/moment-columns.ts';
import { orderName } from '../../plan/order-statistics.ts';
import type { Dialect } from '../../sql/dialect.ts';
import { ident, type Sql, sql, trusted } from '../../sql/sql.ts';
import { and, as, list, type Step } from '../../sql/statement.ts';
import { type ArmPrefix, armColumnNames, capFault } from './columns.ts';
import type { LineShape } from './shape.ts';

/** Which rows of the step `moments` are the arms of a line. */
export interface LineRows {
  /** Positions of the variants as declared. */
  readonly control: number;
  readonly treatment: number;
  /** Index of the slice; null: there are none. */
  readonly slice: number | null;
}

/**
 * Both arms of a line side by side in one row, from the rows of the step `moments`: the columns that `lineFormula` is written
 * over. Reads the step once, as some engines compute a step anew for each reader.
 */
export function armsStep(wanted: WantedMoments, shape: LineShape, rows: LineRows, dialect: Dialect): Step {
  const isArm = (arm: ArmPrefix) =>
    and([
      sql`${ident('arm')} = ${trusted(String(arm === 'c' ? rows.control : rows.treatment))}`,
      ...(rows.slice === null ? [] : [sql`${ident('slice')} = ${trusted(String(rows.slice))}`]),
    ]);
  const columns = (['c', 't'] as const).flatMap((arm) =>
    armColumnNames(shape).map((name) => as(columnOf(name, isArm(arm), wanted, dialect), `${arm}_${name}`)),
  );
  const fault = shape.capped ? [as(faultOf(wanted, isArm, dialect), 'cap_fault')] : [];
  return {
    name: 'arms',
    comment: 'both arms of the line in one row: c_ is the control, t_ the treatment',
    query: sql`select\n  ${list([...columns, ...fault])}\nfrom moments`,
  };
}

const double = (value: Sql): Sql => sql`cast(${value} as double)`;

function columnOf(name: string, when: Sql, wanted: WantedMoments, { number }: Dialect): Sql {
  const { alias } = wanted.metric;
  const read = (column: string) => sql`max(case when ${when} then ${ident(column)} end)`;
  // A sum over no values is null in SQL.
  const sum = (column: string) => sql`coalesce(${double(read(column))}, 0e0)`;
  const [first, second] = [...(/_(\d+)$/.exec(name)?.[1] ?? '')].map(Number) as [number, number];
  if (name.startsWith('pivot_')) return trusted(number(wanted.pivots[first]!));
  if (name.startsWith('sum_')) return sum(sumName(wanted, first, ''));
  if (name.startsWith('product_')) return sum(productName(wanted, first, second, ''));
  if (name === 'units') return read(`${alias}.units`);
  if (name === 'units_with_before') return double(read(`${alias}.with_before`));
  const order = (of: string) => orderName(wanted, of);
  const of: Readonly<Record<string, Sql>> = {
    quantile_values: read(order('values')),
    quantile_estimate: double(read(order('estimate'))),
    quantile_lower: double(read(order('lower'))),
    quantile_upper: double(read(order('upper'))),
    cluster_sum_0: sum(order('below')),
    cluster_product_00: sum(order('below_square')),
    cluster_product_10: sum(order('below_cross')),
    cluster_product_11: sum(order('values_square')),
  };
  return of[name]!;
}

/** Thresholds are the same in all arms, the range is over all of them; without units in either arm nothing was capped. */
function faultOf(wanted: WantedMoments, isArm: (arm: ArmPrefix) => Sql, { number }: Dialect): Sql {
  const { alias, metric, rowCap } = wanted.metric;
  const cap = rowCap ?? metric.cap!;
  const threshold = (side: 'lower' | 'upper'): Sql => {
    const stated = cap[side];
    if (stated == null) return sql`cast(null as double)`;
    if (stated.kind === 'value') return trusted(number(stated.value));
    return sql`max(${ident(`${alias}.${side}`)})`;
  };
  const someone = sql`count(case when (${isArm('c')}) or (${isArm('t')}) then 1 end) > 0`;
  const fault = capFault({
    lower: threshold('lower'),
    upper: threshold('upper'),
    minimum: sql`min(${ident(`${alias}.minimum`)})`,
    maximum: sql`max(${ident(`${alias}.maximum`)})`,
  });
  return sql`case when ${someone} then ${fault} end`;
}
