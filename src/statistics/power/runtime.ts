import { type Inference, notComputable } from '../inference.ts';

export interface Traffic {
  /** New units a day, or the new units of each day in turn (they usually fall, as the same people come back). */
  readonly unitsPerDay: number | readonly number[];
  /** Days after the last unit's exposure until its window is over; 0 by default. */
  readonly matureAfterDays?: number;
}

/**
 * Whole days until the units of all arms are exposed and mature. Traffic of 0, or a list of days that ends before, does not
 * get there: UNBOUNDED, as nothing is said of the days after.
 */
export function runtimeDays(
  units: number,
  { unitsPerDay, matureAfterDays = 0 }: Traffic,
): Inference<{ readonly days: number }> {
  const daily = typeof unitsPerDay === 'number' ? [unitsPerDay] : unitsPerDay;
  if (daily.some((day) => !(day >= 0)) || !(units >= 0) || !(matureAfterDays >= 0)) {
    throw new RangeError('Units and days must be 0 or more.');
  }
  const enrolment = typeof unitsPerDay === 'number' ? Math.ceil(units / unitsPerDay) : daysToReach(units, daily);
  const days = units === 0 ? 0 : enrolment;
  return Number.isFinite(days) ? { ok: true, days: Math.ceil(days + matureAfterDays) } : notComputable('UNBOUNDED');
}

function daysToReach(units: number, daily: readonly number[]): number {
  let reached = 0;
  for (const [index, day] of daily.entries()) {
    reached += day;
    if (reached >= units) return index + 1;
  }
  return Number.POSITIVE_INFINITY;
}
