import { ident, type Sql, sql } from '../../sql/sql.ts';
import type { MomentColumns } from '../statistics/moments.ts';
import type { QuantileColumns } from '../statistics/quantile.ts';
import type { LineShape } from './shape.ts';

/** The arms of a line, as their columns begin. */
export type ArmPrefix = 'c' | 't';

const indices = (count: number) => Array.from({ length: count }, (_, i) => i);

/** A column of an arm in a row that has both arms of a line side by side: `c_units`, `t_sum_0`. */
export const armColumn = (arm: ArmPrefix, name: string): Sql => ident(`${arm}_${name}`);

/** The names of an arm's columns that a shape needs, as those of `metric_moments`. Sums and products are not null. */
export function armColumnNames({ variables, covariates, quantile }: LineShape): readonly string[] {
  const all = indices(variables + covariates);
  return [
    'units',
    ...(covariates > 0 ? ['units_with_before'] : []),
    ...all.flatMap((i) => [`pivot_${i}`, `sum_${i}`]),
    ...all.flatMap((i) => indices(i + 1).map((j) => `product_${i}${j}`)),
    ...(quantile === null ? [] : ['quantile_values', 'quantile_estimate', 'quantile_lower', 'quantile_upper']),
    ...(quantile?.over === 'events' ? ['cluster_sum_0', ...CLUSTER_PRODUCTS] : []),
  ];
}

const CLUSTER_PRODUCTS = ['cluster_product_00', 'cluster_product_10', 'cluster_product_11'] as const;

/** The moments of the first variables of an arm. */
export function momentColumns(arm: ArmPrefix, variables: number): MomentColumns {
  const column = (name: string) => armColumn(arm, name);
  return {
    units: column('units'),
    pivots: indices(variables).map((i) => column(`pivot_${i}`)),
    sums: indices(variables).map((i) => column(`sum_${i}`)),
    products: indices(variables).map((i) => indices(i + 1).map((j) => column(`product_${i}${j}`))),
  };
}

/** An arm's quantile; of events: `cluster_sum_0` are those up to the estimate, all of them are the values. */
export function quantileColumns(arm: ArmPrefix, over: 'units' | 'events'): QuantileColumns {
  const column = (name: string) => armColumn(arm, name);
  const [square, cross, all] = CLUSTER_PRODUCTS.map(column) as [Sql, Sql, Sql]; // one a name
  const clusters: MomentColumns = {
    units: column('units'),
    pivots: [sql`0e0`, sql`0e0`],
    sums: [column('cluster_sum_0'), column('quantile_values')],
    products: [[square], [cross, all]],
  };
  return {
    units: column('units'),
    values: column('quantile_values'),
    estimate: column('quantile_estimate'),
    lower: column('quantile_lower'),
    upper: column('quantile_upper'),
    clusters: over === 'events' ? clusters : null,
  };
}

/** Thresholds and range of a metric's values over all arms, as `metric_moments` or a statement has them. */
export interface CapColumns {
  readonly lower: Sql;
  readonly upper: Sql;
  /** Least and greatest value before capping. */
  readonly minimum: Sql;
  readonly maximum: Sql;
}

/** The column `cap_fault`: a threshold at the far end of the values makes all units alike (`capFault`). */
export function capFault({ lower, upper, minimum, maximum }: CapColumns): Sql {
  return sql`case when ${minimum} <> ${maximum} and (${upper} <= ${minimum} or ${lower} >= ${maximum}) then 'CAP_DEGENERATE' end`;
}
