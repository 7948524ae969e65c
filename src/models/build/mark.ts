import { z } from 'zod';
import type { BuiltModel } from '../../core/built-model.ts';
import { canonicalInstant, parseInstant, shortInstant } from '../../core/instant.ts';

/** What a table or view says of how it was built. It is in its comment, and so written and replaced together with its rows. */
export type Mark = Omit<BuiltModel, 'model' | 'relation'>;

const BEGINS = ' [liftql ';
const ENDS = ']';

const instant = z
  .string()
  .refine((text) => parseInstant(text) !== null)
  .transform((text) => canonicalInstant(text));
const markSchema = z.object({
  asOf: instant,
  previousAsOf: instant.nullable(),
  hash: z.string(),
  build: z.string(),
  startedAt: instant,
  catalogHash: z.string(),
  version: z.string(),
  inputs: z.record(z.string(), z.string()),
});

/** A comment for people, with the mark after it. */
export function markedComment(description: string, mark: Mark): string {
  const { asOf, previousAsOf, startedAt } = mark;
  const written = {
    ...mark,
    asOf: shortInstant(asOf),
    previousAsOf: previousAsOf === null ? null : shortInstant(previousAsOf),
    startedAt: shortInstant(startedAt),
  };
  return `${description}${BEGINS}${JSON.stringify(written)}${ENDS}`;
}

/** The mark of a comment; null: it has none, and what it is on was not built by liftql. */
export function markOf(comment: string | null): Mark | null {
  const begins = comment?.lastIndexOf(BEGINS) ?? -1;
  if (comment === null || begins < 0 || !comment.endsWith(ENDS)) return null;
  try {
    return markSchema.parse(JSON.parse(comment.slice(begins + BEGINS.length, -ENDS.length)));
  } catch {
    return null;
  }
}
