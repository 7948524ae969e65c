import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parse, specifiedRules, validate } from 'graphql';
import { chromium } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { loadCatalog } from '../../src/catalog/load.ts';
import { limitRules } from '../../src/graphql/limits.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { exampleQueries } from '../../src/server/example-queries.ts';
import { graphiqlHtml } from '../../src/server/graphiql-page.ts';
import { codesOf, type Served, serveTiny } from './support.ts';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
let tiny: Served;
beforeAll(async () => {
  tiny = await serveTiny();
});

describe('the example queries', () => {
  test('answer without errors on the catalog that is served', async () => {
    const examples = exampleQueries(tiny.service.catalog());
    expect(examples.map(({ name }) => name)).toEqual([
      'Scorecard',
      'Verdict',
      'SampleRatio',
      'TableForBI',
      'Provenance',
    ]);
    for (const { document } of examples) {
      const answer = await tiny.ask(document);
      expect([answer.status, codesOf(answer)]).toEqual([200, []]);
      expect(document).toContain('"button"');
    }
  });

  test.each(['metrics', 'examples/cookie-cats', 'test/fixtures/shop'])('are valid on %s', (directory) => {
    const loaded = loadCatalog(directory, { env: {} });
    if (!loaded.ok) throw new Error(directory);
    const schema = createSchema();
    for (const { document } of exampleQueries(loaded.catalog))
      expect(validate(schema, parse(document), [...specifiedRules, ...limitRules])).toEqual([]);
  });

  test('of a catalog without experiments ask what the service is', async () => {
    const empty = { ...tiny.service.catalog(), experiments: new Map() };
    const [example] = exampleQueries(empty);
    expect(codesOf(await tiny.ask(example!.document))).toEqual([]);
  });
});

describe('GET /', () => {
  test('is one page that may ask no other host', async () => {
    const { status, headers, text } = await tiny.send('/');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const policy = headers.get('content-security-policy')!;
    expect(policy).toMatch(/^default-src 'none';/);
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
    expect(policy).toContain("connect-src 'self'");
    const markup = text.replace(/(<script>)[\s\S]*(<\/script>)/g, '$1$2');
    expect(markup.match(/(src|href|action|url)\s*[=(]\s*["']?(?!data:|#)[^"'\s)]+/gi) ?? []).toEqual([]);
    expect(markup).not.toMatch(/@import|https?:\/\/(?!www\.w3\.org\/)/);
    for (const name of ['Scorecard', 'Provenance']) expect(text).toContain(`query ${name} {`);
  });

  test('is compressed for who can read that, and not sent again to who has it', async () => {
    const compressed = await fetch(tiny.url, { headers: { 'accept-encoding': 'gzip' } });
    expect(Number(compressed.headers.get('content-length'))).toBeLessThan(3_000_000);
    const again = await tiny.send('/', { headers: { 'if-none-match': compressed.headers.get('etag')! } });
    expect([again.status, again.text]).toEqual([304, '']);
    const plain = await fetch(tiny.url, { headers: { 'accept-encoding': 'identity' } });
    expect([plain.headers.get('content-encoding'), (await plain.text()).startsWith('\n  <!doctype html>')]).toEqual([
      null,
      true,
    ]);
  });

  test('a key of an experiment cannot become script', () => {
    const [experiment] = tiny.service.catalog().experiments.values();
    const key = '</script><script>alert(1)//$&';
    const catalog: Catalog = { ...tiny.service.catalog(), experiments: new Map([[key, { ...experiment!, key }]]) };
    const html = graphiqlHtml(catalog);
    expect(html).not.toContain('<script>alert');
    expect(html).toContain('\\u003c/script>\\u003cscript>alert(1)//$&');
  });
});

test.skipIf(!existsSync(CHROMIUM))(
  'in a browser (Chromium, at /usr/bin/chromium or CHROMIUM) the page runs its first query and asks only this server',
  async () => {
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
      const asked: URL[] = [];
      const faults: string[] = [];
      page.on('request', (request) => asked.push(new URL(request.url())));
      page.on(
        'response',
        (response) => response.status() >= 400 && faults.push(`${response.status()} ${response.url()}`),
      );
      page.on('pageerror', (error) => faults.push(String(error)));
      page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
      // What the page learns of the schema.
      const introspection = page.waitForResponse((response) => response.url().endsWith('/graphql'));
      await page.goto(tiny.url);
      await introspection;
      await page.getByRole('tab', { name: 'Provenance' }).waitFor();
      await page.click('.graphiql-execute-button');
      await page.locator('.graphiql-response', { hasText: '"adjustedPValue"' }).waitFor();
      if (process.env.SCREENSHOTS !== undefined)
        await page.screenshot({ path: join(process.env.SCREENSHOTS, 'graphiql.png') });
      expect(faults).toEqual([]);
      const own = new URL(tiny.url).origin;
      expect(asked.filter((url) => url.origin !== own && url.protocol !== 'data:').map(String)).toEqual([]);
      expect(asked.filter((url) => url.pathname === '/graphql').length).toBeGreaterThanOrEqual(2);
    } finally {
      await browser.close();
    }
  },
);
