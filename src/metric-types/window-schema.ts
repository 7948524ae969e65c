import { z } from 'zod';
import { coded } from './coded.ts';
import { duration } from './duration.ts';
import type { Window } from './metric-type.ts';

/** YAML of the time after exposure in which events count. */
export const windowSchema = z
  .strictObject(
    { delay: duration('zero').optional(), length: duration().optional() },
    {
      error: (issue) =>
        issue.code === 'invalid_type'
          ? coded('CAT_WINDOW', 'must be `{ delay: …, length: … }` with durations such as `24h` or `7d`')
          : undefined,
    },
  )
  .transform((yaml): Window | null =>
    yaml.delay === undefined && yaml.length === undefined
      ? null
      : { delay: yaml.delay ?? 0, length: yaml.length ?? null },
  );
