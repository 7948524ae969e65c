import { DAY, HOUR } from './data.ts';
import type { PlainVariable } from './metrics.ts';

/** How a unit's rows become one number, once more in plain TypeScript: what looks at the times of rows, or at other rows. */
export interface TimedRow {
  readonly at: number | null;
}

/** Rows with the first or the last time, of those with a usable value: the least value among them. */
export function valueAt(which: 'first' | 'last', rows: readonly { readonly at: number; readonly value: number }[]) {
  if (rows.length === 0) return null;
  const times = rows.map(({ at }) => at);
  const time = which === 'first' ? Math.min(...times) : Math.max(...times);
  return Math.min(...rows.filter(({ at }) => at === time).map(({ value }) => value));
}

/** Days with a row: of 24 hours from `t0`; null: of the calendar. */
export function distinctDays(rows: readonly TimedRow[], t0: number | null): number {
  return new Set(rows.map(({ at }) => Math.floor((at! - (t0 ?? 0)) / DAY))).size;
}

export function timeToFirst(rows: readonly TimedRow[], t0: number, unit = HOUR): number | null {
  return rows.length === 0 ? null : (Math.min(...rows.map(({ at }) => at!)) - t0) / unit;
}

/** Whether any choice of rows, one a step, is in order and in time: every way is tried. */
export function takesSteps(rows: readonly TimedRow[], steps: NonNullable<PlainVariable['steps']>): boolean {
  const from = (i: number, after: number | null): boolean => {
    if (i === steps.length) return true;
    const { where, within } = steps[i]!;
    return rows.some(
      (row) =>
        where(row) &&
        (after === null || (row.at! >= after && (within === null || row.at! - after <= within))) &&
        from(i + 1, row.at!),
    );
  };
  return from(0, null);
}

/** Whether a row of the other source goes with a row, up to an end. */
export function hasMatch(
  row: TimedRow,
  { own, other, where, within }: NonNullable<PlainVariable['exists']>,
  others: readonly TimedRow[],
  until: number,
): boolean {
  const key = own(row);
  if (key === null || key === '') return false;
  return others.some(
    (one) =>
      String(other(one)) === String(key) &&
      (where?.(one) ?? true) &&
      (one.at === null || one.at < until) &&
      (within === null || (one.at! >= row.at! && one.at! - row.at! <= within)),
  );
}
