import {
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { ColumnType } from '../../core/vocabulary.ts';
import type { Cell } from '../engine.ts';

/** A driver's value as a plain one: 64-bit integers beyond 2^53 stay exact as text, instants become ISO 8601 in UTC. */
export function cellOf(value: DuckDBValue): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (typeof value === 'bigint') {
    return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
      ? Number(value)
      : value.toString();
  }
  if (value instanceof DuckDBDecimalValue) return value.toDouble();
  if (value instanceof DuckDBDateValue) return value.toString();
  if (value instanceof DuckDBTimestampTZValue) return instantOf(new DuckDBTimestampValue(value.micros));
  if (TIMESTAMPS.some((type) => value instanceof type)) return instantOf(value as DuckDBTimestampValue); // alike in what is used
  return value.toString();
}

const TIMESTAMPS = [
  DuckDBTimestampValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
];

/** ISO 8601; an infinite timestamp is no instant. */
function instantOf(value: Pick<DuckDBTimestampValue, 'isFinite' | 'toString'>): string | null {
  return value.isFinite ? `${value.toString().replace(' ', 'T')}Z` : null;
}

/** DuckDB's type as the domain sees it; what has no counterpart is a string. */
export function columnTypeOf(type: DuckDBType | string): ColumnType {
  const name = String(type).toUpperCase();
  if (/^(U?TINYINT|U?SMALLINT|U?INTEGER|U?BIGINT|U?HUGEINT)$/.test(name)) return 'INTEGER';
  if (/^(FLOAT|DOUBLE|DECIMAL)/.test(name)) return 'FLOAT';
  if (name === 'BOOLEAN') return 'BOOLEAN';
  if (name === 'DATE') return 'DATE';
  if (name.startsWith('TIMESTAMP')) return 'DATETIME';
  return 'STRING';
}
