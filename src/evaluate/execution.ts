import { createHash } from 'node:crypto';
import type { BuiltTables } from '../core/built-tables.ts';
import { MetricLayerError } from '../core/errors.ts';
import type { QueryOptions, Row, ScanEstimate } from '../engine/engine.ts';
import type { PlannedStatement } from '../plan/planned.ts';
import { sourcesRead } from '../plan/reproducible.ts';
import type { Dialect } from '../sql/dialect.ts';
import type { CompiledSql } from '../sql/sql.ts';
import { dependsOnData } from './dry-run.ts';
import { sumOfEstimates, UNKNOWN_SCAN } from './estimates.ts';
import type { Reservation, ScanBudget } from './scan-budget.ts';
import type { Runner } from './single-flight.ts';
import type { StatementRecord } from './trace.ts';

/** Tables of the models, and what runs statements over them: DuckDB keeps them in a file of their own. */
export interface BuiltModels {
  readonly tables: BuiltTables;
  readonly runner: Runner;
}

export interface ExecutionOptions {
  readonly dialect: Dialect;
  /** null: nothing runs; statements are recorded and answered with nothing. */
  readonly runner: Runner | null;
  /** Absent or null: everything is read from raw sources. */
  readonly built?: BuiltModels | null | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds from now in which the whole request must be answered. */
  readonly timeoutMs?: number | undefined;
  /** On whose behalf. */
  readonly user?: string | null | undefined;
  readonly requestId?: string | undefined;
  /** What the request may read; null: as much as it likes. */
  readonly budget?: ScanBudget | null | undefined;
}

/** Whether a statement may run: why not, or its share of the budget, if there is one. */
export type Admission =
  | { readonly ok: true; readonly reservation: Reservation | null }
  | { readonly ok: false; readonly error: unknown };

/** Runs the statements of one request: on whose behalf, until when and within which budget; keeps a record of each. */
export class Execution {
  readonly #options: ExecutionOptions;
  readonly #deadline: number | null;
  readonly records: StatementRecord[] = [];

  constructor(options: ExecutionOptions) {
    this.#options = options;
    this.#deadline = options.timeoutMs === undefined ? null : performance.now() + options.timeoutMs;
  }

  /**
   * Decides on statements that were planned together, in their order, before any of them runs: what is admitted does not
   * depend on which estimate or result comes first.
   */
  async admit(planned: readonly PlannedStatement[]): Promise<readonly Admission[]> {
    const { runner, budget } = this.#options;
    if (runner === null || budget == null) return planned.map(() => ({ ok: true, reservation: null }));
    const estimates = await Promise.allSettled(planned.map(({ compiled }) => this.#estimate(compiled)));
    return estimates.map((estimate): Admission => {
      if (estimate.status === 'rejected') return { ok: false, error: estimate.reason };
      try {
        return { ok: true, reservation: budget.reserve(estimate.value) };
      } catch (error) {
        return { ok: false, error };
      }
    });
  }

  /** Runs a statement; rows null: nothing ran. */
  async run(
    planned: PlannedStatement,
    admission: Admission,
  ): Promise<{ readonly rows: readonly Row[] | null; readonly record: StatementRecord }> {
    if (!admission.ok) throw admission.error;
    const { compiled, purpose } = planned;
    const base = this.#baseOf(planned);
    const { runner } = this.#options;
    if (runner === null) {
      return { rows: null, record: this.#keep({ ...base, ...NOT_RUN }) };
    }
    const own = planned.built ? this.#options.built!.runner : runner;
    const result = await own.run(compiled, this.#queryOptions(purpose));
    admission.reservation?.settle(result);
    const { rows, engineQueryId, elapsedMs, scannedRows, scannedBytes } = result;
    return {
      rows,
      record: this.#keep({ ...base, engineQueryId, elapsedMs, rows: rows.length, scannedRows, scannedBytes }),
    };
  }

  /** What statements would read together; unknown where it is so of any of them. */
  async estimate(statements: readonly CompiledSql[]): Promise<ScanEstimate> {
    const estimates = await Promise.all(
      statements.map((statement) =>
        this.#estimate(statement).catch((error: unknown) => {
          // The planner refused a template whose values are not known yet, or a statement that would fail as well.
          if (error instanceof MetricLayerError && error.code === 'ENGINE_FAILED') return UNKNOWN_SCAN;
          throw error;
        }),
      ),
    );
    return sumOfEstimates(estimates);
  }

  async #estimate(statement: CompiledSql): Promise<ScanEstimate> {
    const { runner } = this.#options;
    return runner?.estimate === undefined ? UNKNOWN_SCAN : runner.estimate(statement, this.#queryOptions('estimate'));
  }

  #queryOptions(purpose: string): QueryOptions {
    const { signal, user, requestId } = this.#options;
    return { signal, timeoutMs: this.#timeLeft(), user, labels: { requestId, purpose } };
  }

  #baseOf({ compiled, purpose, questions, built }: PlannedStatement) {
    return {
      sql: compiled.sql,
      parameters: compiled.parameters,
      dialect: this.#options.dialect.name,
      purpose,
      hash: createHash('sha256')
        .update(JSON.stringify([compiled.sql, compiled.parameters]))
        .digest('hex')
        .slice(0, 16),
      template: this.#options.runner === null && questions.some(dependsOnData),
      questions: questions.length,
      built: built ?? false,
      sources: [...new Set(questions.flatMap(sourcesRead))].sort(),
    };
  }

  #keep(record: StatementRecord): StatementRecord {
    this.records.push(record);
    return record;
  }

  #timeLeft(): number | undefined {
    if (this.#deadline === null) return undefined;
    const left = this.#deadline - performance.now();
    if (left <= 0)
      throw new MetricLayerError(
        'ENGINE_TIMEOUT',
        'The request took longer than it may. Ask for less at once, or raise the time limit.',
      );
    return Math.ceil(left);
  }
}

const NOT_RUN = { engineQueryId: null, elapsedMs: null, rows: null, scannedRows: null, scannedBytes: null } as const;
