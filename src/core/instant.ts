/**
 * Instants as text in one canonical form, `YYYY-MM-DDTHH:MM:SS.ffffffZ`: UTC, microseconds (what both engines store), and
 * ordered as text the way they are ordered in time. Only years 0000–9999.
 */
export type CanonicalInstant = string;

const RFC3339 = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})$/;
const LATEST_OFFSET_MINUTES = 14 * 60;

/** Parses RFC 3339 with an offset; digits below a microsecond are cut. null: not an instant (or one that no calendar has). */
export function parseInstant(text: string): CanonicalInstant | null {
  const match = RFC3339.exec(text.trim());
  if (match === null) return null;
  const [, date, time, fraction = '', offset] = match as unknown as [
    string,
    string,
    string,
    string | undefined,
    string,
  ];
  const local = new Date(`${date}T${time}Z`);
  // A date that rolls over (30 February, 24:30) comes back as another text.
  if (Number.isNaN(local.getTime()) || local.toISOString().slice(0, 19) !== `${date}T${time}`) return null;
  const minutes = /^[Zz]$/.test(offset)
    ? 0
    : Number(`${offset[0]}1`) * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4)));
  if (Math.abs(minutes) > LATEST_OFFSET_MINUTES || Number(offset.slice(4) || 0) > 59) return null;
  const utc = new Date(local.getTime() - minutes * 60_000);
  if (utc.getUTCFullYear() < 0 || utc.getUTCFullYear() > 9999) return null;
  return `${utc.toISOString().slice(0, 19)}.${fraction.slice(0, 6).padEnd(6, '0')}Z`;
}

/** The canonical form of a text that is known to be an instant. */
export function canonicalInstant(text: string): CanonicalInstant {
  const instant = parseInstant(text);
  if (instant === null) throw new Error(`Not an instant: ${text}`);
  return instant;
}

/** The earliest of those given; null and undefined do not count. */
export function earliest(...instants: readonly (string | null | undefined)[]): CanonicalInstant | null {
  const known = instants
    .filter((instant) => instant != null)
    .map(canonicalInstant)
    .sort();
  return known[0] ?? null;
}

export function latest(...instants: readonly (string | null | undefined)[]): CanonicalInstant | null {
  const known = instants
    .filter((instant) => instant != null)
    .map(canonicalInstant)
    .sort();
  return known.at(-1) ?? null;
}

/** Exact seconds later (or earlier, if negative); whole milliseconds. */
export function addSeconds(instant: string, seconds: number): CanonicalInstant {
  const canonical = canonicalInstant(instant);
  const moved = new Date(Date.parse(`${canonical.slice(0, 23)}Z`) + Math.round(seconds * 1000)).toISOString();
  return `${moved.slice(0, 23)}${canonical.slice(23, 26)}Z`;
}

/** Seconds from a to b. */
export function secondsBetween(a: string, b: string): number {
  return (Date.parse(canonicalInstant(b)) - Date.parse(canonicalInstant(a))) / 1000;
}

export function floorToMinute(date: Date): CanonicalInstant {
  return `${date.toISOString().slice(0, 16)}:00.000000Z`;
}

/** Shortest RFC 3339 form for people and programs: no fraction when it is zero. */
export function shortInstant(instant: string): string {
  return canonicalInstant(instant).replace(/\.?0*Z$/, 'Z');
}

/** As engines take it in a parameter that is cast to a timestamp without zone. */
export function sqlTimestamp(instant: string): string {
  return canonicalInstant(instant).slice(0, 26).replace('T', ' ');
}
