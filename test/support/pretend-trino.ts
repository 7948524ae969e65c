import type { TrinoConfig } from '../../src/catalog/trino-config.ts';
import type { Engine, QueryOptions, QueryResult, ScanEstimate } from '../../src/engine/engine.ts';
import { TRINO_DEFAULTS } from '../../src/engine/trino/options.ts';
import { createRunner } from '../../src/evaluate/single-flight.ts';
import type { MetricService } from '../../src/graphql/context.ts';
import type { CompiledSql } from '../../src/sql/sql.ts';

/** What reached the engine, in order. */
export interface Asked {
  readonly what: 'query' | 'estimate';
  readonly sql: string;
  readonly options: QueryOptions;
}

export interface Pretence {
  readonly settings?: Partial<TrinoConfig>;
  /** left out: the engine has no estimates. */
  readonly estimate?: (statement: CompiledSql, options: QueryOptions) => ScanEstimate | Promise<ScanEstimate>;
  /** What a query is said to have read. */
  readonly scanned?: Partial<Pick<QueryResult, 'engineQueryId' | 'scannedRows' | 'scannedBytes'>>;
  /** Instead of running a query. */
  readonly query?: (statement: CompiledSql, options: QueryOptions) => Promise<QueryResult>;
}

export const TRINO_CONFIG: TrinoConfig = {
  ...TRINO_DEFAULTS,
  kind: 'trino',
  server: 'https://trino.example',
  impersonate: null,
  scanBudget: null,
};

/** A service of DuckDB whose catalog says that it is on Trino, and whose engine says what Trino would; keeps what it is asked. */
export function pretendTrino(service: MetricService, { settings = {}, estimate, scanned = {}, query }: Pretence = {}) {
  const asked: Asked[] = [];
  const refuse = () => Promise.reject(new Error('Not for this test.'));
  const run = query ?? ((statement, options) => service.engine.query(statement, options));
  const engine: Engine = {
    dialect: 'DUCKDB',
    query: async (statement, options = {}) => {
      asked.push({ what: 'query', sql: statement.sql, options });
      return { ...(await run(statement, options)), ...scanned };
    },
    ...(estimate === undefined
      ? {}
      : {
          estimate: async (statement, options = {}) => {
            asked.push({ what: 'estimate', sql: statement.sql, options });
            return estimate(statement, options);
          },
        }),
    describe: refuse,
    parseExpression: refuse,
    close: async () => {},
  };
  const catalog = () => ({ ...service.catalog(), engine: { ...TRINO_CONFIG, ...settings } });
  return { service: { ...service, engine, runner: createRunner(engine), catalog }, asked };
}
