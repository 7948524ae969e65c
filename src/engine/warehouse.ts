import type { ColumnType, SqlDialectName } from '../core/vocabulary.ts';
import type { Cell, Row } from './engine.ts';

export type RelationKind = 'table' | 'view';

/** A table or a view of the schema that is written to. */
export interface StandingRelation {
  readonly name: string;
  readonly kind: RelationKind;
  readonly comment: string | null;
}

export interface NewRelation {
  readonly name: string;
  readonly kind: RelationKind;
  /** Text of the select; it takes no parameters. */
  readonly select: string;
  readonly comment: string;
  /** What stands under the name; null: nothing. */
  readonly replaces: RelationKind | null;
}

export interface NewColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/**
 * One schema of a warehouse, opened for writing beside the data that is read. Errors are those of `Engine`, and MODELS_LOCKED where
 * another run is writing.
 */
export interface Warehouse {
  readonly dialect: SqlDialectName;
  /** Parts of the name of a relation of the schema, as statements say it that make a table or a view. */
  nameOf(relation: string, within: RelationKind): readonly string[];
  /** What stands in the schema, ascending by name. */
  relations(): Promise<readonly StandingRelation[]>;
  query(statement: string): Promise<readonly Row[]>;
  /** Makes a relation or replaces it whole, comment and rows in one; resolves to the rows of a table, null for a view. */
  replace(relation: NewRelation): Promise<number | null>;
  /** Makes a table that is not there. */
  ensureTable(name: string, columns: readonly NewColumn[]): Promise<void>;
  /** Adds rows of some columns, except those whose key is there already. */
  append(name: string, rows: NewRows): Promise<void>;
  /** Shows readers all that was written, in one. Where each statement is seen as soon as it ends there is nothing left to do. */
  publish(): Promise<void>;
  /** Lets go; what was neither published nor seen is as if it had never been written. */
  close(): Promise<void>;
}

export interface NewRows {
  readonly columns: readonly NewColumn[];
  readonly key: readonly string[];
  /** Instants in the canonical form. */
  readonly rows: readonly (readonly Cell[])[];
}

/** Told of each step before it is taken; a test ends the process there. */
export type OnStep = (step: string) => void;
