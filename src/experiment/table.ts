import type { ColumnType, ValueFormat } from '../core/vocabulary.ts';

export const COLUMN_ROLES = ['DIMENSION', 'TIME', 'METRIC', 'STATISTIC'] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];

export type TableCell = string | number | boolean | null | readonly string[];

/** One column of a flat table, and how to read its cell of a row. */
export interface TableColumn {
  readonly name: string;
  readonly title: string;
  readonly type: ColumnType;
  readonly role: ColumnRole;
  readonly format: ValueFormat | null;
}

/** `control_units` becomes `Control units`. */
export function column(
  name: string,
  type: ColumnType,
  role: ColumnRole,
  format: ValueFormat | null = null,
): TableColumn {
  const words = name.replaceAll('_', ' ');
  return { name, title: `${words[0]!.toUpperCase()}${words.slice(1)}`, type, role, format };
}
