import type { Moments } from '../core/moments.ts';
import { ident, type Sql, sql } from '../sql/sql.ts';
import type { WantedMoments } from './capping.ts';
import { type Column, hasProducts, indicesOf, sumName } from './moment-columns.ts';
import type { Scope } from './scope.ts';

const countName = ({ metric }: WantedMoments): string => `${metric.alias}.clusters`;
const crossName = ({ metric }: WantedMoments, prefix: string, i: number, j: number): string =>
  `${metric.alias}.${prefix}clusters.${i}.${j}`;

/** The columns that hold a cluster's sums of the metric's variables, and last its units. */
const summedNames = (wanted: WantedMoments, prefix: string): readonly string[] => [
  ...indicesOf(wanted, 'own').map((i) => sumName(wanted, i, prefix)),
  `${wanted.metric.alias}.units`,
];

/** Over the clusters (`k`) with a unit that counts: how many there are, and the products of their sums. `known`: what is summed. */
export function clusterColumns(
  { dialect }: Scope,
  wanted: WantedMoments,
  known: ReadonlySet<string>,
): readonly Column[] {
  if (!hasProducts(wanted) || wanted.metric.metric.quantile != null) return [];
  // A sum over units that did nothing may be null: it is 0.
  const read = (name: string): Sql => sql`coalesce(${dialect.double(ident('k', name), 'FLOAT')}, 0e0)`;
  const units = ident('k', `${wanted.metric.alias}.units`);
  const prefixes = ['', 'uncapped_'].filter((prefix) => known.has(sumName(wanted, 0, prefix)));
  return [
    { name: countName(wanted), value: sql`count(case when ${units} > 0 then 1 end)` },
    ...prefixes.flatMap((prefix) => {
      const names = summedNames(wanted, prefix);
      return names.flatMap((a, i) =>
        names.slice(0, i + 1).map((b, j) => ({
          name: crossName(wanted, prefix, i, j),
          value: sql`sum(${read(a)} * ${read(b)})`,
        })),
      );
    }),
  ];
}

/** Reads them back, with `number` for the number in a column; null: they were not asked for. */
export function decodeClusters(
  wanted: WantedMoments,
  prefix: string,
  number: (name: string) => number,
): Moments | null {
  if (!hasProducts(wanted) || wanted.metric.metric.quantile != null) return null;
  const names = summedNames(wanted, prefix);
  return {
    units: number(countName(wanted)),
    pivots: names.map(() => 0),
    sums: names.map(number),
    products: names.map((_, i) => names.slice(0, i + 1).map((__, j) => number(crossName(wanted, prefix, i, j)))),
  };
}

/** Where clusters were randomised and what their variance needs cannot be told: none of them. */
export const NO_CLUSTERS: Moments = { units: 0, pivots: [], sums: [], products: null };
