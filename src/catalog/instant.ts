import { z } from 'zod';
import { coded } from '../metric-types/coded.ts';
import type { Instant } from './catalog.ts';

const PATTERN = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

/** An RFC 3339 text in UTC with its sub-second digits kept, or why it is not one, as a predicate. */
export function parseInstant(
  text: string,
): { readonly ok: true; readonly instant: Instant } | { readonly ok: false; readonly reason: string } {
  const match = PATTERN.exec(text.trim());
  if (match === null) {
    const remedy = /^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$/.test(text.trim())
      ? 'must state time of day to the second and an offset, such as `2026-03-20T00:00:00Z`'
      : 'must be an RFC 3339 instant such as `2026-03-20T00:00:00Z` or `2026-03-20T01:00:00+01:00`';
    return { ok: false, reason: remedy };
  }
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const local = new Date(0);
  local.setUTCFullYear(year, month - 1, day);
  local.setUTCHours(hour, minute, second);
  const isReal =
    local.getUTCMonth() === month - 1 && local.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!isReal || year === 0) return { ok: false, reason: 'must be a day and time that exist in the calendar' };
  const offset = /^([+-])(\d{2}):(\d{2})$/.exec(match[8]!);
  const offsetMinutes = offset === null ? 0 : Number(`${offset[1]}1`) * (Number(offset[2]) * 60 + Number(offset[3]));
  if (offset !== null && (Number(offset[2]) > 23 || Number(offset[3]) > 59)) {
    return { ok: false, reason: 'must have an offset between `-23:59` and `+23:59`' };
  }
  const utc = new Date(local.getTime() - offsetMinutes * 60_000);
  if (utc.getUTCFullYear() < 1 || utc.getUTCFullYear() > 9999)
    return { ok: false, reason: 'must be between the years 1 and 9999 in UTC' };
  return { ok: true, instant: `${utc.toISOString().slice(0, 19)}${match[7] ?? ''}Z` };
}

/** Negative, zero or positive as `a` is before, at or after `b`; exact to every digit. */
export function compareInstants(a: Instant, b: Instant): number {
  const [x, y] = [sortable(a), sortable(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

function sortable(instant: Instant): string {
  return instant.slice(0, -1).replace(/\.?0*$/, (zeros) => (instant.includes('.') ? '' : zeros));
}

/** Schema of an instant. */
export const instantSchema = z
  .string({ error: coded('CAT_VALUE', 'must be an RFC 3339 instant such as `2026-03-20T00:00:00Z`') })
  .transform((text, context): Instant => {
    const parsed = parseInstant(text);
    if (parsed.ok) return parsed.instant;
    context.issues.push({ code: 'custom', input: text, message: coded('CAT_VALUE', parsed.reason) });
    return z.NEVER;
  })
  .meta({ description: 'An RFC 3339 instant with an offset, such as 2026-03-20T00:00:00Z.' });
