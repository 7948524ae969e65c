import { MetricLayerError } from '../core/errors.ts';
import type { Engine, ParsedExpression } from '../engine/engine.ts';
import { type Expression, placeInside } from '../metric-types/expression.ts';
import { isAllowedFunction } from './allowed-functions.ts';
import { calledWords, contextWord, wordsOf } from './expression-words.ts';
import type { FaultList } from './fault.ts';

/**
 * Whether an expression is one plain scalar expression of the engine's: it parses, looks at its own row only, and calls
 * allowed functions. Reports the first thing that is wrong.
 */
export async function inspectExpression(
  expression: Expression,
  { engine, subject, faults }: { readonly engine: Engine; readonly subject: string; readonly faults: FaultList },
): Promise<boolean> {
  const words = wordsOf(expression.text);
  const fault = (offset: number, rule: string) => {
    faults.add('CAT_EXPRESSION', placeInside(expression, offset), { subject, rule });
    return false;
  };
  const offsetOf = (name: string) => words.find(({ text }) => text === name)?.offset ?? 0;
  let parsed: ParsedExpression | null;
  try {
    parsed = await engine.parseExpression(expression.text);
  } catch (error) {
    if (!(error instanceof MetricLayerError) || error.code !== 'ENGINE_FAILED') throw error;
    const { reason, offset } = error.details;
    return fault(
      typeof offset === 'number' ? offset : 0,
      `does not parse: ${String(reason ?? error.message).replace(/\.$/, '')}`,
    );
  }
  if (parsed?.hasSubquery || words.some(({ text, isQuoted }) => text === 'select' && !isQuoted)) {
    return fault(offsetOf('select'), 'holds a subquery; an expression sees one row of its source only');
  }
  if (parsed?.hasWindow || words.some(({ text, isCalled, isQuoted }) => text === 'over' && isCalled && !isQuoted)) {
    return fault(offsetOf('over'), 'holds a window function; an expression sees one row of its source only');
  }
  const context = contextWord(words);
  if (context !== null)
    return fault(context.offset, `uses \`${context.text}\`, so that its value depends on when or by whom it is run`);
  const called = [...(parsed?.functions ?? []), ...calledWords(words).map(({ text }) => text)];
  const refused = called.find((name) => !isAllowedFunction(name));
  if (parsed?.hasAggregate) {
    return fault(
      offsetOf(refused ?? ''),
      `holds an aggregate${refused === undefined ? '' : `, \`${refused}\``}; say it with the metric's own \`aggregate\``,
    );
  }
  if (refused !== undefined)
    return fault(
      offsetOf(refused),
      `calls \`${refused}\`, which is not one of the functions that an expression may call`,
    );
  return true;
}
