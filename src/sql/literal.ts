import { MetricLayerError } from '../core/errors.ts';
import { formatDouble } from './number.ts';
import { type Parameter, Sql } from './sql.ts';

/** A value as an engine writes it. Whole numbers are integers, the others doubles that keep every bit. */
export function literalOf(value: Parameter): string {
  if (typeof value === 'string') return textLiteral(value);
  if (typeof value !== 'number') return String(value);
  if (Number.isNaN(value)) return 'nan()';
  if (!Number.isFinite(value)) return value > 0 ? 'infinity()' : '-infinity()';
  return Number.isSafeInteger(value) ? String(value) : formatDouble(value);
}

/** Text between quotes; throws BAD_USER_INPUT for what is no text. */
export function textLiteral(text: string): string {
  if (text.includes('\0') || !text.isWellFormed())
    throw new MetricLayerError(
      'BAD_USER_INPUT',
      'A value holds a character that is no text: NUL or half of a surrogate pair. Leave it out.',
    );
  return quoted(text);
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * The same fragment with its values written into it, for what takes no parameters: views, models of dbt, statements that a person
 * pastes. Only for values of the catalog, never for those of a request that is served.
 */
export function inlined({ pieces }: Sql): Sql {
  return new Sql([pieces.map((piece) => (typeof piece === 'string' ? piece : literalOf(piece.bind))).join('')]);
}

/** The text of a fragment, its values written into it. */
export function textOf(query: Sql): string {
  return inlined(query).pieces.join('');
}
