import { MetricLayerError } from '../../core/errors.ts';
import { formatDouble } from '../../sql/number.ts';
import type { CompiledSql, Parameter } from '../../sql/sql.ts';

/** Characters of a statement that Trino takes. */
const LONGEST_STATEMENT = 1_000_000;

/** A statement as text: with parameters it becomes an EXECUTE IMMEDIATE, so that no value is ever spliced into the SQL. */
export function statementText({ sql, parameters }: CompiledSql): string {
  const text =
    parameters.length === 0 ? sql : `execute immediate ${quoted(sql)} using ${parameters.map(literalOf).join(', ')}`;
  if (text.length > LONGEST_STATEMENT)
    throw new MetricLayerError('ENGINE_FAILED', 'The query is too long for Trino. Ask for fewer metrics at once.', {
      details: { reason: `The statement has ${text.length} characters; Trino takes ${LONGEST_STATEMENT}.` },
    });
  return text;
}

/** A value as Trino writes it. Whole numbers are integers, the others doubles. */
export function literalOf(value: Parameter): string {
  if (typeof value === 'string') return textLiteral(value);
  if (typeof value !== 'number') return String(value);
  if (Number.isNaN(value)) return 'nan()';
  if (!Number.isFinite(value)) return value > 0 ? 'infinity()' : '-infinity()';
  return Number.isSafeInteger(value) ? String(value) : formatDouble(value);
}

function textLiteral(text: string): string {
  if (text.includes('\0') || !text.isWellFormed())
    throw new MetricLayerError(
      'BAD_USER_INPUT',
      'A value holds a character that is no text: NUL or half of a surrogate pair. Leave it out.',
    );
  return quoted(text);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
