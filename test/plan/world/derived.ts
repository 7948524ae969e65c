import { type AssignmentRow, DAY, type EventRow, type World } from './data.ts';

/** What each unit bought on each UTC day. */
export interface DailyRow {
  readonly unit: number;
  /** Midnight. */
  readonly at: number;
  readonly orders: number;
  readonly amount: number;
}

export function dailyRows({ events }: World): readonly DailyRow[] {
  const days = new Map<string, DailyRow>();
  for (const { unit, at, name, amount } of events) {
    if (unit === null || at === null || name !== 'purchase') continue;
    const day = Math.floor(at / DAY) * DAY;
    const known = days.get(`${unit} ${day}`) ?? { unit, at: day, orders: 0, amount: 0 };
    days.set(`${unit} ${day}`, { ...known, orders: known.orders + 1, amount: known.amount + (amount ?? 0) });
  }
  return [...days.values()];
}

/** When a row arrived: up to nine days after it happened; null for some. */
const arrival = (at: number | null, i: number) => (at === null || i % 17 === 0 ? null : at + ((i * 7) % 10) * DAY);

/** Events with the time of their arrival. */
export function arrivedRows({ events }: World): readonly (EventRow & { readonly loaded: number | null })[] {
  return events.map((event, i) => ({ ...event, loaded: arrival(event.at, i) }));
}

/** Assignments with the time of their arrival. */
export function arrivedAssignments({
  assignments,
}: World): readonly (AssignmentRow & { readonly loaded: number | null })[] {
  return assignments.map((row, i) => ({ ...row, loaded: arrival(row.at, i) }));
}
