import { describe, expect, test } from 'vitest';
import { identityHeaders, isHeaderText, statementHeaders, userOf } from '../../../src/engine/trino/headers.ts';
import { TRINO_DEFAULTS } from '../../../src/engine/trino/options.ts';

const headers = (options = {}, context = {}) =>
  statementHeaders({ ...TRINO_DEFAULTS, ...options }, { labels: {}, remainingMs: 59_001, ...context });

describe('the headers of a statement', () => {
  test('by default', () => {
    expect(headers()).toStrictEqual({
      'Content-Type': 'text/plain; charset=utf-8',
      'X-Trino-Source': 'liftql',
      'X-Trino-Client-Tags': 'metric-layer',
      'X-Trino-Client-Info': '{}',
      'X-Trino-Time-Zone': 'UTC',
      'X-Trino-Client-Capabilities': 'PARAMETRIC_DATETIME',
      'X-Trino-Session': 'query_max_run_time=60s',
    });
  });

  test('with everything set', () => {
    const options = { catalog: 'iceberg', schema: 'shop', clientTags: ['a', 'b'], session: { x: 'a,b=c d+é' } };
    expect(headers(options, { labels: { requestId: 'r-1', purpose: 'moments' } })).toMatchObject({
      'X-Trino-Catalog': 'iceberg',
      'X-Trino-Schema': 'shop',
      'X-Trino-Client-Tags': 'a,b',
      'X-Trino-Client-Info': '{"requestId":"r-1","purpose":"moments"}',
      'X-Trino-Trace-Token': 'r-1',
      'X-Trino-Session': 'x=a%2Cb%3Dc%20d%2B%C3%A9,query_max_run_time=60s',
    });
  });

  test.each<[string, string]>([
    ['10s', '10s'],
    ['59s', '59s'],
    ['500ms', '500ms'],
    ['0.5m', '0.5m'],
    ['1h', '60s'],
    ['1d', '60s'],
    ['what Trino will refuse', 'what%20Trino%20will%20refuse'],
  ])('a query_max_run_time of %s becomes %s', (own, sent) => {
    expect(headers({ session: { query_max_run_time: own } })['X-Trino-Session']).toBe(`query_max_run_time=${sent}`);
  });

  test('the limit is never zero', () => {
    expect(headers({}, { remainingMs: 0 })['X-Trino-Session']).toBe('query_max_run_time=1s');
  });

  test('labels are cleaned and kept short, not refused', () => {
    const sent = headers(
      {},
      { labels: { requestId: 'a\r\nX-Trino-User: root é 😀', purpose: `"é\n${'😀'.repeat(5000)}` } },
    );
    expect(sent['X-Trino-Trace-Token']).toBe('aX-Trino-User:root');
    expect(sent['X-Trino-Client-Info']).toMatch(/^[\x20-\x7e]{1,2000}$/);
    expect(JSON.parse(sent['X-Trino-Client-Info']!)).toMatchObject({ requestId: 'a\r\nX-Trino-User: root é 😀' });
    expect(headers({}, { labels: { requestId: '\n' } })).not.toHaveProperty('X-Trino-Trace-Token');
  });
});

test('the identity goes with every exchange', () => {
  expect(identityHeaders('ada', 'Bearer x')).toStrictEqual({
    'User-Agent': 'liftql',
    Accept: 'application/json',
    'X-Trino-User': 'ada',
    Authorization: 'Bearer x',
  });
  expect(identityHeaders('ada', null)).not.toHaveProperty('Authorization');
});

test.each<[string, boolean]>([
  ['ada', true],
  ['ada@example.com', true],
  ['Ada Lovelace', true],
  ['é', true],
  ['', true],
  [' ada', false],
  ['ada ', false],
  ['a\r\nb', false],
  ['a\tb', false],
  ['a\0', false],
  ['a\x7f', false],
  ['a\x85', false],
  ['Ł', false],
])('%j can be in a header: %s', (text, expected) => {
  expect(isHeaderText(text)).toBe(expected);
});

describe('the user of a query', () => {
  test('is that of the service unless queries impersonate', () => {
    expect(userOf({ user: 'svc', impersonate: false }, 'ada')).toBe('svc');
    expect(userOf({ user: 'svc', impersonate: false }, null)).toBe('svc');
    expect(userOf({ user: 'svc', impersonate: true }, 'ada')).toBe('ada');
  });

  test.each([null, undefined, '', 'a\nb', 'Ł', 'ada '])('%j cannot be impersonated', (user) => {
    expect(() => userOf({ user: 'svc', impersonate: true }, user)).toThrow(
      expect.objectContaining({ code: 'ENGINE_UNAUTHORIZED' }),
    );
  });
});
