import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Catalog } from '../catalog/catalog.ts';
import { exampleQueries } from './example-queries.ts';

interface Rendered {
  readonly examples: string;
  readonly html: Buffer;
  readonly gzip: Buffer;
  readonly etag: string;
}

/**
 * The page's scripts, styles and fonts are inside of it, and the browser is told to ask nobody else for anything. Its editor
 * starts workers from blobs and compiles nothing at run time.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' blob:",
  'worker-src blob:',
  "style-src 'unsafe-inline'",
  'font-src data:',
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** GraphiQL with queries that fit the catalog, one in each tab; made once for each set of queries (it has 9 MB). */
export class GraphiqlPage {
  #rendered: Rendered | null = null;

  async answer(catalog: Catalog, request: FastifyRequest, reply: FastifyReply): Promise<Buffer | undefined> {
    const examples = JSON.stringify(exampleQueries(catalog));
    if (this.#rendered?.examples !== examples) this.#rendered = render(catalog, examples);
    const { html, gzip, etag } = this.#rendered;
    reply.headers({
      etag,
      'cache-control': 'no-cache',
      vary: 'accept-encoding',
      'content-security-policy': POLICY,
      'referrer-policy': 'no-referrer',
    });
    if (request.headers['if-none-match'] === etag) return reply.code(304).send();
    reply.type('text/html; charset=utf-8');
    if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return html;
    reply.header('content-encoding', 'gzip');
    return gzip;
  }
}

function render(catalog: Catalog, examples: string): Rendered {
  const html = Buffer.from(graphiqlHtml(catalog));
  const etag = `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`;
  return { examples, html, gzip: gzipSync(html), etag };
}

/** One page that asks no other host for anything. */
export function graphiqlHtml(catalog: Catalog): string {
  const options = {
    title: 'liftql',
    endpoint: '/graphql',
    defaultTabs: exampleQueries(catalog).map(({ document }) => ({ query: document, variables: '', headers: '' })),
  };
  const html = renderGraphiQL(options);
  // The options are put into a script as they are; a key of an experiment may hold `</script>`.
  const inserted = JSON.stringify(options);
  const at = html.lastIndexOf(inserted);
  return html.slice(0, at) + inserted.replaceAll('<', '\\u003c') + html.slice(at + inserted.length);
}
