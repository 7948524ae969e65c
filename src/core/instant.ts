/**
 * Instants as text in one canonical form, `YYYY-MM-DDTHH:MM:SS.ffffffZ`: UTC, microseconds (what both engines store), and
 * ordered as text the way they are ordered in time. Only years 0000–9999.
 */
export type CanonicalInstant = string;

/** Later than anything that is told: asOf of what is planned before the present is known. */
export const END_OF_TIME: CanonicalInstant = '9000-01-01T00:00:00.000000Z';

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
const WITHOUT_OFFSET = /^\d{4}-\d{2}-\d{2}([Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$/;

export type ReadInstant =
  | { readonly ok: true; readonly instant: CanonicalInstant }
  | { readonly ok: false; readonly reason: string };

/** Reads RFC 3339 with an offset; digits below a microsecond are cut. Else why it is none, as a predicate. */
export function readInstant(text: string): ReadInstant {
  const refuse = (reason: string): ReadInstant => ({ ok: false, reason });
  const match = RFC3339.exec(text.trim());
  if (match === null) {
    return WITHOUT_OFFSET.test(text.trim())
      ? refuse('must state time of day to the second and an offset, such as `2026-03-20T00:00:00Z`')
      : refuse('must be an RFC 3339 instant such as `2026-03-20T00:00:00Z` or `2026-03-20T01:00:00+01:00`');
  }
  const part = (i: number) => Number(match[i] ?? 0);
  const local = new Date(0);
  local.setUTCFullYear(part(1), part(2) - 1, part(3));
  local.setUTCHours(part(4), part(5), part(6));
  // A date that rolls over (30 February, 24:30) comes back as another one.
  const isReal = local.getUTCDate() === part(3) && local.getUTCMonth() === part(2) - 1;
  if (!isReal || part(1) === 0 || part(4) > 23 || part(5) > 59 || part(6) > 59) {
    return refuse('must be a day and time that exist in the calendar');
  }
  if (part(9) > 23 || part(10) > 59) return refuse('must have an offset between `-23:59` and `+23:59`');
  const ahead = (match[8] === '-' ? -1 : 1) * (part(9) * 60 + part(10));
  const utc = new Date(local.getTime() - ahead * 60_000);
  if (utc.getUTCFullYear() < 1 || utc.getUTCFullYear() > 9999)
    return refuse('must be between the years 1 and 9999 in UTC');
  const micros = (match[7] ?? '').slice(0, 6).padEnd(6, '0');
  return { ok: true, instant: `${utc.toISOString().slice(0, 19)}.${micros}Z` };
}

/** null: not an instant. */
export function parseInstant(text: string): CanonicalInstant | null {
  const read = readInstant(text);
  return read.ok ? read.instant : null;
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

/** Negative, zero or positive as `a` is before, at or after `b`. */
export function compareInstants(a: string, b: string): number {
  const [x, y] = [canonicalInstant(a), canonicalInstant(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Exact seconds later (or earlier, if negative); whole milliseconds. */
export function addSeconds(instant: string, seconds: number): CanonicalInstant {
  const canonical = canonicalInstant(instant);
  const moved = new Date(Date.parse(`${canonical.slice(0, 23)}Z`) + Math.round(seconds * 1000)).toISOString();
  return `${moved.slice(0, 23)}${canonical.slice(23, 26)}Z`;
}

/** Midnight UTC of its day. */
export function startOfDay(instant: string): CanonicalInstant {
  return `${canonicalInstant(instant).slice(0, 10)}T00:00:00.000000Z`;
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
