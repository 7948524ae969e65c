import { type CanonicalInstant, canonicalInstant } from '../core/instant.ts';

/** The instant at which a calendar date begins in a zone (the first instant of the date, where midnight does not exist). */
export function startOfDay(date: string, timezone: string): CanonicalInstant {
  const wall = Date.parse(`${date}T00:00:00Z`);
  // The zone's offset is looked up near the answer twice: once is enough but for a change of clocks in between.
  let guess = wall - offsetAt(wall, timezone);
  guess = wall - offsetAt(guess, timezone);
  return canonicalInstant(new Date(guess).toISOString());
}

/** Milliseconds that a zone's clocks are ahead of UTC at an instant. */
function offsetAt(instant: number, timezone: string): number {
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
  const parts = Object.fromEntries(
    format.formatToParts(new Date(instant)).map(({ type, value }) => [type, Number(value)]),
  );
  return (
    Date.UTC(parts.year!, parts.month! - 1, parts.day!, parts.hour!, parts.minute!, parts.second!) -
    Math.floor(instant / 1000) * 1000
  );
}
