import type { ApolloServerPlugin } from '@apollo/server';
import { isEngineFailure, MetricLayerError } from '../core/errors.ts';
import type { RequestContext } from '../graphql/context.ts';
import type { Logger } from './logger.ts';

/**
 * Logs why the engine failed, which clients are not told, and what a budget refused: once a failure, however many fields it
 * nulls.
 */
export function failureLogPlugin(logger: Logger): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      return {
        async didEncounterErrors({ errors, contextValue }) {
          const { requestId } = contextValue.options;
          const failures = new Set(errors.map(({ originalError }) => originalError).filter(isForOperators));
          for (const { code, message, details, cause } of failures) {
            // Nobody waits for what was cancelled.
            if (code !== 'ENGINE_CANCELLED') logger.warn({ code, requestId, ...causeOf(cause), ...details }, message);
          }
        },
      };
    },
  };
}

function isForOperators(error: unknown): error is MetricLayerError {
  return isEngineFailure(error) || (error instanceof MetricLayerError && error.code === 'SCAN_BUDGET_EXCEEDED');
}

/** What the engine or the network said; the adapters keep credentials out of it. */
const causeOf = (cause: unknown) => (cause instanceof Error ? { cause: cause.message } : {});
