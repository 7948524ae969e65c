import { setTimeout as sleep } from 'node:timers/promises';
import { MetricLayerError } from '../../core/errors.ts';
import { quoted } from '../../sql/literal.ts';
import type { Engine, Row } from '../engine.ts';
import type { NewColumn, NewRelation, NewRows, StandingRelation, Warehouse } from '../warehouse.ts';
import { appendText, createTableText, qualified } from '../write-statements.ts';
import { pauseMs } from './retry.ts';

/** Milliseconds that one statement may take; the cluster's own limits hold too. */
const LONGEST_MS = 6 * 3_600_000;
const TRIES = 8;
/** Another writer of the table was faster. Nothing was written. */
const CONFLICT = 'ICEBERG_COMMIT_ERROR';

export interface TrinoWarehouseOptions {
  /** On which the statements run; closed with the warehouse. */
  readonly engine: Engine;
  readonly catalog: string;
  readonly schema: string;
  /** As whom. */
  readonly user: string;
  readonly pause?: (ms: number) => Promise<unknown>;
}

/**
 * Opens a schema of a Trino catalog for writing, and makes it if it is not there. Each statement is one commit of one table, which
 * readers see whole as soon as it ends. There is no lock: of two runs at once the later statement stands.
 */
export async function openTrinoWarehouse(options: TrinoWarehouseOptions): Promise<Warehouse> {
  const warehouse = new TrinoWarehouse(options);
  await warehouse.query(`create schema if not exists ${qualified(options.catalog, options.schema)}`);
  return warehouse;
}

class TrinoWarehouse implements Warehouse {
  readonly dialect = 'TRINO';
  readonly #options: TrinoWarehouseOptions;

  constructor(options: TrinoWarehouseOptions) {
    this.#options = options;
  }

  nameOf(relation: string): readonly string[] {
    return [this.#options.catalog, this.#options.schema, relation];
  }

  relations(): Promise<readonly StandingRelation[]> {
    return relationsOf((statement) => this.query(statement), this.#options);
  }

  /** A statement that met another writer is repeated, whole: of reads, replacements and appends none is done twice. */
  async query(statement: string): Promise<readonly Row[]> {
    const { engine, user, pause = sleep } = this.#options;
    for (let tried = 1; ; tried += 1) {
      try {
        const query = { user, labels: { purpose: 'build' }, timeoutMs: LONGEST_MS };
        return (await engine.query({ sql: statement, parameters: [] }, query)).rows;
      } catch (error) {
        const isConflict = error instanceof MetricLayerError && error.details.errorName === CONFLICT;
        if (!isConflict || tried >= TRIES) throw error;
        await pause(pauseMs(tried, Math.random()));
      }
    }
  }

  async replace({ name, kind, select, comment, replaces }: NewRelation): Promise<number | null> {
    const relation = this.#qualified(name);
    if (replaces !== null && replaces !== kind) await this.query(`drop ${replaces} ${relation}`);
    const [row] = await this.query(`create or replace ${kind} ${relation} comment ${quoted(comment)} as\n${select}`);
    return kind === 'view' ? null : Number(row?.rows);
  }

  async ensureTable(name: string, columns: readonly NewColumn[]): Promise<void> {
    await this.query(createTableText(this.#qualified(name), columns));
  }

  async append(name: string, rows: NewRows): Promise<void> {
    await this.query(appendText(this.#qualified(name), rows));
  }

  async publish(): Promise<void> {}

  async close(): Promise<void> {
    await this.#options.engine.close();
  }

  #qualified(name: string): string {
    return qualified(...this.nameOf(name));
  }
}

/** Tables and views of one schema of a catalog. */
export async function relationsOf(
  query: (statement: string) => Promise<readonly Row[]>,
  { catalog, schema }: { readonly catalog: string; readonly schema: string },
): Promise<readonly StandingRelation[]> {
  const [inCatalog, inSchema] = [catalog, schema].map((name) => quoted(name.toLowerCase()));
  const rows = await query(`select t.table_name as "name", t.table_type as "kind", c.comment as "comment"
from ${qualified(catalog)}.information_schema.tables as t
left join system.metadata.table_comments as c
  on c.table_name = t.table_name and c.catalog_name = ${inCatalog} and c.schema_name = ${inSchema}
where t.table_schema = ${inSchema}
order by "name"`);
  return rows.map(({ name, kind, comment }) => ({
    name: String(name),
    kind: kind === 'VIEW' ? 'view' : 'table',
    comment: comment === null ? null : String(comment),
  }));
}
