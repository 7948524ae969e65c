import type { SqlDialectName } from '../core/vocabulary.ts';
import type { Parameter } from '../sql/sql.ts';

/** A statement of a request: as it ran, or, compiled only, as it would run. */
export interface StatementRecord {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
  readonly dialect: SqlDialectName;
  readonly purpose: string;
  readonly hash: string;
  /** Its text depends on data that was not read. */
  readonly template: boolean;
  readonly engineQueryId: string | null;
  /** null: it did not run. */
  readonly elapsedMs: number | null;
  readonly rows: number | null;
  readonly scannedRows: number | null;
  readonly scannedBytes: number | null;
  /** How many questions of the request it answers. */
  readonly questions: number;
  /** It reads tables of the models. */
  readonly built: boolean;
  /** Names of the catalog's sources that it reads, ascending. */
  readonly sources: readonly string[];
}

/** What one node of the answer asked for: its provenance once all of it has come back. */
export class Trace {
  readonly #asked = new Set<Promise<readonly StatementRecord[]>>();

  add(records: Promise<readonly StatementRecord[]>): void {
    // The field that asked throws the failure; here it only means that there is no statement to show.
    this.#asked.add(records.catch(() => []));
  }

  /** The statements of what has been asked so far, once all of it has been answered. */
  async answered(): Promise<readonly StatementRecord[]> {
    return (await Promise.all(this.#asked)).flat();
  }

  /** Waits until nothing more is asked by this node's fields and all of it has been answered; failed asks have no statements. */
  async statements(): Promise<readonly StatementRecord[]> {
    let known = -1;
    while (known !== this.#asked.size) {
      known = this.#asked.size;
      await new Promise((resolve) => setImmediate(resolve));
      await Promise.all(this.#asked);
    }
    const records = (await Promise.all(this.#asked)).flat();
    const distinct = new Map(records.map((record) => [record.hash, record]));
    return [...distinct.values()].sort((a, b) =>
      a.purpose === b.purpose ? (a.hash < b.hash ? -1 : 1) : a.purpose < b.purpose ? -1 : 1,
    );
  }
}
