import { statementText } from '../../src/engine/trino/literals.ts';
import type { CompiledSql } from '../../src/sql/sql.ts';
import { runOnTrino } from '../support/trino.ts';

/** A node as Trino explains it; `descriptor` and `details` are what it prints of the operator. */
interface PlanNode {
  readonly name: string;
  readonly descriptor: Readonly<Record<string, string>>;
  readonly details: readonly string[];
  readonly children: readonly PlanNode[];
}

/** What of a plan depends on the statement and the tables alone, and not on the cluster, its statistics or the run. */
export interface PlanTree {
  readonly operator: string;
  /** Of a scan, without its schema. */
  readonly table: string | null;
  /** Ranges of a scan's columns that its files are picked by. */
  readonly constraints: Readonly<Record<string, string>>;
  readonly oneRow: boolean;
  readonly children: readonly PlanTree[];
}

export async function explainOnTrino({ sql, parameters }: CompiledSql): Promise<PlanTree> {
  const [[json] = []] = await runOnTrino(`explain (type logical, format json) ${statementText({ sql, parameters })}`);
  const [root] = treesOf(JSON.parse(String(json)) as PlanNode); // as Trino documents it
  return root!;
}

/** Where rows go, in which order columns stand and how an aggregation is split are the cluster's own business. */
const SKIPPED = /^(Project|(Local|Remote)(Exchange|Merge)|PartialSort|Output)$/;

function treesOf(node: PlanNode): readonly PlanTree[] {
  const children = node.children.flatMap(treesOf);
  if (SKIPPED.test(node.name)) return children;
  if (node.name === 'Aggregate' && node.descriptor.type === 'PARTIAL') return children;
  const [, table] = /:\w+\.(\w+)\$data@/.exec(node.descriptor.table ?? '') ?? [];
  return [
    {
      operator: table === undefined ? node.name.replace(/Project$/, '') : 'Scan',
      table: table ?? null,
      constraints: table === undefined ? {} : constraintsOf(node),
      oneRow: returnsOneRow(node, children),
      children,
    },
  ];
}

function returnsOneRow({ name, descriptor, details }: PlanNode, children: readonly PlanTree[]): boolean {
  if (name === 'Values') return details.length <= 1;
  if (name === 'Aggregate') return descriptor.keys === undefined || /^(\[\])?$/.test(descriptor.keys);
  if (name === 'EnforceSingleRow') return true;
  return /^(Filter|FilterProject|Window)$/.test(name) && children.every(({ oneRow }) => oneRow);
}

/** A column's line, `event_at := 3:event_at:timestamp(6)`, is followed by its range where there is one. */
function constraintsOf({ details, descriptor }: PlanNode): Readonly<Record<string, string>> {
  const [, names = ''] = / constraint on \[([^\]]*)\]/.exec(descriptor.table!) ?? [];
  const ranges = new Map<string, string>();
  details.forEach((line, i) => {
    const [, column] = /^\s*(?:\S+ := )?\d+:(\w+):/.exec(line) ?? [];
    const [, range] = /^\s*:: (.*)$/.exec(details[i + 1] ?? '') ?? [];
    if (column !== undefined && range !== undefined) ranges.set(column, range);
  });
  const constrained = names.split(', ').filter((name) => name !== '');
  return Object.fromEntries(constrained.map((name) => [name, ranges.get(name) ?? 'yes']));
}

export function nodesOf(tree: PlanTree): readonly PlanTree[] {
  return [tree, ...tree.children.flatMap(nodesOf)];
}

/** One node a line. Which side of a join is which is left to the statistics: the side that is kept whole comes first. */
export function textOf(tree: PlanTree, depth = 0): string {
  const { operator, table, constraints, children } = tree;
  const ranges = Object.entries(constraints).map(([column, range]) => ` ${column} in ${range}`);
  const own = `${'  '.repeat(depth)}${operator.replace('Right', 'Left')}${table === null ? '' : ` ${table}`}${ranges.join('')}\n`;
  const texts = children.map((child) => textOf(child, depth + 1));
  if (operator === 'RightJoin') texts.reverse();
  if (operator === 'InnerJoin' || operator === 'CrossJoin') texts.sort();
  return own + texts.join('');
}
