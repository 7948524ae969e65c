import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { encode, encodeCursor } from '../../src/graphql/opaque.ts';
import { ask, type Data, type TestService } from '../support/service.ts';
import { codes } from './support.ts';
import { NOW, world } from './world.ts';

let service: TestService;
beforeAll(async () => {
  service = await world();
});

const PAGE = 'totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
const ARGUMENTS = 'first: $first, after: $after';
/** Every list: how to ask for a page of it, where it stands in the answer, and its largest page. */
const LISTS: readonly { name: string; document: string; at: (data: Data) => Data; most: number }[] = [
  {
    name: 'metrics',
    document: `{ metrics(filter: { includeDeprecated: true }, ${ARGUMENTS}) { edges { cursor node { id name } } nodes { id name } ${PAGE} } }`,
    at: ({ metrics }: Data) => metrics,
    most: 500,
  },
  {
    name: 'experiments',
    document: `{ experiments(orderBy: { field: START_AT }, ${ARGUMENTS}) { edges { cursor node { id key } } nodes { id key } ${PAGE} } }`,
    at: ({ experiments }: Data) => experiments,
    most: 500,
  },
  {
    name: 'results',
    document: `{ experiment(key: "main") { results(filter: { sliceBy: ["vip"] }, ${ARGUMENTS}) { edges { cursor node { id } } nodes { id } ${PAGE} } } }`,
    at: ({ experiment }: Data) => experiment.results,
    most: 500,
  },
  {
    name: 'experimentResults',
    document: `{ experimentResults(experiments: ["main"], ${ARGUMENTS}) { rows ${PAGE} } }`,
    at: ({ experimentResults }: Data) => experimentResults,
    most: 10_000,
  },
  {
    name: 'experimentSummaries',
    document: `{ experimentSummaries(filter: { tags: ["colour"] }, ${ARGUMENTS}) { rows ${PAGE} } }`,
    at: ({ experimentSummaries }: Data) => experimentSummaries,
    most: 10_000,
  },
].map((list) => ({ ...list, document: `query Paged($first: Int, $after: String) ${list.document}` }));

const itemsOf = (page: Data): readonly Data[] => page.nodes ?? page.rows;

describe.each(LISTS)('$name', ({ document, at, most }) => {
  const page = async (first: number, after: string | null = null) => at(await ask(service, document, { first, after }));

  test('page by page is the whole, without loss or repetition, whatever the size of a page', async () => {
    const whole = await page(most);
    expect(whole.totalCount).toBe(itemsOf(whole).length);
    expect(whole.totalCount).toBeGreaterThan(4);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: Math.ceil(whole.totalCount / 6), max: whole.totalCount + 2 }),
        async (first) => {
          const seen: Data[] = [];
          let [after, next, pages]: [string | null, boolean, number] = [null, true, 0];
          while (next) {
            const one = await page(first, after);
            expect(one.totalCount).toBe(whole.totalCount);
            expect(one.pageInfo.hasPreviousPage).toBe(after !== null);
            expect(itemsOf(one).length).toBe(Math.min(first, whole.totalCount - seen.length));
            if (one.edges !== undefined) {
              expect(one.edges.map(({ node }: Data) => node)).toEqual(one.nodes);
              expect([one.edges[0].cursor, one.edges.at(-1).cursor]).toEqual([
                one.pageInfo.startCursor,
                one.pageInfo.endCursor,
              ]);
            }
            seen.push(...itemsOf(one));
            ({ endCursor: after, hasNextPage: next } = one.pageInfo);
            pages += 1;
          }
          expect(seen).toEqual(itemsOf(whole));
          expect(pages).toBe(Math.ceil(whole.totalCount / first));
        },
      ),
      { numRuns: 6, seed: 3 },
    );
  });

  test('after any item comes the next', async () => {
    const whole = await page(most);
    if (whole.edges === undefined) return;
    const next = await page(2, whole.edges[1].cursor);
    expect(next.nodes).toEqual(whole.nodes.slice(2, 4));
  });

  test.each([0, -1, most + 1, 2 ** 31 - 1])('a page of %i is an error, never a cut', async (first) => {
    expect(await codes(service, document, { first })).toEqual(['BAD_USER_INPUT']);
  });

  test.each([
    ['garbage', 'garbage'],
    ['nothing', ''],
    ['an id', encode(['Metric', 'revenue'])],
    ['JSON that is no cursor', encode({ offset: 1 })],
    ['a place before the first', encodeCursor({ offset: -1, list: 'x', asOf: '' })],
    ['half a place', encodeCursor({ offset: 0.5, list: 'x', asOf: '' })],
    ['a cursor whose moment is none', encodeCursor({ offset: 0, list: 'x', asOf: 'yesterday' })],
  ])('a cursor that is %s is refused', async (_, after) => {
    const [code] = await codes(service, document, { first: 1, after });
    expect(['BAD_USER_INPUT', 'CURSOR_EXPIRED']).toContain(code);
  });

  test('a cursor of every other list is expired', async () => {
    const { endCursor } = (await page(1)).pageInfo;
    for (const other of LISTS.filter((list) => list.document !== document)) {
      expect(await codes(service, other.document, { first: 1, after: endCursor })).toEqual(['CURSOR_EXPIRED']);
    }
  });
});

