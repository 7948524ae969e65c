import { randomUUID } from 'node:crypto';
import type { FastifyError, FastifyInstance } from 'fastify';
import { HttpError } from './http-error.ts';
import { BODY_LIMIT } from './json-body.ts';
import type { Logger } from './logger.ts';

const NOT_FOUND = 'There is nothing here. GraphQL is at POST /graphql, a page to try it at GET /.';

/** What fastify says by itself, in our words: its own may quote the request. */
const SENTENCES: Readonly<Record<number, readonly [code: string, message: string]>> = {
  400: ['BAD_REQUEST', 'The request is not one that HTTP and JSON allow.'],
  404: ['NOT_FOUND', NOT_FOUND],
  413: ['BODY_TOO_LARGE', `The body has more than ${BODY_LIMIT / 1024} kB. Send less.`],
  415: ['UNSUPPORTED_MEDIA_TYPE', 'The body must be JSON: send it with content-type: application/json.'],
  503: ['SHUTTING_DOWN', 'The service is being shut down. Ask again in a moment.'],
};

/** Every error that GraphQL does not see has its shape all the same: `{ errors: [{ message, extensions: { code } }] }`. */
export function answerErrors(app: FastifyInstance, logger: Logger): void {
  app.setNotFoundHandler((_, reply) => reply.code(404).send(bodyOf('NOT_FOUND', NOT_FOUND)));
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (error instanceof HttpError) return reply.code(status).send(bodyOf(error.code, error.message));
    const [code, message] = SENTENCES[status] ?? (status < 500 ? SENTENCES[400]! : []);
    if (code !== undefined && message !== undefined) return reply.code(status).send(bodyOf(code, message));
    const id = randomUUID();
    logger.error({ id, requestId: request.id, err: error }, 'A request failed outside of GraphQL.');
    return reply
      .code(500)
      .send(bodyOf('INTERNAL_SERVER_ERROR', `Something went wrong on our side. The log has it as ${id}.`));
  });
}

function bodyOf(code: string, message: string) {
  return { errors: [{ message, extensions: { code } }] };
}
