import { createHash } from 'node:crypto';
import { MetricLayerError } from '../core/errors.ts';

/** Values that go out as opaque text and come back: node ids and cursors. */
export function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** null: not a text that we made. */
export function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}

export function fingerprint(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16);
}

/** A place in a list, and what the list was: the same arguments on another catalog or moment are another list. */
export interface Cursor {
  readonly offset: number;
  readonly list: string;
  readonly asOf: string;
}

export function encodeCursor({ offset, list, asOf }: Cursor): string {
  return encode(['c', offset, list, asOf]);
}

export function decodeCursor(text: string): Cursor {
  const value = decode(text);
  if (
    !Array.isArray(value) ||
    value[0] !== 'c' ||
    !Number.isSafeInteger(value[1]) ||
    (value[1] as number) < 0 ||
    typeof value[2] !== 'string' ||
    typeof value[3] !== 'string'
  ) {
    throw new MetricLayerError(
      'BAD_USER_INPUT',
      'The cursor in `after` is not one that this service gave. Use pageInfo.endCursor of the page before.',
    );
  }
  return { offset: value[1] as number, list: value[2], asOf: value[3] };
}
