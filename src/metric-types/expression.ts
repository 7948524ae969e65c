/** Where a piece of the catalog was written; `line` and `column` start at 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** SQL text of a catalog author (trusted, checked at load), and where it stands. */
export interface Expression {
  readonly text: string;
  /** Of the first character of `text`. */
  readonly place: Place;
  /** Set when YAML folded or unescaped the text, so that places inside of it cannot be told. */
  readonly folded?: true;
}

/** The place of a character of an expression, as exact as the way it was written allows. */
export function placeInside({ text, place, folded }: Expression, offset: number): Place {
  if (folded) return place;
  const before = text.slice(0, Math.max(0, offset)).split('\n');
  return { file: place.file, line: place.line + before.length - 1, column: place.column + before.at(-1)!.length };
}
