import type { Scalar } from 'yaml';
import type { Expression, Place } from '../metric-types/expression.ts';
import type { YamlPath } from '../metric-types/metric-kind.ts';

/** Where one member of a map or list was written. */
export interface Spot {
  /** Offset of the key; of the value in a list. */
  readonly key: number;
  readonly value: number;
  /** The node of a scalar, which knows how its text was written. */
  readonly scalar: Scalar | null;
}

/** A YAML file as plain values, with the offset of everything in it. */
export interface Positions {
  readonly file: string;
  readonly text: string;
  /** Offset of the first character of every line. */
  readonly lines: readonly number[];
  /** Members of a map or list in written order. */
  readonly members: WeakMap<object, ReadonlyMap<string | number, Spot>>;
}

/** A value of a YAML file that knows where it stands. */
export class Located {
  readonly value: unknown;
  readonly #positions: Positions;
  readonly #spot: Spot;

  constructor(value: unknown, spot: Spot, positions: Positions) {
    this.value = value;
    this.#spot = spot;
    this.#positions = positions;
  }

  /** Where the value stands. */
  get place(): Place {
    return placeOf(this.#positions, this.#spot.value);
  }

  /** Where the value's key stands; a list's member has none and answers with the value's place. */
  get keyPlace(): Place {
    return placeOf(this.#positions, this.#spot.key);
  }

  /** Members in written order; empty for what is not a map. */
  get members(): readonly (readonly [string, Located])[] {
    if (!isMap(this.value)) return [];
    return [...this.#table()].map(([key]) => [String(key), this.child(key)!]);
  }

  /** A member of a map or list; null: there is none. */
  child(key: string | number): Located | null {
    const spot = this.#table().get(key);
    // A table exists only for maps and lists, and holds only their own keys.
    return spot === undefined
      ? null
      : new Located((this.value as Record<string | number, unknown>)[key], spot, this.#positions);
  }

  /** What stands at a path, or the nearest thing above it that exists. */
  nearest(path: YamlPath): Located {
    let here: Located = this;
    for (const key of path) here = here.child(key) ?? here;
    return here;
  }

  /** The value as SQL text. */
  expression(text: string): Expression {
    const { scalar } = this.#spot;
    const start = scalar === null ? null : contentStart(scalar, this.#positions);
    const trimmed = text.trimEnd();
    if (start === null) return { text: trimmed, place: this.place, folded: true };
    return { text: trimmed, place: placeOf(this.#positions, start) };
  }

  #table(): ReadonlyMap<string | number, Spot> {
    const { value } = this;
    return (typeof value === 'object' && value !== null ? this.#positions.members.get(value) : undefined) ?? new Map();
  }
}

/** Whether a value is a map of YAML. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Line and column of an offset, by bisection. */
export function placeOf({ file, lines }: Pick<Positions, 'file' | 'lines'>, offset: number): Place {
  let [low, high] = [0, lines.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lines[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { file, line: low + 1, column: offset - lines[low]! + 1 };
}

/** Offset of the first character of a scalar's text if every character stands where it seems to; else null. */
function contentStart(scalar: Scalar, { text }: Positions): number | null {
  const value = String(scalar.value);
  const [start, end] = scalar.range ?? [0, 0];
  if (scalar.type === 'BLOCK_LITERAL') {
    const body = text.indexOf('\n', start) + 1;
    const first = /^(?:[ \t]*\r?\n)*( *)\S/.exec(text.slice(body, end));
    const own = /^(?:[ \t]*\n)*( *)\S/.exec(value);
    return first === null || own === null ? null : body + first[1]!.length - own[1]!.length;
  }
  const from = scalar.type === 'PLAIN' ? start : start + 1;
  return text.startsWith(value, from) && !value.includes('\n') ? from : null;
}
