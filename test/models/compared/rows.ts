import type { Row } from '../../../src/engine/engine.ts';
import type { ModelName } from '../../../src/models/model.ts';
import type { Sql } from '../../../src/sql/sql.ts';

/** Rows of models as of one instant: all of a model, or what a statement over it gives. */
export type Rows = (name: ModelName, select?: (from: Sql) => Sql) => Promise<readonly Row[]>;

/** Rows in an order of their own, whatever that of their columns. */
export function sorted(rows: readonly object[]): readonly object[] {
  const ordered = rows.map((row) => Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))));
  return ordered.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
