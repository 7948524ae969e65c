import type { Expression } from '../metric-types/expression.ts';
import type { Catalog } from './catalog.ts';

/** One use of an expression: over which source, and what it must give. */
export interface ExpressionUse {
  readonly expression: Expression;
  readonly source: string;
  readonly wanted: 'condition' | 'number' | 'any';
  /** Names the offender in a message. */
  readonly subject: string;
}

/** Every expression over the columns of a source in a catalog. */
export function expressionUses(catalog: Catalog): readonly ExpressionUse[] {
  const uses: ExpressionUse[] = [];
  for (const source of catalog.sources.values()) {
    if (source.kind !== 'assignments' || source.exclude === null) continue;
    uses.push({
      expression: source.exclude,
      source: source.name,
      wanted: 'condition',
      subject: `Source \`${source.name}\`: \`exclude\``,
    });
  }
  for (const { name, versions } of catalog.metrics.values()) {
    for (const { variables, number } of versions) {
      for (const { variable, measure } of variables.flatMap(({ name: variable, measures }) =>
        measures.map((measure) => ({ variable, measure })),
      )) {
        const { source, column, where, aggregate } = measure;
        const subject = `Metric \`${name}\`${versions.length > 1 ? `, version ${number}` : ''}: `;
        const wanted = aggregate === 'count' || aggregate === 'count_distinct' ? 'any' : 'number';
        if (where !== null)
          uses.push({
            expression: where,
            source,
            wanted: 'condition',
            subject: `${subject}the condition of its ${variable}`,
          });
        if (column !== null)
          uses.push({ expression: column, source, wanted, subject: `${subject}the column of its ${variable}` });
      }
    }
  }
  return uses;
}
