/**
 * SQL as a value: text with numbered holes for bound parameters. Made only by the tagged template `sql`, `ident`, `trusted`
 * and `join`, so that a plain string cannot become SQL by accident.
 */
export type Parameter = string | number | boolean | null;

type Piece = string | { readonly bind: Parameter };

export class Sql {
  readonly pieces: readonly Piece[];
  /** Use `sql`, `ident`, `trusted`, `bind` or `join`. */
  constructor(pieces: readonly Piece[]) {
    this.pieces = pieces;
  }
}

/** Template of SQL fragments: every hole is another `Sql`; values enter through `bind`, names through `ident`. */
export function sql(strings: TemplateStringsArray, ...holes: readonly Sql[]): Sql {
  const pieces: Piece[] = [];
  strings.forEach((text, i) => {
    if (text !== '') pieces.push(text);
    const hole = holes[i];
    if (hole !== undefined) pieces.push(...hole.pieces);
  });
  return new Sql(pieces);
}

/** A quoted identifier; several parts make a qualified name. */
export function ident(...parts: readonly string[]): Sql {
  return new Sql([parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.')]);
}

/** A bound parameter. The caller casts it where the engine cannot infer its type. */
export function bind(value: Parameter): Sql {
  return new Sql([{ bind: value }]);
}

/** Text of the catalog's authors, checked when the catalog was loaded; or a fragment that a dialect wrote. Never a request's text. */
export function trusted(text: string): Sql {
  return new Sql([text]);
}

/** Fragments with a separator between them. */
export function join(parts: readonly Sql[], separator: string): Sql {
  return new Sql(parts.flatMap((part, i) => (i === 0 ? part.pieces : [separator, ...part.pieces])));
}

/** A statement as an engine takes it. */
export interface CompiledSql {
  readonly sql: string;
  readonly parameters: readonly Parameter[];
}

/** Renders with the dialect's placeholders; equal values at different places stay separate parameters. */
export function compile(query: Sql, placeholder: (index: number) => string): CompiledSql {
  const parameters: Parameter[] = [];
  const text = query.pieces
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      parameters.push(piece.bind);
      return placeholder(parameters.length);
    })
    .join('');
  return { sql: text, parameters };
}
