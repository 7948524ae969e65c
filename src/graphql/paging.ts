import { MetricLayerError } from '../core/errors.ts';
import { parseInstant } from '../core/instant.ts';
import { decodeCursor, encodeCursor, fingerprint } from './opaque.ts';

export const MOST_IN_CONNECTION = 500;
export const MOST_IN_TABLE = 10_000;

/** How many items a page has where `first` is left out or null. */
export const PAGE = { metrics: 50, experiments: 20, results: 200, anomalies: 50, table: 1_000 } as const;

export interface PageArguments {
  readonly first: number;
  readonly after: string | null | undefined;
  readonly most: number;
}

/** What a list is: everything that its items depend on, and the moment it is read at. */
export interface ListIdentity {
  readonly of: unknown;
  readonly asOf: string;
}

export interface Page<T> {
  readonly items: readonly { readonly cursor: string; readonly item: T }[];
  readonly totalCount: number;
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

/** The asOf that a cursor pins, for the pages after the first. */
export function pinnedAsOf(after: string | null | undefined): string | null {
  if (after == null) return null;
  const { asOf } = decodeCursor(after);
  // Lists of the catalog are read at no moment: theirs are the cursors of another list.
  if (parseInstant(asOf) === null) throw expired();
  return asOf;
}

function expired(): MetricLayerError {
  return new MetricLayerError(
    'CURSOR_EXPIRED',
    'The cursor belongs to another list: the arguments, the catalog or the moment are not the same. Start again without after.',
  );
}

/** One page of a list. A page that is too large is an error, never a cut; a cursor of another list is expired. */
export function pageOf<T>(items: readonly T[], { first, after, most }: PageArguments, identity: ListIdentity): Page<T> {
  if (!Number.isInteger(first) || first < 1 || first > most) {
    throw new MetricLayerError(
      'BAD_USER_INPUT',
      `first must be a whole number from 1 to ${most}, and is ${first}. Take the rest page by page with after.`,
    );
  }
  const list = fingerprint(identity);
  const cursor = after == null ? null : decodeCursor(after);
  if (cursor !== null && cursor.list !== list) throw expired();
  const from = cursor === null ? 0 : cursor.offset + 1;
  return {
    items: items
      .slice(from, from + first)
      .map((item, i) => ({ item, cursor: encodeCursor({ offset: from + i, list, asOf: identity.asOf }) })),
    totalCount: items.length,
    hasNextPage: from + first < items.length,
    hasPreviousPage: from > 0,
  };
}
