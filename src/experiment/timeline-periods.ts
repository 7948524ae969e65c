import { MetricLayerError } from '../core/errors.ts';
import { addSeconds, type CanonicalInstant, canonicalInstant } from '../core/instant.ts';
import type { TimeGrain } from '../core/vocabulary.ts';
import { dateIn, startOfDay } from './timezone.ts';

/** A period of the calendar of a zone. */
export interface Period {
  /** As series name it: the date that it begins on, or the instant for hours. */
  readonly name: string;
  readonly at: CanonicalInstant;
  /** The first instant after it. */
  readonly end: CanonicalInstant;
  /** The date that it begins on, in the zone. */
  readonly date: string;
}

const MOST_PERIODS = 20_000;

/** All periods from that of one instant to that of another, without gaps. */
export function periodsBetween(
  first: CanonicalInstant,
  last: CanonicalInstant,
  { grain, timezone }: { readonly grain: TimeGrain; readonly timezone: string },
): readonly Period[] {
  const periods: Period[] = [];
  let name = periodOf(first, grain, timezone);
  for (;;) {
    const at = beginningOf(name, grain, timezone);
    if (at > last) return periods;
    if (periods.length === MOST_PERIODS)
      throw new MetricLayerError(
        'BAD_USER_INPUT',
        `A series by ${grain} would have more than ${MOST_PERIODS} points. Ask for a coarser grain.`,
      );
    const next = following(name, grain);
    periods.push({
      name,
      at,
      end: beginningOf(next, grain, timezone),
      date: grain === 'HOUR' ? dateIn(at, timezone) : name,
    });
    name = next;
  }
}

/** The period that an instant falls into. Hours are those of UTC. */
export function periodOf(instant: CanonicalInstant, grain: TimeGrain, timezone: string): string {
  if (grain === 'HOUR') return canonicalInstant(`${instant.slice(0, 13)}:00:00Z`);
  const date = dateIn(instant, timezone);
  const [year, month] = [date.slice(0, 4), Number(date.slice(5, 7))];
  switch (grain) {
    case 'DAY':
      return date;
    case 'WEEK':
      return later(date, -((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7));
    case 'MONTH':
      return `${date.slice(0, 7)}-01`;
    case 'QUARTER':
      return `${year}-${String(month - ((month - 1) % 3)).padStart(2, '0')}-01`;
    case 'YEAR':
      return `${year}-01-01`;
  }
}

/** The name of a period as an engine spells it, in the one form that is compared. */
export function periodName(period: string, grain: TimeGrain): string {
  return grain === 'HOUR' ? canonicalInstant(period) : period.slice(0, 10);
}

function beginningOf(name: string, grain: TimeGrain, timezone: string): CanonicalInstant {
  return grain === 'HOUR' ? name : startOfDay(name, timezone);
}

const MONTHS = { MONTH: 1, QUARTER: 3, YEAR: 12 } as const;

function following(name: string, grain: TimeGrain): string {
  if (grain === 'HOUR') return addSeconds(name, 3600);
  if (grain === 'DAY' || grain === 'WEEK') return later(name, grain === 'DAY' ? 1 : 7);
  const next = new Date(`${name}T00:00:00Z`);
  next.setUTCMonth(next.getUTCMonth() + MONTHS[grain]);
  return next.toISOString().slice(0, 10);
}

function later(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}
