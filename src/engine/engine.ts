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
  /** On whose behalf; an engine that impersonates runs the query as this user. */
  readonly user?: string | null | undefined;
  /** What an engine's operators are shown beside the query. */
  readonly labels?: QueryLabels | undefined;
}

export interface QueryLabels {
  readonly requestId?: string | undefined;
  readonly purpose?: string | undefined;
}

export interface QueryResult {
  readonly rows: readonly Row[];
  readonly elapsedMs: number;
  readonly engineQueryId: string | null;
  readonly scannedRows: number | null;
  readonly scannedBytes: number | null;
}

/** What an engine expects a statement to read, before it runs; null: the engine does not know. */
export interface ScanEstimate {
  readonly rows: number | null;
  readonly bytes: number | null;
}

export interface DescribedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly engineType: string;
}

/**
 * Runs SQL. Errors that are thrown are `MetricLayerError`s with one of the codes ENGINE_TIMEOUT, ENGINE_CANCELLED,
 * ENGINE_OVERLOADED, ENGINE_FAILED (the statement's fault), ENGINE_UNAVAILABLE (the engine's or the network's),
 * ENGINE_UNAUTHORIZED, ENGINE_RESULT_TOO_LARGE; their `cause` keeps what the engine said, without credentials.
 */
export interface Engine {
  readonly dialect: SqlDialectName;
  query(statement: CompiledSql, options?: QueryOptions): Promise<QueryResult>;
  /** What a statement would read, asked of the engine's planner without running it. Absent: the engine has no estimates. */
  estimate?(statement: CompiledSql, options?: QueryOptions): Promise<ScanEstimate>;
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
