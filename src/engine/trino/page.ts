import { badAnswer } from './failures.ts';

export interface TrinoColumn {
  readonly name: string;
  readonly type: string;
}

/** One answer of the protocol, with its parts of the right shapes. */
export interface Page {
  readonly id: string;
  /** Null: this is the last one. */
  readonly nextUri: string | null;
  readonly error: unknown;
  readonly columns: readonly TrinoColumn[] | null;
  readonly rows: readonly (readonly unknown[])[];
  readonly stats: Readonly<Record<string, unknown>>;
}

/** What a page may be like, from the pages before it and the settings. */
export interface PageRules {
  /** Null: this is the first page. */
  readonly id: string | null;
  /** Where the next page may be fetched from. */
  readonly origins: ReadonlySet<string>;
  /** Pages that have been asked for; none of them comes again. */
  readonly visited: ReadonlySet<string>;
}

/** Whose query a page belongs to and where it goes on; checked before anything else of the page is looked at. */
export function readPosition(
  body: unknown,
  { id: expected, origins, visited }: PageRules,
): Pick<Page, 'id' | 'nextUri'> {
  if (!isRecord(body)) throw badAnswer('it is not a JSON object');
  const { id, nextUri } = body;
  if (typeof id !== 'string' || id === '') throw badAnswer('it does not say which query it belongs to');
  if (expected !== null && id !== expected)
    throw badAnswer('it belongs to another query', `${id} instead of ${expected}`);
  if (nextUri === undefined || nextUri === null) return { id, nextUri: null };
  const url = typeof nextUri === 'string' && URL.canParse(nextUri) ? new URL(nextUri) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw badAnswer('its next page has no valid address');
  if (!origins.has(url.origin))
    throw badAnswer(
      'its next page is at an address that is not the configured server, and nothing was sent there; if that address is Trino too, add its origin to `trustedOrigins`',
      `nextUri is at ${url.origin}`,
    );
  if (url.username !== '' || url.password !== '') throw badAnswer('its next page has an address with a user in it');
  if (!url.pathname.startsWith('/v1/statement/')) throw badAnswer('its next page is no page of a query');
  if (visited.has(url.href)) throw badAnswer('it leads back to a page that was there before');
  return { id, nextUri: url.href };
}

/** A page whose position has been read. */
export function readPage(body: unknown, position: Pick<Page, 'id' | 'nextUri'>): Page {
  const { error, columns, data, stats, updateType } = body as Record<string, unknown>; // readPosition has checked it
  // Statements that make or drop something have a list of no columns; a query never has.
  const hasNone = typeof updateType === 'string' && Array.isArray(columns) && columns.length === 0;
  return {
    ...position,
    error: error ?? null,
    columns: error || columns === undefined || columns === null || hasNone ? null : readColumns(columns),
    rows: error || data === undefined || data === null ? [] : readRows(data),
    stats: isRecord(stats) ? stats : {},
  };
}

function readColumns(columns: unknown): readonly TrinoColumn[] {
  if (!Array.isArray(columns) || columns.length === 0) throw badAnswer('its columns are no list');
  return columns.map((column: unknown) => {
    if (!isRecord(column) || typeof column.name !== 'string' || typeof column.type !== 'string')
      throw badAnswer('a column has no name or no type');
    return { name: column.name, type: column.type };
  });
}

function readRows(data: unknown): readonly (readonly unknown[])[] {
  if (!Array.isArray(data) || !data.every((row: unknown) => Array.isArray(row)))
    throw badAnswer('its rows are no list of lists');
  return data;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
