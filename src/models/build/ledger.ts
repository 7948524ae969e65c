import type { BuiltModel } from '../../core/built-model.ts';
import type { Cell } from '../../engine/engine.ts';
import type { NewColumn, Warehouse } from '../../engine/warehouse.ts';
import { textOf } from '../../sql/literal.ts';
import { bind, ident, join, sql } from '../../sql/sql.ts';

/** The table beside the models that says what was built when. Rows are added, never changed. */
export const LEDGER = 'liftql_builds';

export type BuildMode = 'full' | 'incremental' | 'skipped';

/** One model in one run. */
export interface LedgerEntry {
  readonly built: BuiltModel;
  /** Id of the run, which for what was skipped is another than that which built it. */
  readonly run: string;
  readonly mode: BuildMode;
  /** null: a view. */
  readonly rows: number | null;
  readonly startedAt: string;
  /** null: the run was killed before it could say. */
  readonly finishedAt: string | null;
}

const COLUMNS: readonly (NewColumn & { readonly of: (entry: LedgerEntry) => Cell })[] = [
  { name: 'build', type: 'STRING', of: ({ run }) => run },
  { name: 'model', type: 'STRING', of: ({ built }) => built.model },
  { name: 'mode', type: 'STRING', of: ({ mode }) => mode },
  { name: 'as_of', type: 'DATETIME', of: ({ built }) => built.asOf },
  { name: 'previous_as_of', type: 'DATETIME', of: ({ built }) => built.previousAsOf },
  { name: 'rows', type: 'INTEGER', of: ({ rows }) => rows },
  { name: 'definition_hash', type: 'STRING', of: ({ built }) => built.hash },
  { name: 'catalog_hash', type: 'STRING', of: ({ built }) => built.catalogHash },
  { name: 'liftql_version', type: 'STRING', of: ({ built }) => built.version },
  { name: 'started_at', type: 'DATETIME', of: ({ startedAt }) => startedAt },
  { name: 'finished_at', type: 'DATETIME', of: ({ finishedAt }) => finishedAt },
];
const KEY = ['build', 'model'];

export function ensureLedger(warehouse: Warehouse): Promise<void> {
  return warehouse.ensureTable(LEDGER, COLUMNS);
}

/** Adds entries in one statement; one that is there is not added again. */
export async function record(warehouse: Warehouse, entries: readonly LedgerEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map((entry) => COLUMNS.map(({ of }) => of(entry)));
  await warehouse.append(LEDGER, { columns: COLUMNS, key: KEY, rows });
}

/** Those of the models whose last build the ledger does not have: the run was killed between the two. */
export async function unrecorded(
  warehouse: Warehouse,
  standing: readonly BuiltModel[],
): Promise<readonly BuiltModel[]> {
  if (standing.length === 0) return [];
  const builds = [...new Set(standing.map(({ build }) => build))].sort().map(bind);
  const rows = await warehouse.query(
    textOf(
      sql`select "build", "model" from ${ident(...warehouse.nameOf(LEDGER, 'table'))} where "build" in (${join(builds, ', ')})`,
    ),
  );
  return standing.filter(({ build, model }) => !rows.some((row) => row.build === build && row.model === model));
}
