import { MetricLayerError } from '../../core/errors.ts';
import type { Cell, Row } from '../engine.ts';
import { type Decode, decoderOf } from './cells.ts';
import { badAnswer } from './failures.ts';
import type { Page, TrinoColumn } from './page.ts';

/** What a query gave, all pages together. */
export interface Answer {
  readonly queryId: string;
  readonly columns: readonly TrinoColumn[];
  readonly rows: readonly Row[];
  /** Rows that the query's scans handed on, its own output not counted; null: Trino does not say. */
  readonly processedRows: number | null;
  /** Bytes of those rows as their connector counts them: Iceberg as stored, tpch none. */
  readonly processedBytes: number | null;
}

/** Collects pages as they come in. */
export interface AnswerBuilder {
  add(page: Page): void;
  /** To be called after the last page. */
  finish(): Answer;
}

export function startAnswer(maxRows: number): AnswerBuilder {
  const rows: Row[] = [];
  let columns: readonly TrinoColumn[] | null = null;
  let decoders: readonly Decode[] = [];
  let last: Page | null = null;

  function settle(sent: readonly TrinoColumn[]): void {
    if (columns !== null && !alike(columns, sent)) throw badAnswer('its columns are not those of the page before');
    if (columns === null) decoders = sent.map(({ type }) => decoderOf(type));
    columns ??= sent;
  }

  function rowOf(cells: readonly unknown[], names: readonly TrinoColumn[]): Row {
    if (cells.length !== names.length) throw badAnswer('a row has not as many values as there are columns');
    return Object.fromEntries(cells.map((cell, i) => [names[i]!.name, cellOf(cell, decoders[i]!, names[i]!)]));
  }

  return {
    add(page) {
      last = page;
      if (page.columns !== null) settle(page.columns);
      if (page.rows.length === 0) return;
      if (columns === null) throw badAnswer('there are rows, but no columns');
      if (rows.length + page.rows.length > maxRows) throw tooManyRows(maxRows);
      for (const row of page.rows) rows.push(rowOf(row, columns));
    },
    finish() {
      if (last === null) throw badAnswer('there is none');
      const { state } = last.stats;
      if (state !== 'FINISHED') throw badAnswer('it is the last one, but the query has not finished', String(state));
      return {
        queryId: last.id,
        columns: columns ?? [],
        rows,
        processedRows: countOf(last.stats.processedRows),
        processedBytes: countOf(last.stats.processedBytes),
      };
    },
  };
}

function cellOf(value: unknown, decode: Decode, { type }: TrinoColumn): Cell {
  const cell = decode(value);
  if (cell === undefined) throw badAnswer('a value is not of the type of its column', `a value that is no ${type}`);
  return cell;
}

function alike(one: readonly TrinoColumn[], other: readonly TrinoColumn[]): boolean {
  return (
    one.length === other.length && one.every(({ name, type }, i) => name === other[i]!.name && type === other[i]!.type)
  );
}

function countOf(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 ? value : null;
}

function tooManyRows(maxRows: number): MetricLayerError {
  return new MetricLayerError(
    'ENGINE_RESULT_TOO_LARGE',
    `The query has more than ${maxRows} rows as its result. Ask for fewer groups or a shorter time.`,
  );
}
