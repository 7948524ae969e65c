import { type ExecutionResult, execute, GraphQLError, getOperationAST, parse, specifiedRules, validate } from 'graphql';
import { refusalOf } from './admission.ts';
import { createContext, type MetricService, type RequestContext, type RequestOptions } from './context.ts';
import { limitRules, MAX_TOKENS } from './limits.ts';

export interface DocumentRequest {
  readonly document: string;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName?: string | null | undefined;
}

/** Runs a document in this process, under the same limits as over HTTP. */
export async function executeDocument(
  service: MetricService,
  request: DocumentRequest,
  options: RequestOptions = {},
): Promise<{ readonly result: ExecutionResult; readonly context: RequestContext }> {
  const context = createContext(service, options);
  const { schema } = service;
  try {
    const document = parse(request.document, { maxTokens: MAX_TOKENS });
    const errors = validate(schema, document, [...specifiedRules, ...limitRules]);
    if (errors.length > 0) return { result: { errors }, context };
    const operation = getOperationAST(document, request.operationName);
    const refusal =
      operation == null ? null : refusalOf(context, { document, operation, variables: request.variables });
    if (refusal !== null)
      return { result: { errors: [new GraphQLError(refusal.message, { originalError: refusal })] }, context };
    const result = await execute({
      schema,
      document,
      contextValue: context,
      variableValues: request.variables ?? {},
      operationName: request.operationName ?? null,
    });
    return { result, context };
  } catch (error) {
    if (error instanceof GraphQLError) return { result: { errors: [error] }, context };
    throw error;
  }
}
