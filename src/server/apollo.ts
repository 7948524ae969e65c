import { ApolloServer } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { MetricService, RequestContext } from '../graphql/context.ts';
import { formatError } from '../graphql/errors.ts';
import { limitRules, MAX_TOKENS } from '../graphql/limits.ts';
import { admissionPlugin } from './admission-plugin.ts';
import { failureLogPlugin } from './failure-log-plugin.ts';
import type { Logger } from './logger.ts';

/** Apollo over the schema: nothing is reported to anyone, nothing is cached without bound, no page of Apollo's is served. */
export function createApollo({ schema }: MetricService, logger: Logger): ApolloServer<RequestContext> {
  return new ApolloServer<RequestContext>({
    schema,
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    persistedQueries: false,
    cache: 'bounded',
    // Stacks are for the log. The suggestions of graphql-js stay: this is a tool for people who may read the schema.
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: false,
    nodeEnv: 'production',
    stopOnTerminationSignals: false,
    logger,
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: [...limitRules],
    formatError: (formatted, thrown) =>
      formatError(formatted, thrown, (id, error) => logger.error({ id, err: error }, 'A bug was masked.')),
    plugins: [
      admissionPlugin,
      failureLogPlugin(logger),
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  });
}
