import { type CanonicalInstant, canonicalInstant } from '../core/instant.ts';

const DAY = 86_400_000;

/** The instant at which a calendar date begins in a zone (the first instant of the date, where midnight does not exist). */
export function startOfDay(date: string, timezone: string): CanonicalInstant {
  const wall = Date.parse(`${date}T00:00:00Z`);
  // Clocks may change in between: the earlier of both offsets' answers at which the wall clock has come to the date.
  const candidates = [-DAY, DAY].map((away) => wall - offsetAt(wall + away, timezone)).sort((a, b) => a - b);
  const first = candidates.find((instant) => instant + offsetAt(instant, timezone) >= wall) ?? candidates.at(-1)!;
  return canonicalInstant(new Date(first).toISOString());
}

/** The date of an instant in a zone. */
export function dateIn(at: CanonicalInstant, timezone: string): string {
  return new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(new Date(at));
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format takes longer than all that is done with it. */
function formatOf(timezone: string): Intl.DateTimeFormat {
  const known = formats.get(timezone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(timezone, format);
  return format;
}

/** Milliseconds that a zone's clocks are ahead of UTC at an instant. */
function offsetAt(instant: number, timezone: string): number {
  if (timezone === 'UTC') return 0;
  const parts = Object.fromEntries(
    formatOf(timezone)
      .formatToParts(new Date(instant))
      .map(({ type, value }) => [type, Number(value)]),
  );
  return (
    Date.UTC(parts.year!, parts.month! - 1, parts.day!, parts.hour!, parts.minute!, parts.second!) -
    Math.floor(instant / 1000) * 1000
  );
}
