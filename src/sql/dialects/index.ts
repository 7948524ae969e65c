import type { SqlDialectName } from '../../core/vocabulary.ts';
import type { Dialect } from '../dialect.ts';
import { duckdb } from './duckdb.ts';
import { trino } from './trino.ts';

export const DIALECTS = { DUCKDB: duckdb, TRINO: trino } as const satisfies Record<SqlDialectName, Dialect>;
