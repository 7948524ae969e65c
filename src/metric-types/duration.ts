import { z } from 'zod';
import { coded } from './coded.ts';
import type { Seconds } from './metric-type.ts';

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 } as const;
const LONGEST = 100 * 366 * SECONDS.d;
const RULE = 'must be a duration such as `45s`, `30m`, `168h`, `7d` or `2w`';

/** Exact seconds of `45s`, `30m`, `168h`, `7d`, `2w`; null when the text is not a duration of at most a century. */
export function parseDuration(text: string): Seconds | null {
  const match = /^(\d{1,12})(s|m|h|d|w)$/.exec(text.trim());
  if (match === null) return null;
  // The pattern admits only the keys of SECONDS.
  const seconds = Number(match[1]) * SECONDS[match[2] as keyof typeof SECONDS];
  return seconds <= LONGEST ? seconds : null;
}

/** Schema of a duration; `least` is `zero` where nothing at all is a meaningful answer. */
export function duration(least: 'positive' | 'zero' = 'positive') {
  return z
    .string({ error: coded('CAT_WINDOW', RULE) })
    .transform((text, context): Seconds => {
      const seconds = parseDuration(text);
      if (seconds !== null && (seconds > 0 || least === 'zero')) return seconds;
      const rule = seconds === 0 ? 'must be longer than zero' : least === 'zero' ? `${RULE}, zero or more` : RULE;
      context.issues.push({ code: 'custom', input: text, message: coded('CAT_WINDOW', rule) });
      return z.NEVER;
    })
    .meta({ description: 'A duration of exact seconds: a whole number with s, m, h, d or w, such as 168h or 7d.' });
}
