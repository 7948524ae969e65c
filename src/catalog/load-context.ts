import type { Expression, Place } from '../metric-types/expression.ts';
import { placeInside } from '../metric-types/expression.ts';
import type { YamlPath } from '../metric-types/metric-kind.ts';
import type { Environment } from './environment.ts';
import { checkExpression } from './expression-check.ts';
import type { FaultList } from './fault.ts';
import type { Located } from './located.ts';

/** What every part of loading shares. */
export interface LoadContext {
  /** Absolute. */
  readonly directory: string;
  readonly env: Environment;
  readonly faults: FaultList;
  /** Takes a sentence for people who look after the catalog. */
  readonly warn: (sentence: string) => void;
}

/** SQL text of the catalog with its place; what makes it unfit to stand in a statement is reported. */
export function toExpression(
  text: string,
  {
    owner,
    path,
    subject,
    faults,
  }: { readonly owner: Located; readonly path: YamlPath; readonly subject: string; readonly faults: FaultList },
): Expression {
  const expression = owner.nearest(path).expression(text);
  const fault = checkExpression(expression.text);
  if (fault !== null) {
    const place: Place = placeInside(expression, fault.offset);
    faults.add('CAT_EXPRESSION', place, { subject: `${subject}: \`${path.join('.')}\``, rule: fault.rule });
  }
  return expression;
}
