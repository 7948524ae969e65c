import type { Step } from '../../sql/statement.ts';

/** Lines before a statement, as comments: a comment ends with its line, and clients cut statements at semicolons. */
export function headComments(lines: readonly string[]): string {
  return lines.map((text) => `-- ${commentOf(text)}`).join('\n');
}

/** Steps whose comments no client takes for the end of the statement. */
export function withPlainComments(steps: readonly Step[]): readonly Step[] {
  return steps.map((step) => ({ ...step, comment: commentOf(step.comment) }));
}

const commentOf = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll(';', ',');
