import { z } from 'zod';
import { readInstant, shortInstant } from '../core/instant.ts';
import { coded } from '../metric-types/coded.ts';
import type { Instant } from './catalog.ts';

/** Schema of an instant; it comes out in UTC, without a fraction that is zero. */
export const instantSchema = z
  .string({ error: coded('CAT_VALUE', 'must be an RFC 3339 instant such as `2026-03-20T00:00:00Z`') })
  .transform((text, context): Instant => {
    const read = readInstant(text);
    if (read.ok) return shortInstant(read.instant);
    context.issues.push({ code: 'custom', input: text, message: coded('CAT_VALUE', read.reason) });
    return z.NEVER;
  })
  .meta({ description: 'An RFC 3339 instant with an offset, such as 2026-03-20T00:00:00Z.' });
