import type { Dialect } from '../../sql/dialect.ts';
import { formatDouble } from '../../sql/number.ts';
import { join, type Sql, sql, trusted } from '../../sql/sql.ts';
import { draft, type Formula } from './formula.ts';

/** The nodes and weights of `integrateTail` (src/statistics/distributions/double-exponential.ts), to the bit. */
const NODES: readonly (readonly [x: number, weight: number])[] = Array.from({ length: 58 }, (_, index) => {
  const k = (index - 28) / 8;
  const decay = Math.exp(-k);
  const x = Math.exp(k - decay);
  return [x, ((1 + decay) * x) / 8] as const;
});

/** The nodes as one column of lists, shared by all integrals of a statement. */
export function integrationNodes(dialect: Dialect): Formula<'nodes'> {
  const { define, formula } = draft('integration', `The ${NODES.length} nodes of the double-exponential rule`);
  const number = (value: number) => trusted((dialect.number ?? formatDouble)(value));
  const lists = NODES.map(([x, weight]) => sql`array[${number(x)}, ${number(weight)}]`);
  return formula({ nodes: define('nodes', sql`array[${join(lists, ', ')}]`) });
}

/**
 * ∫₀^∞ of a positive integrand that falls on the scale `length`: Σ weight·integrand(y(length·x)) times the length. `y` is bound
 * once for each node, so that the integrand may write it several times.
 */
export function integrateTail(
  { nodes, length, y, integrand }: IntegralParts,
  { valueLists }: Pick<Dialect, 'valueLists'>,
): Sql {
  const pairs = valueLists.pairs(nodes, (node) => [sql`${node}[2]`, y(sql`${length} * ${node}[1]`)]);
  const sum = valueLists.sumOfPairs(pairs, (weight, bound) => sql`${weight} * ${integrand(bound)}`);
  return sql`${length} * ${sum}`;
}

export interface IntegralParts {
  readonly nodes: Sql;
  readonly length: Sql;
  /** What the integrand is written in, from u = length·x. */
  readonly y: (u: Sql) => Sql;
  readonly integrand: (y: Sql) => Sql;
}
