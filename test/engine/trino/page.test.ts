import { describe, expect, test } from 'vitest';
import { startAnswer } from '../../../src/engine/trino/answer.ts';
import { type Page, readPage, readPosition } from '../../../src/engine/trino/page.ts';

const ORIGIN = 'https://trino.test:8443';
const RULES = { id: 'q', origins: new Set([ORIGIN]), visited: new Set([`${ORIGIN}/v1/statement/q/1`]) };

function read(body: unknown): Page {
  return readPage(body, readPosition(body, RULES));
}

describe('a page', () => {
  test('may be the last one', () => {
    expect(read({ id: 'q', nextUri: null })).toStrictEqual({
      id: 'q',
      nextUri: null,
      error: null,
      columns: null,
      rows: [],
      stats: {},
    });
  });

  test('may have no columns where something was made, not read', () => {
    const page = { id: 'q', updateType: 'CREATE SCHEMA', columns: [], stats: { state: 'FINISHED' } };
    expect(read(page)).toMatchObject({ columns: null, rows: [] });
  });

  test('names its columns and rows', () => {
    const columns = [{ name: 'n', type: 'bigint', typeSignature: {} }];
    expect(
      read({ id: 'q', nextUri: `${ORIGIN}/v1/statement/q/2`, columns, data: [[1]], stats: { processedRows: 1 } }),
    ).toMatchObject({
      nextUri: `${ORIGIN}/v1/statement/q/2`,
      columns: [{ name: 'n', type: 'bigint' }],
      rows: [[1]],
      stats: { processedRows: 1 },
    });
  });

  test('with an error counts for nothing else', () => {
    expect(read({ id: 'q', error: { message: 'x' }, columns: 1, data: 'y' })).toMatchObject({
      error: { message: 'x' },
      columns: null,
      rows: [],
    });
  });

  test.each<[string, unknown, RegExp]>([
    ['null', null, /no JSON object|not a JSON object/],
    ['a list', [], /not a JSON object/],
    ['a text', 'q', /not a JSON object/],
    ['no id', {}, /which query/],
    ['an empty id', { id: '' }, /which query/],
    ['an id that is a number', { id: 1 }, /which query/],
    ['another id', { id: 'p' }, /another query/],
    ['an address that is none', { id: 'q', nextUri: '/v1/statement' }, /no valid address/],
    ['an address that is a number', { id: 'q', nextUri: 1 }, /no valid address/],
    ['an empty address', { id: 'q', nextUri: '' }, /no valid address/],
    ['an address that is a file', { id: 'q', nextUri: 'file:///etc/passwd' }, /no valid address/],
    ['a foreign address', { id: 'q', nextUri: 'https://evil.test/v1' }, /trustedOrigins/],
    ['the same host unencrypted', { id: 'q', nextUri: 'http://trino.test:8443/v1' }, /trustedOrigins/],
    ['another port', { id: 'q', nextUri: 'https://trino.test:8444/v1' }, /trustedOrigins/],
    ['a host that only begins alike', { id: 'q', nextUri: 'https://trino.test:8443@evil.test/v1' }, /trustedOrigins/],
    ['an address with a user', { id: 'q', nextUri: 'https://a:b@trino.test:8443/v1' }, /user in it/],
    ['a page that was before', { id: 'q', nextUri: `${ORIGIN}/v1/statement/q/1` }, /before/],
    ['a page of something else', { id: 'q', nextUri: `${ORIGIN}/v1/query/q` }, /no page of a query/],
    ['a page of something else, roundabout', { id: 'q', nextUri: `${ORIGIN}/v1/statement/../query` }, /no page of a/],
    ['columns that are no list', { id: 'q', columns: {} }, /columns/],
    ['no columns in the list', { id: 'q', columns: [] }, /columns/],
    ['a column without a name', { id: 'q', columns: [{ type: 'bigint' }] }, /column/],
    ['a column without a type', { id: 'q', columns: [{ name: 'n' }] }, /column/],
    ['spooled rows', { id: 'q', data: { encoding: 'json', segments: [] } }, /rows/],
    ['a row that is no list', { id: 'q', data: [[1], { n: 1 }] }, /rows/],
  ])('with %s is refused', (_, body, message) => {
    expect(() => read(body)).toThrow(
      expect.objectContaining({ code: 'ENGINE_UNAVAILABLE', message: expect.stringMatching(message) }),
    );
  });

  test('says in its message of no host', () => {
    expect(() => read({ id: 'q', nextUri: 'https://evil.test/v1' })).toThrow(
      expect.objectContaining({
        message: expect.not.stringContaining('evil'),
        cause: expect.objectContaining({ message: expect.stringContaining('evil') }),
      }),
    );
  });
});

describe('an answer', () => {
  const columns = [
    { name: 'n', type: 'bigint' },
    { name: 'v', type: 'double' },
  ];
  const add = (pages: readonly Record<string, unknown>[], maxRows = 10) => {
    const answer = startAnswer(maxRows);
    for (const { stats = {}, ...fields } of pages)
      answer.add(read({ id: 'q', stats: { state: 'FINISHED', ...(stats as object) }, ...fields }));
    return answer.finish();
  };

  test('is all rows in the order of the pages, and the figures of the last one', () => {
    expect(
      add([
        { data: [] },
        { columns, data: [[1, 'NaN']], stats: { processedRows: 1 } },
        { columns },
        { data: [[2, 0.5]], stats: { processedRows: 7, processedBytes: 80 } },
      ]),
    ).toStrictEqual({
      queryId: 'q',
      columns,
      rows: [
        { n: 1, v: Number.NaN },
        { n: 2, v: 0.5 },
      ],
      processedRows: 7,
      processedBytes: 80,
    });
  });

  test.each<[string, readonly Record<string, unknown>[], RegExp]>([
    ['rows, but no columns', [{ data: [[1, 2]] }], /no columns/],
    ['a short row', [{ columns, data: [[1]] }], /as many values/],
    ['a long row', [{ columns, data: [[1, 2, 3]] }], /as many values/],
    ['fewer columns later', [{ columns }, { columns: columns.slice(1) }], /page before/],
    ['other names later', [{ columns }, { columns: columns.toReversed() }], /page before/],
    [
      'other types later',
      [{ columns }, { columns: columns.map(({ name }) => ({ name, type: 'date' })) }],
      /page before/,
    ],
    ['a last page while the query runs', [{ columns, stats: { state: 'RUNNING' } }], /not finished/],
    ['a last page that does not say how far its query is', [{ columns, stats: { state: undefined } }], /not finished/],
    ['a last page of a query that failed', [{ columns, stats: { state: 'FAILED' } }], /not finished/],
    ['a value of another type', [{ columns, data: [['x', 1]] }], /type of its column/],
  ])('with %s is refused', (_, pages, message) => {
    expect(() => add(pages)).toThrow(
      expect.objectContaining({ code: 'ENGINE_UNAVAILABLE', message: expect.stringMatching(message) }),
    );
  });

  test('with more rows than may be is refused, never cut', () => {
    const data = [
      [1, 1],
      [2, 1],
    ];
    expect(add([{ columns, data }], 2).rows).toHaveLength(2);
    expect(() => add([{ columns, data }, { data }], 3)).toThrow(
      expect.objectContaining({ code: 'ENGINE_RESULT_TOO_LARGE' }),
    );
  });

  test('a column may be called __proto__', () => {
    const [row] = add([{ columns: [{ name: '__proto__', type: 'bigint' }], data: [[1]] }]).rows;
    expect(Object.entries(row!)).toStrictEqual([['__proto__', 1]]);
  });
});
