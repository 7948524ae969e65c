import type { Measure } from './metric-type.ts';

/** What makes two measures the same number of a unit's rows, wherever they were written. */
export function measureKey(measure: Measure): string {
  const { source, aggregate, column, where, minimum, rowCap, timeUnit, steps, exists } = measure;
  return JSON.stringify([
    source,
    aggregate,
    column?.text.trim() ?? null,
    where?.text.trim() ?? null,
    minimum,
    rowCap ?? null,
    timeUnit ?? null,
    steps?.map((step) => [step.where.text.trim(), step.within]) ?? null,
    exists === undefined ? null : existenceKey(exists),
  ]);
}

/** What makes two conditions of existence the same. */
export function existenceKey({ source, on, where, within }: NonNullable<Measure['exists']>): string {
  return JSON.stringify([source, on.own.text.trim(), on.other.text.trim(), where?.text.trim() ?? null, within]);
}
