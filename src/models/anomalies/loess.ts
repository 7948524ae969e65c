import type { Dialect } from '../../sql/dialect.ts';
import { type Sql, sql, trusted } from '../../sql/sql.ts';
import type { Draft } from '../statistics/formula.ts';

/** Where the neighbours of each target are that have a say in its fit: columns of lists with one item a target. */
export interface Neighbours {
  /** The targets by number: 1, 2, … */
  readonly targets: Sql;
  /** Number of the day that is the first neighbour. */
  readonly first: Sql;
  /** Days from one neighbour to the next: one step. */
  readonly stride: number;
  /** Steps from the target to the first neighbour; negative: it is before it. */
  readonly start: Sql;
  /** Steps to where the weights end. */
  readonly reach: Sql;
  /** Steps from the first of all values to the last. */
  extent(target: Sql): Sql;
  /** 1, 2, … to the number of neighbours. */
  orders(target: Sql): Sql;
}

/** Local fits as weights of their neighbours. */
export interface Smoother extends Neighbours {
  /** A list of weights for each target; null: no neighbour is there. */
  readonly rows: Sql;
}

/**
 * The weights of locally linear fits (`loessAt`; Cleveland 1979): with k the tricube weights of the neighbours that are there, m their
 * mean place and s² their spread about it, the fit at the target (place 0) is Σ kᵢ/Σk · (1 − m·(dᵢ − m)/s²) · yᵢ. `weights`: a list
 * with a number for each day, 0 where there is no value.
 */
export function smoother(
  define: Draft['define'],
  dialect: Dialect,
  name: string,
  near: Neighbours,
  weights: Sql,
): Smoother {
  const { at, each, sum } = dialect.arrays;
  const perTarget = (part: string, of: (target: Sql) => Sql) => define(`${name}_${part}`, each(near.targets, 't', of));
  const away = (target: Sql, order: Sql) => sql`(${at(near.start, target)} + ${order} - 1)`;
  const kernels = perTarget('kernels', (t) =>
    each(near.orders(t), 'o', (o) => {
      const [size, reach] = [sql`abs(${away(t, o)})`, at(near.reach, t)];
      const cube = (value: Sql) => sql`(${value} * ${value} * ${value})`;
      const tricube = cube(sql`(1e0 - ${cube(sql`(${size} / ${reach})`)})`);
      const weight = at(weights, dayOf(dialect, near, t, o));
      return sql`case when ${size} > 0.999e0 * ${reach} then 0e0 when ${size} <= 0.001e0 * ${reach} then ${weight} else ${tricube} * ${weight} end`;
    }),
  );
  const totals = perTarget('totals', (t) => sum(at(kernels, t)));
  const mean = (t: Sql, of: (order: Sql) => Sql) => {
    const total = sum(each(near.orders(t), 'o', (o) => sql`${at(at(kernels, t), o)} * ${of(o)}`));
    return sql`${total} / nullif(${at(totals, t)}, 0e0)`;
  };
  const means = perTarget('means', (t) => mean(t, (o) => away(t, o)));
  const fromMean = (t: Sql, o: Sql) => sql`(${away(t, o)} - ${at(means, t)})`;
  const spreads = perTarget('spreads', (t) => mean(t, (o) => sql`${fromMean(t, o)} * ${fromMean(t, o)}`));
  const slopes = perTarget('slopes', (t) => {
    const slope = sql`-${at(means, t)} / ${at(spreads, t)}`;
    return sql`case when sqrt(${at(spreads, t)}) > 0.001e0 * ${near.extent(t)} then ${slope} else 0e0 end`;
  });
  const rows = perTarget('rows', (t) => {
    const weight = (o: Sql) =>
      sql`${at(at(kernels, t), o)} / ${at(totals, t)} * (1e0 + ${at(slopes, t)} * ${fromMean(t, o)})`;
    return sql`case when ${at(totals, t)} > 0e0 then ${each(near.orders(t), 'o', weight)} end`;
  });
  return { ...near, rows };
}

/** The fits at all targets, of a value for each day; null where no neighbour is there. */
export function smoothed(dialect: Dialect, by: Smoother, numberOf: (day: Sql) => Sql): Sql {
  const { at, each, sum } = dialect.arrays;
  return each(by.targets, 't', (t) => {
    const part = (o: Sql) => sql`${at(at(by.rows, t), o)} * (${numberOf(dayOf(dialect, by, t, o))})`;
    return sql`case when ${at(by.rows, t)} is not null then ${sum(each(by.orders(t), 'o', part))} end`;
  });
}

/** The day of a neighbour, by its order. */
const dayOf = ({ arrays: { at } }: Dialect, { first, stride }: Neighbours, target: Sql, order: Sql): Sql =>
  sql`(${at(first, target)} + ${trusted(String(stride))} * (${order} - 1))`;
