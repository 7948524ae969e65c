import { fastifyApolloHandler } from '@as-integrations/fastify';
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import { createContext, type MetricService, type RequestOptions } from '../graphql/context.ts';
import { createApollo } from './apollo.ts';
import { GraphiqlPage } from './graphiql-page.ts';
import { HttpError } from './http-error.ts';
import { answerErrors } from './http-errors.ts';
import { acceptOnlyJson, BODY_LIMIT } from './json-body.ts';
import type { Logger } from './logger.ts';
import { ownQuery } from './open-engine.ts';
import { OpenRequests } from './open-requests.ts';
import { Readiness } from './readiness.ts';
import { REQUEST_ID, requestIdOf, requestOptionsOf } from './request-options.ts';

export interface HttpOptions {
  readonly logger: Logger;
  /** In which a request must be answered. */
  readonly timeoutMs?: number;
}

export interface HttpServer {
  readonly app: FastifyInstance;
  readonly requests: OpenRequests;
  /** From now on `/readyz` says no. */
  startDraining(): void;
}

/** What a request may take; more where a statement of the catalog's engine may take more. */
const REQUEST_TIMEOUT_MS = 60_000;

function requestTimeoutMs(service: MetricService): number {
  const { engine } = service.catalog();
  return engine.kind === 'trino' ? Math.max(REQUEST_TIMEOUT_MS, engine.timeoutMs) : REQUEST_TIMEOUT_MS;
}

/** The service over HTTP, not yet listening: /graphql, the page to try it at /, /livez and /readyz. */
export async function createHttpServer(
  service: MetricService,
  { logger, timeoutMs = requestTimeoutMs(service) }: HttpOptions,
): Promise<HttpServer> {
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    // For the client to send its request; the answer has `timeoutMs`.
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    http: { headersTimeout: 10_000 },
    forceCloseConnections: 'idle',
    genReqId: requestIdOf,
  });
  acceptOnlyJson(app);
  answerErrors(app, logger);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'x-content-type-options': 'nosniff', [REQUEST_ID]: request.id });
    // The Apollo integration builds a URL of it and would fail as if by a bug.
    if (!URL.canParse(`http://${request.hostname}/`))
      throw new HttpError(400, 'BAD_REQUEST', 'The Host header is not a host.');
  });

  const state = { draining: false };
  app.addHook('onSend', async (_, reply) => {
    // Else a client that keeps its connection would hold up the end.
    if (state.draining) reply.header('connection', 'close');
  });

  const apollo = createApollo(service, logger);
  await apollo.start();
  app.addHook('onClose', () => apollo.stop());
  const requests = new OpenRequests();
  const asked = new WeakMap<FastifyRequest, RequestOptions>();
  const handler = fastifyApolloHandler(apollo, {
    context: async (request, reply) =>
      createContext(service, {
        ...asked.get(request),
        requestId: request.id,
        signal: requests.signalOf(reply.raw),
        timeoutMs,
      }),
  });
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    // Before the body is read: whoever is nobody sends no more.
    onRequest: async (request) => {
      asked.set(request, requestOptionsOf(request.raw, service.catalog().engine));
    },
    handler: (request, reply) => {
      reply.header('cache-control', 'no-store');
      return handler.call(app, request, reply);
    },
  });

  const page = new GraphiqlPage();
  app.get('/', (request, reply) => page.answer(service.catalog(), request, reply));
  answerHealth(app, service, () => state.draining);
  return {
    app,
    requests,
    startDraining: () => {
      state.draining = true;
    },
  };
}

function answerHealth(app: FastifyInstance, service: MetricService, isDraining: () => boolean): void {
  const readiness = new Readiness(service.engine, { user: ownQuery(service.catalog().engine, 'readiness').user });
  app.get('/livez', async (_, reply) => reply.header('cache-control', 'no-store').send({ status: 'alive' }));
  app.get('/readyz', async (_, reply) => {
    const { state, reason } = await readiness.engine();
    const ready = state !== 'down' && !isDraining();
    const status = isDraining() ? 'draining' : ready ? 'ready' : 'unready';
    return reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status, engine: state, ...(reason === null ? {} : { reason }), catalogHash: service.catalog().hash });
  });
}
