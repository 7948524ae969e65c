import { type DocumentNode, getVariableValues, type OperationDefinitionNode } from 'graphql';
import { MetricLayerError } from '../core/errors.ts';
import type { RequestContext } from './context.ts';
import { estimateCells } from './cost.ts';
import { MAX_VALUE_DEPTH } from './limits.ts';

/** Leaf values that one operation may resolve, unless the service says otherwise. */
export const MAX_CELLS = 100_000;

export interface ValidOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** As the client gave them. */
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * Why a valid operation is not executed all the same; null: it may be. Not a validation rule, because it needs the values of
 * the variables: a rule that estimates costs without them breaks operations with required variables.
 */
export function refusalOf(
  { service, session }: RequestContext,
  { document, operation, variables }: ValidOperation,
): MetricLayerError | null {
  const given = variables ?? {};
  if (isDeeper(given, MAX_VALUE_DEPTH + 1)) {
    return new MetricLayerError('BAD_USER_INPUT', `The variables nest deeper than ${MAX_VALUE_DEPTH} levels.`);
  }
  const { coerced } = getVariableValues(service.schema, operation.variableDefinitions ?? [], given);
  // Executing says what is wrong with the variables, and runs nothing.
  if (coerced === undefined) return null;
  const cells = estimateCells({ schema: service.schema, session, document, operation, variables: coerced });
  const most = service.maxCells ?? MAX_CELLS;
  if (cells <= most) return null;
  const count = (number: number) => number.toLocaleString('en-US');
  return new MetricLayerError(
    'COST_LIMIT',
    `The operation may resolve up to ${count(cells)} values; at most ${count(most)} are allowed. Select fewer fields, filter the lists, or take smaller pages with first.`,
    { details: { cells, most } },
  );
}

/** Whether objects and lists nest in more than so many levels; a value that deep must not be walked by recursion. */
function isDeeper(value: unknown, most: number): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth <= most; depth += 1) {
    level = level
      .flatMap((one): readonly unknown[] => (typeof one === 'object' && one !== null ? [Object.values(one)] : []))
      .flat(1);
    if (level.length === 0) return false;
  }
  return true;
}
