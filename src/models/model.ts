import type { Catalog } from '../catalog/catalog.ts';
import type { ColumnType } from '../core/vocabulary.ts';
import type { KeptDays } from '../plan/series-steps.ts';
import type { UnitValuesWanted } from '../plan/unit-values.ts';
import type { Dialect } from '../sql/dialect.ts';
import type { Sql } from '../sql/sql.ts';

/**
 * The seven models and what they are made from, in the order in which they are built: each reads raw sources and models before it.
 */
export const MODEL_NAMES = [
  'metric_definitions',
  'experiment_assignments',
  'experiment_exclusions',
  'source_freshness',
  'metric_calculations',
  'metric_timeline',
  'metric_moments',
  'experiment_results',
  'sample_ratio_mismatch',
  'experiment_summary',
  'metric_days',
  'metric_anomalies',
] as const;
export type ModelName = (typeof MODEL_NAMES)[number];

export interface ModelColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly description: string;
  /** It may be null; absent: it never is. */
  readonly nullable?: boolean;
  /** All values that it may have; absent: any. */
  readonly values?: readonly string[];
}

/** What a model's SQL is written for. */
export interface ModelContext {
  readonly catalog: Catalog;
  /** With a `horizon`: the instant that the models are built as of. */
  readonly dialect: Dialect & { readonly horizon: Sql };
  /** The facts of sources that are kept by day; absent: their rows are read. */
  readonly facts?: UnitValuesWanted['facts'];
  /** Tables of how many rows sources have of each day, by source; absent: rows are counted. */
  readonly sourceDays?: ReadonlyMap<string, Sql>;
  /** The facts, day by day. */
  readonly keptDays?: KeptDays;
  /** A model as it stands after `from`. */
  ref(model: ModelName): Sql;
}

/** One model: a table or a view of the user's warehouse, defined by one select. */
export interface Model {
  readonly name: ModelName;
  readonly materialization: 'table' | 'view';
  readonly description: string;
  /** In the order of the select. */
  columns(catalog: Catalog): readonly ModelColumn[];
  /** The columns that tell rows apart. */
  readonly key: readonly string[];
  /** The models that it reads. */
  readonly uses: readonly ModelName[];
  /** Names of the catalog's sources that it reads. */
  sources(catalog: Catalog): readonly string[];
  /** It tells of the rows of sources themselves, not of what they come to. */
  readonly ofRows?: true;
  /** Its rows, with exactly its columns; bound values are of the catalog and may be written into the text. */
  select(context: ModelContext): Sql;
}
