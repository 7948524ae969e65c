import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { quoted } from '../../sql/literal.ts';
import type { Row } from '../engine.ts';
import type {
  NewColumn,
  NewRelation,
  NewRows,
  OnStep,
  RelationKind,
  StandingRelation,
  Warehouse,
} from '../warehouse.ts';
import { appendText, createTableText, qualified } from '../write-statements.ts';
import { cellOf } from './cells.ts';
import { duckDbFailure } from './failure.ts';
import { type InstanceOptions, openInstance } from './instance.ts';
import { type Replacement, startReplacement } from './replacement.ts';

/** Name of the written database in statements. */
const MODELS = 'models';

export interface DuckDbWarehouseOptions extends Omit<InstanceOptions, 'writes'> {
  /** The file that is written: another one than that which is read. */
  readonly target: string;
  readonly schema: string;
  readonly onStep?: OnStep;
}

/**
 * Opens a DuckDB file for writing: a copy of it beside it, which takes its place when it is published. So readers, whom DuckDB
 * would lock out, keep the file that they have open, and see all that was written or nothing.
 */
export async function openDuckDbWarehouse(options: DuckDbWarehouseOptions): Promise<Warehouse> {
  const { target, schema, onStep = () => {}, ...data } = options;
  const replacement = await startReplacement(target, { reads: data.path, onStep });
  try {
    onStep('open');
    const { instance } = await openInstance({ ...data, writes: { path: replacement.path, name: MODELS } });
    try {
      const connection = await instance.connect();
      if (data.path !== null) await connection.run('use warehouse');
      await connection.run(`create schema if not exists ${qualified(MODELS, schema)}`);
      return new DuckDbWarehouse({ instance, connection, schema, replacement, onStep });
    } catch (error) {
      instance.closeSync();
      throw error;
    }
  } catch (error) {
    replacement.end();
    throw error;
  }
}

interface Parts {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
  readonly schema: string;
  readonly replacement: Replacement;
  readonly onStep: OnStep;
}

class DuckDbWarehouse implements Warehouse {
  readonly dialect = 'DUCKDB';
  readonly #parts: Parts;
  #isOpen = true;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A view names nothing but the schema: it is found in whatever database the view is in, however that is called. */
  nameOf(relation: string, within: RelationKind): readonly string[] {
    const { schema } = this.#parts;
    return within === 'view' ? [schema, relation] : [MODELS, schema, relation];
  }

  relations(): Promise<readonly StandingRelation[]> {
    return relationsOf((statement) => this.query(statement), { database: MODELS, schema: this.#parts.schema });
  }

  async query(statement: string): Promise<readonly Row[]> {
    try {
      const reader = await this.#parts.connection.runAndReadAll(statement);
      const names = reader.columnNames();
      return reader
        .getRows()
        .map((row) => Object.fromEntries(row.map((value, i) => [names[i]!, cellOf(value)])) as Row);
    } catch (error) {
      throw duckDbFailure(error, 'failed');
    }
  }

  async replace({ name, kind, select, comment, replaces }: NewRelation): Promise<number | null> {
    const relation = this.#qualified(name);
    if (replaces !== null && replaces !== kind) await this.query(`drop ${replaces} ${relation}`);
    const [row] = await this.query(`create or replace ${kind} ${relation} as\n${select}`);
    await this.query(`comment on ${kind} ${relation} is ${quoted(comment)}`);
    return kind === 'view' ? null : Number(Object.values(row ?? {})[0]);
  }

  async ensureTable(name: string, columns: readonly NewColumn[]): Promise<void> {
    await this.query(createTableText(this.#qualified(name), columns));
  }

  async append(name: string, rows: NewRows): Promise<void> {
    await this.query(appendText(this.#qualified(name), rows));
  }

  async publish(): Promise<void> {
    const { replacement, onStep } = this.#parts;
    onStep('checkpoint');
    await this.query(`checkpoint ${MODELS}`);
    this.#disconnect();
    replacement.publish();
  }

  async close(): Promise<void> {
    this.#disconnect();
    this.#parts.replacement.end();
  }

  #disconnect(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#parts.connection.closeSync();
    this.#parts.instance.closeSync();
  }

  #qualified(name: string): string {
    return qualified(MODELS, this.#parts.schema, name);
  }
}

/** Tables and views of one schema of a database. */
export async function relationsOf(
  query: (statement: string) => Promise<readonly Row[]>,
  { database, schema }: { readonly database: string; readonly schema: string },
): Promise<readonly StandingRelation[]> {
  const where = `where database_name = ${quoted(database)} and schema_name = ${quoted(schema)}`;
  const rows = await query(`select table_name as "name", 'table' as "kind", comment as "comment"
from duckdb_tables() ${where}
union all
select view_name, 'view', comment
from duckdb_views() ${where}
order by "name"`);
  return rows.map(({ name, kind, comment }) => ({
    name: String(name),
    kind: kind === 'view' ? 'view' : 'table',
    comment: comment === null ? null : String(comment),
  }));
}
