import type { ColumnType } from '../../core/vocabulary.ts';
import type { Cell } from '../engine.ts';
import { instantReader, isoOf } from './zones.ts';

/** Trino's type as the domain sees it; what has no counterpart is a string. */
export function columnTypeOf(type: string): ColumnType {
  if (/^(tinyint|smallint|integer|bigint)$/.test(type)) return 'INTEGER';
  if (/^(real|double|decimal\b)/.test(type)) return 'FLOAT';
  if (type === 'boolean') return 'BOOLEAN';
  if (type === 'date') return 'DATE';
  if (/^timestamp\b/.test(type)) return 'DATETIME';
  return 'STRING';
}

/** Makes a cell of a value as it is in JSON; undefined: it is not of the type. */
export type Decode = (value: unknown) => Cell | undefined;

/**
 * Makes cells of the values of a column, the same ones that DuckDB's are: integers beyond 2^53 as text, decimals as doubles,
 * instants as ISO 8601 in UTC.
 */
export function decoderOf(type: string): Decode {
  const decode = DECODERS[columnTypeOf(type)](type);
  return (value) => (value === null ? null : decode(value));
}

const DECODERS: Readonly<Record<ColumnType, (type: string) => Decode>> = {
  INTEGER: () => (value) => (isInteger(value) ? value : undefined),
  FLOAT: () => numberOf,
  BOOLEAN: () => (value) => (typeof value === 'boolean' ? value : undefined),
  DATE: () => (value) => (typeof value === 'string' ? value.replace(/^\+/, '') : undefined),
  DATETIME: (type) => {
    const read = type.endsWith('with time zone') ? instantReader() : timestampOf;
    return (value) => (typeof value === 'string' ? (read(value) ?? undefined) : undefined);
  },
  // The parts of arrays, maps and rows are left as Trino writes them.
  STRING: () => (value) => (typeof value === 'string' ? value : JSON.stringify(value)),
};

function isInteger(value: unknown): value is number | string {
  return Number.isSafeInteger(value) || (typeof value === 'string' && /^-?\d+$/.test(value));
}

/** Doubles that JSON cannot write, and decimals, come as text. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value === 'NaN') return Number.NaN;
  if (typeof value !== 'string' || !/^[+-]?(Infinity|\d+(\.\d+)?([eE][+-]?\d+)?)$/.test(value)) return undefined;
  return Number(value);
}

function timestampOf(text: string): string | null {
  const [, date, time, fraction] = /^([+-]?\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?$/.exec(text) ?? [];
  return date === undefined || time === undefined ? null : isoOf(date, time, fraction);
}
