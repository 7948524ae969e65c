import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError } from 'graphql';
import { refusalOf } from '../graphql/admission.ts';
import type { RequestContext } from '../graphql/context.ts';

/** Refuses a valid operation that may resolve too much, once its variables are known and before anything is resolved. */
export const admissionPlugin: ApolloServerPlugin<RequestContext> = {
  async requestDidStart() {
    return {
      async didResolveOperation({ contextValue, document, operation, request }) {
        // Apollo says which operation is missing.
        if (operation === undefined) return;
        const refusal = refusalOf(contextValue, { document, operation, variables: request.variables });
        if (refusal === null) return;
        throw new GraphQLError(refusal.message, { originalError: refusal, extensions: { http: { status: 400 } } });
      },
    };
  },
};
