import type { ApolloServerPlugin } from '@apollo/server';
import { isEngineFailure } from '../core/errors.ts';
import type { RequestContext } from '../graphql/context.ts';
import type { Logger } from './logger.ts';

/** Logs why the engine failed, which clients are not told: once a failure, however many fields it nulls. */
export function failureLogPlugin(logger: Logger): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      return {
        async didEncounterErrors({ errors }) {
          const failures = new Set(errors.map(({ originalError }) => originalError).filter(isEngineFailure));
          for (const { code, message, details } of failures) {
            // Nobody waits for what was cancelled.
            if (code !== 'ENGINE_CANCELLED') logger.warn({ code, ...details }, message);
          }
        },
      };
    },
  };
}
