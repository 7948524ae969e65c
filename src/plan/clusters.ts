import { ident, join, type Sql, sql } from '../sql/sql.ts';
import type { Step } from '../sql/statement.ts';
import type { Scope } from './scope.ts';

/** Whether whole clusters are randomised: the units of one share their variant. */
export const isClustered = ({ source }: Pick<Scope, 'source'>): boolean => source.cluster != null;

/** Over the units of one cluster (of one experiment), in order; `more` tells other rows apart. */
export function overCluster({ keys }: Scope, more: readonly string[] = [], order: readonly string[] = []): Sql {
  const listed = (names: readonly string[]) =>
    join(
      names.map((name) => ident(name)),
      ', ',
    );
  const ordered = order.length === 0 ? sql`` : sql` order by ${listed(order)}`;
  return sql`over (partition by ${listed([...keys, 'cluster', ...more])}${ordered})`;
}

/** Exposed units without those of clusters that were seen in several variants, and without those that a rule excludes. */
export function cleanClusters(scope: Scope, from: string, columns: readonly string[]): Step {
  const names = (more: Sql) =>
    sql`${join(
      columns.map((name) => ident(name)),
      ', ',
    )}${more}`;
  const over = overCluster(scope);
  return {
    name: 'clean',
    comment: 'units of the clusters that were seen in one variant',
    query: sql`select ${names(sql``)}\nfrom (\n  select ${names(sql`, "excluded", min("arm") ${over} as "least_arm", max("last_arm") ${over} as "greatest_arm"`)}\n  from ${ident(from)}\n) as u\nwhere "least_arm" = "greatest_arm" and "excluded" = 0`,
  };
}
