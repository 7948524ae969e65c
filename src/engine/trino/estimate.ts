import type { ScanEstimate } from '../engine.ts';

/** What the tables of a statement amount to, from an EXPLAIN (TYPE IO, FORMAT JSON); null where any of them is not known. */
export function estimateOf(plan: unknown): ScanEstimate {
  const tables = tablesOf(plan);
  return { rows: sumOf(tables, 'outputRowCount'), bytes: sumOf(tables, 'outputSizeInBytes') };
}

interface TableEstimate {
  readonly estimate?: Readonly<Record<string, unknown>>;
}

function tablesOf(plan: unknown): readonly (TableEstimate | null)[] | null {
  if (typeof plan !== 'string') return null;
  try {
    const { inputTableColumnInfos: tables } = JSON.parse(plan) as { inputTableColumnInfos?: unknown }; // checked below
    return Array.isArray(tables) ? tables : null;
  } catch {
    return null;
  }
}

function sumOf(tables: readonly (TableEstimate | null)[] | null, field: string): number | null {
  let sum = 0;
  if (tables === null) return null;
  for (const table of tables) {
    const value = table?.estimate?.[field];
    if (typeof value !== 'number') return null;
    sum += value;
  }
  return sum;
}