describe('a cursor belongs to what was asked for', () => {
  const results = (filter: string) =>
    `query Paged($after: String) { experiment(key: "main") { results(${filter} first: 1, after: $after) { pageInfo { endCursor } } } }`;
  const cursorOf = async (filter: string) =>
    (await ask(service, results(filter))).experiment.results.pageInfo.endCursor;

  test.each([
    ['', 'analysis: { alpha: 0.1 }'],
    ['', 'filter: { roles: [GOAL] }'],
    ['filter: { roles: [GOAL] }', ''],
    ['', 'analysis: { asOf: "2026-03-10T00:00:00Z" }'],
    [
      'filter: { where: { test: { dimension: "vip", operator: EQ, values: ["true"] } } }',
      'filter: { where: { test: { dimension: "vip", operator: EQ, values: ["false"] } } }',
    ],
  ])('from (%s) to (%s) it is expired', async (from, to) => {
    expect(await codes(service, results(to), { after: await cursorOf(from) })).toEqual(['CURSOR_EXPIRED']);
  });

  test('later pages are read at the moment of the first, though the clock goes on', async () => {
    const document =
      'query Paged($after: String) { experiment(key: "main") { results(first: 1, after: $after) { nodes { analysis { asOf } } pageInfo { endCursor } } } }';
    const first = (await ask(service, document)).experiment.results;
    const later = { ...service, catalog: service.catalog, clock: () => new Date('2026-05-02T00:00:00Z') };
    const second = (await ask(later, document, { after: first.pageInfo.endCursor })).experiment.results;
    expect([first, second].map(({ nodes }) => nodes[0].analysis.asOf)).toEqual([
      NOW.replace('56', '00'),
      NOW.replace('56', '00'),
    ]);
    expect((await ask(later, document)).experiment.results.nodes[0].analysis.asOf).toBe('2026-05-02T00:00:00Z');
  });

  test('experiments that end between two pages are neither lost nor repeated', async () => {
    const document =
      'query Paged($after: String) { experiments(filter: { status: [RUNNING] }, orderBy: { field: START_AT, direction: ASC }, first: 6, after: $after) { nodes { key } totalCount pageInfo { endCursor } } }';
    const first = (await ask(service, document)).experiments;
    const later = { ...service, catalog: service.catalog, clock: () => new Date('2026-06-05T00:00:00Z') };
    const second = (await ask(later, document, { after: first.pageInfo.endCursor })).experiments;
    const keys = [...first.nodes, ...second.nodes].map(({ key }: Data) => key);
    expect([keys, second.totalCount]).toEqual([
      [...'plain c000 c004 c008 c001 c005 c009 c002 c006 c003 c007'.split(' ')],
      first.totalCount,
    ]);
    expect((await ask(later, document)).experiments.totalCount).toBeLessThan(first.totalCount);
  });

  test('assignments without times have no moment to go back to: their cursors expire with the clock', async () => {
    const document =
      'query Paged($after: String) { experiment(key: "plain") { results(first: 1, after: $after) { totalCount pageInfo { endCursor hasNextPage } } } }';
    const after = (await ask(service, document)).experiment.results.pageInfo.endCursor;
    expect((await ask(service, document, { after })).experiment.results).toMatchObject({
      totalCount: 1,
      pageInfo: { hasNextPage: false },
    });
    const later = { ...service, catalog: service.catalog, clock: () => new Date('2026-05-02T00:00:00Z') };
    expect(await codes(later, document, { after })).toEqual(['CURSOR_EXPIRED']);
  });

  test.each([
    'experimentSummaries(filter: { keys: ["main", "plain"] }, first: 1, after: $after)',
    'experimentResults(experiments: ["main", "plain"], first: 8, after: $after)',
  ])('a table goes on over them: %s', async (list) => {
    const document = `query Paged($after: String) { table: ${list} { rows totalCount pageInfo { endCursor hasNextPage } } }`;
    const later = { ...service, catalog: service.catalog, clock: () => new Date('2026-05-02T00:00:00Z') };
    const first = (await ask(service, document)).table;
    const second = (await ask(later, document, { after: first.pageInfo.endCursor })).table;
    expect(second.totalCount).toBe(first.totalCount);
    expect(second.rows.length).toBeGreaterThan(0);
  });
});

test.each(LISTS)('$name: a page of null is a page of the usual size', async ({ document, at }) => {
  const without = document.replace(ARGUMENTS, 'after: $after').replace('$first: Int, ', '');
  const [given, left] = await Promise.all([ask(service, document, { first: null }), ask(service, without)]);
  expect(at(given)).toEqual(at(left));
});
