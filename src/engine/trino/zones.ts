/** `2026-03-29 01:02:03.123456`, as Trino writes a timestamp, in ISO 8601; DuckDB's cells have no trailing zeros either. */
export function isoOf(date: string, time: string, fraction = ''): string {
  const digits = fraction.replace(/0+$/, '');
  return `${date.replace(/^\+0*/, '')}T${time}${digits === '' ? '' : `.${digits}`}Z`;
}

const ZONED = /^([+-]?\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))? (\S+)$/;

/**
 * Reads timestamps with their zones as instants in UTC; null where it is not one. Trino writes a named zone without its
 * offset, so an hour that a zone has twice is taken the first time. One reader is for one column: it keeps the zones it meets.
 */
export function instantReader(): (text: string) => string | null {
  const clocks = new Map<string, Intl.DateTimeFormat | null>();
  return (text) => instantOf(text, clocks);
}

type Clocks = Map<string, Intl.DateTimeFormat | null>;

function instantOf(text: string, clocks: Clocks): string | null {
  const [, date, time, fraction, zone] = ZONED.exec(text) ?? [];
  if (date === undefined || time === undefined || zone === undefined) return null;
  if (/^(UTC|GMT|Z|[+-]00:00)$/.test(zone)) return isoOf(date, time, fraction);
  const local = Date.parse(`${/^\d{4}-/.test(date) ? date : extended(date)}T${time}Z`);
  const offset = Number.isNaN(local) ? null : offsetAt(local, zone, clocks);
  if (offset === null) return null;
  const [day, hour] = new Date(local - offset).toISOString().split('T') as [string, string];
  return isoOf(day, hour.slice(0, 8), fraction);
}

function extended(date: string): string {
  const [, sign, year, rest] = /^([+-]?)(\d+)(-.*)$/.exec(date)!;
  return `${sign || '+'}${year!.padStart(6, '0')}${rest}`;
}

/** Milliseconds that the clocks of a zone are ahead of UTC when they show `local`; null: a zone that is not known. */
function offsetAt(local: number, zone: string, clocks: Clocks): number | null {
  const clock = clocks.get(zone) ?? clockOf(zone);
  clocks.set(zone, clock);
  if (clock === null) return milliseconds(zone);
  // Offsets are below a day: those of the day before and after are all that `local` can have.
  const day = 86_400_000;
  const offsets = [ahead(clock, local - day), ahead(clock, local + day)];
  return offsets.find((offset) => ahead(clock, local - offset) === offset) ?? offsets[0]!;
}

/** Null: Node does not know the zone by this name. */
function clockOf(zone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  } catch {
    return null;
  }
}

function ahead(clock: Intl.DateTimeFormat, instant: number): number {
  const name = clock.formatToParts(instant).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  return milliseconds(name.replace('GMT', '')) ?? 0;
}

/** An offset such as `-04:56:02`. */
function milliseconds(offset: string): number | null {
  const [, sign, hours, minutes, seconds] = /^([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(offset) ?? [];
  if (sign === undefined) return null;
  return (sign === '-' ? -1000 : 1000) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0));
}
