import { GraphQLError } from 'graphql';
import { MetricLayerError } from '../core/errors.ts';
import type { StatementRecord } from '../evaluate/trace.ts';
import type { MetricService, RequestOptions } from './context.ts';
import { type DocumentRequest, executeDocument } from './execute.ts';

/**
 * The statements that a document would run, in a fixed order; nothing runs. The document is executed for real against an
 * evaluator that answers every question with nothing, so what is shown is what would be asked.
 */
export async function explainDocument(
  service: MetricService,
  request: DocumentRequest,
  options: RequestOptions = {},
): Promise<readonly StatementRecord[]> {
  const { result, context } = await executeDocument(service, request, { ...options, dry: true });
  const fault = result.errors?.find(
    (error) =>
      error.originalError === undefined ||
      error.originalError instanceof MetricLayerError ||
      error.originalError instanceof GraphQLError,
  );
  if (fault !== undefined) {
    const cause = fault.originalError;
    throw cause instanceof MetricLayerError
      ? cause
      : new MetricLayerError('BAD_USER_INPUT', `The document cannot be explained: ${fault.message}`);
  }
  const distinct = new Map(context.session.evaluator.statements.map((record) => [record.hash, record]));
  return [...distinct.values()].sort((a, b) =>
    a.purpose === b.purpose ? (a.sql < b.sql ? -1 : 1) : a.purpose < b.purpose ? -1 : 1,
  );
}
