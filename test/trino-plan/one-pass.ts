import { nodesOf, type PlanTree } from './plan-tree.ts';

/** How often each table may be scanned, and between which instants of which column. */
export type Scans = Readonly<
  Record<string, { readonly times: number; readonly column: string; readonly range: string }>
>;

/** What is wrong with a plan that should read every table as often as said, only the time that matters, and multiply nothing. */
export function faultsOf(plan: PlanTree, expected: Scans): readonly string[] {
  const nodes = nodesOf(plan);
  const scans = nodes.filter(({ table }) => table !== null);
  const tables = [...new Set([...Object.keys(expected), ...scans.map(({ table }) => table!)])];
  return [
    ...tables.flatMap((table) => {
      const found = scans.filter((scan) => scan.table === table).length;
      const { times = 0 } = expected[table] ?? {};
      return found === times ? [] : [`${table} is scanned ${found} times instead of ${times}`];
    }),
    ...scans.flatMap(({ table, constraints }) => {
      const { column, range } = expected[table!] ?? {};
      if (column === undefined || constraints[column] === range) return [];
      return [`${table} is scanned with ${column} in ${constraints[column] ?? 'any range'} instead of ${range}`];
    }),
    ...nodes.flatMap(({ operator, children }) =>
      operator === 'CrossJoin' && !children.some(({ oneRow }) => oneRow) ? ['rows are multiplied by rows'] : [],
    ),
  ];
}
