import type { ColumnType, SqlDialectName } from '../core/vocabulary.ts';
import type { CompiledSql } from '../sql/sql.ts';

/** A value as engines hand it out: driver types stay inside the engine's file. Timestamps are ISO 8601 text in UTC. */
export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

export interface QueryOptions {
  /** Aborting cancels the query on the engine. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds the query may take. */
  readonly timeoutMs?: number | undefined;
}

export interface QueryResult {
  readonly rows: readonly Row[];
  readonly elapsedMs: number;
  readonly engineQueryId: string | null;
  readonly scannedRows: number | null;
  readonly scannedBytes: number | null;
}

export interface DescribedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly engineType: string;
}

/**
 * Runs SQL. Errors that are thrown are `MetricLayerError`s with one of the codes ENGINE_TIMEOUT, ENGINE_CANCELLED,
 * ENGINE_OVERLOADED, ENGINE_FAILED, ENGINE_UNAVAILABLE; their `cause` keeps the driver's error.
 */
export interface Engine {
  readonly dialect: SqlDialectName;
  query(statement: CompiledSql, options?: QueryOptions): Promise<QueryResult>;
  /** Columns of a select, without running it. Throws ENGINE_FAILED with the engine's own sentence in `details.reason`. */
  describe(statement: CompiledSql): Promise<readonly DescribedColumn[]>;
  /**
   * Names of the functions that an expression calls and what else it holds, or null where the engine cannot parse without
   * running. Throws ENGINE_FAILED with `details: { reason, offset }` on a syntax error; the offset counts characters of the expression.
   */
  parseExpression(text: string): Promise<ParsedExpression | null>;
  close(): Promise<void>;
}

export interface ParsedExpression {
  /** Lower case. */
  readonly functions: readonly string[];
  readonly hasSubquery: boolean;
  readonly hasWindow: boolean;
  readonly hasAggregate: boolean;
}
