import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { MetricLayerError } from '../core/errors.ts';

/** Called with what is masked, so that the operator can find it by the id that the client was given. */
export type ReportBug = (id: string, error: unknown) => void;

/**
 * What a client is told: our own errors with their code; faults of the document as graphql-js words them; anything else is a
 * bug and is masked, with an id under which the log has it. SQL, paths and stacks never leave.
 */
export function formatError(
  formatted: GraphQLFormattedError,
  thrown: unknown,
  report: ReportBug,
): GraphQLFormattedError {
  const cause = rootCause(thrown);
  const { locations, path } = formatted;
  const place = { ...(locations === undefined ? {} : { locations }), ...(path === undefined ? {} : { path }) };
  if (cause instanceof MetricLayerError) return { message: cause.message, ...place, extensions: { code: cause.code } };
  if (cause instanceof GraphQLError) {
    const code = formatted.extensions?.code ?? cause.extensions.code ?? 'GRAPHQL_VALIDATION_FAILED';
    return { message: formatted.message, ...place, extensions: { code } };
  }
  const id = randomUUID();
  report(id, cause);
  return {
    message: `Something went wrong on our side. The log has it as ${id}.`,
    ...place,
    extensions: { code: 'INTERNAL_SERVER_ERROR', id },
  };
}

/** Through the wrappers that graphql-js puts around what a resolver threw. */
function rootCause(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError != null ? rootCause(error.originalError) : error;
}
