import { z } from 'zod';
import { coded } from './coded.ts';
import { duration } from './duration.ts';
import type { Window } from './metric-type.ts';

/** YAML of the time after exposure in which events count. */
export const windowSchema = z
  .strictObject(
    { delay: duration('zero').optional(), length: duration().optional(), settle: duration('zero').optional() },
    {
      error: (issue) =>
        issue.code === 'invalid_type'
          ? coded('CAT_WINDOW', 'must be `{ delay: …, length: … }` with durations such as `24h` or `7d`')
          : undefined,
    },
  )
  .refine(({ length, settle }) => settle === undefined || length !== undefined, {
    path: ['settle'],
    error: coded('CAT_WINDOW', 'needs a `length`: only what ends can settle after its end'),
  })
  .transform(({ delay, length, settle }): Window | null =>
    delay === undefined && length === undefined
      ? null
      : { delay: delay ?? 0, length: length ?? null, ...(settle ? { settle } : {}) },
  );
