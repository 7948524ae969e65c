import type { FastifyInstance } from 'fastify';
import { HttpError } from './http-error.ts';

/** 256 kB: fifty times the longest document that the token limit lets through. */
export const BODY_LIMIT = 256 * 1024;

/** Only JSON in UTF-8 is read; another type or charset is 415, other bytes 400. Keys that would reach a prototype are refused. */
export function acceptOnlyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(request.headers['content-type'] ?? '')?.[1];
    if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
      return done(new HttpError(415, 'UNSUPPORTED_MEDIA_TYPE', 'The body must be JSON in UTF-8.'));
    }
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(body as Buffer); // parseAs: 'buffer'
    } catch {
      return done(new HttpError(400, 'BAD_REQUEST', 'The body is not UTF-8.'));
    }
    void parse(request, text, (error, value) =>
      error === null
        ? done(null, value)
        : done(new HttpError(400, 'BAD_REQUEST', 'The body is not JSON.', { cause: error })),
    );
  });
}
