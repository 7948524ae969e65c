import type { Expression } from '../metric-types/expression.ts';
import type { Existence } from '../metric-types/metric-type.ts';
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
  for (const { key, activation } of catalog.experiments.values()) {
    if (activation?.measure.where == null) continue;
    uses.push({
      expression: activation.measure.where,
      source: activation.measure.source,
      wanted: 'condition',
      subject: `Experiment \`${key}\`: \`activation.where\``,
    });
  }
  for (const { name, versions } of catalog.metrics.values()) {
    for (const { variables, number, among } of versions) {
      const narrowing = among == null ? [] : [{ variable: '`among`', measure: among.measure }];
      const measured = variables.flatMap(({ name: variable, measures }) =>
        measures.map((measure) => ({ variable, measure })),
      );
      for (const { variable, measure } of [...measured, ...narrowing]) {
        const { source, column, where, aggregate, exists } = measure;
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
        for (const [i, step] of (measure.steps ?? []).entries())
          uses.push({
            expression: step.where,
            source,
            wanted: 'condition',
            subject: `${subject}the condition of step ${i + 1}`,
          });
        if (exists !== undefined)
          uses.push(...existenceUses(exists, source, `${subject}\`exists\` of its ${variable}`));
      }
    }
  }
  return uses;
}

/** What a condition of existence says of the one source and of the other. */
function existenceUses({ on, where, ...exists }: Existence, source: string, subject: string): readonly ExpressionUse[] {
  return [
    { expression: on.own, source, wanted: 'any', subject: `${subject}, \`on\`` },
    { expression: on.other, source: exists.source, wanted: 'any', subject: `${subject}, \`on\`` },
    ...(where === null
      ? []
      : [{ expression: where, source: exists.source, wanted: 'condition' as const, subject: `${subject}, \`where\`` }]),
  ];
}
