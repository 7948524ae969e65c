import { MetricLayerError } from '../../core/errors.ts';
import { literalOf, quoted } from '../../sql/literal.ts';
import type { CompiledSql } from '../../sql/sql.ts';

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
