import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { MetricLayerError } from '../core/errors.ts';

/** Called with what is masked, so that the operator can find it by the id that the client was given. */
export type ReportBug = (id: string, error: unknown) => void;

/**
 * What a client is told: our own errors with their code; faults of the document as graphql-js words them, with its "Did you
 * mean" (who may ask this service may read its schema, so the suggestions give nothing away); anything else is a bug and is
 * masked, with an id under which the log has it. SQL, paths and stacks never leave.
 */
export function formatError(
  formatted: GraphQLFormattedError,
  thrown: unknown,
  report: ReportBug,
): GraphQLFormattedError {
  const cause = rootCause(thrown);
  const { locations, path } = formatted;
  const place = { ...(locations === undefined ? {} : { locations }), ...(path === undefined ? {} : { path }) };
  if (cause instanceof MetricLayerError) {
    const message = OPERATORS_MATTER[cause.code] ?? cause.message;
    return { message, ...place, extensions: { code: cause.code, ...(TOLD.has(cause.code) ? cause.details : {}) } };
  }
  if (cause instanceof GraphQLError && !isUnserialisable(cause, formatted)) {
    return { message: formatted.message, ...place, extensions: { code: codeOf(cause, formatted) } };
  }
  const id = randomUUID();
  report(id, cause);
  return {
    message: `Something went wrong on our side. The log has it as ${id}.`,
    ...place,
    extensions: { code: 'INTERNAL_SERVER_ERROR', id },
  };
}

/** What clients are told in place of what only the operator should know; the log has the rest. */
const OPERATORS_MATTER: Readonly<Record<string, string>> = {
  ENGINE_UNAUTHORIZED: 'The metric layer, or the user who asks, may not read what this needs. Ask its operator.',
};

/** Codes whose details a program needs: it may ask for less, or with another budget. */
const TOLD: ReadonlySet<string> = new Set(['SCAN_BUDGET_EXCEEDED']);

/** Through the wrappers that graphql-js and Apollo put around what was thrown. */
function rootCause(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError != null ? rootCause(error.originalError) : error;
}

/** A value that a scalar cannot hold (a NaN, say) is an error of graphql-js without a place in the document: our bug. */
function isUnserialisable(cause: GraphQLError, { path }: GraphQLFormattedError): boolean {
  return path !== undefined && cause.nodes === undefined && cause.extensions.code === undefined;
}

const CODES: readonly (readonly [RegExp, string])[] = [
  [/^Syntax Error: Document contains more tha[nt] \d+ tokens/, 'DOCUMENT_TOO_LARGE'],
  // Too many fields of one name to compare.
  [/^Validation aborted/, 'DOCUMENT_TOO_LARGE'],
  [/^Syntax Error/, 'GRAPHQL_PARSE_FAILED'],
  [/^(Variable|Argument) "[^"]*" (got invalid value|has invalid value|of (required|non-null) type)/, 'BAD_USER_INPUT'],
  [/^(Unknown operation named|Must provide (an operation|operation name))/, 'OPERATION_RESOLUTION_FAILURE'],
];

/** graphql-js gives its errors no code; Apollo gives some one, in wrappers that only exist over HTTP. */
function codeOf(cause: GraphQLError, { message, extensions }: GraphQLFormattedError): unknown {
  const known = cause.extensions.code ?? CODES.find(([words]) => words.test(message))?.[1];
  if (known !== undefined) return known;
  return extensions?.code === undefined || extensions.code === 'INTERNAL_SERVER_ERROR'
    ? 'GRAPHQL_VALIDATION_FAILED'
    : extensions.code;
}
