import { request } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import { codesOf, type Served, serveTiny } from './support.ts';

let tiny: Served;
beforeAll(async () => {
  tiny = await serveTiny();
});

const GOOD = JSON.stringify({ query: '{ service { version } }' });
const post = (body: string | Uint8Array<ArrayBuffer>, contentType = 'application/json') =>
  tiny.send('/graphql', { method: 'POST', headers: { 'content-type': contentType }, body });
const sized = (bytes: number) => GOOD.padEnd(bytes, ' ');

describe('a body that is', () => {
  const deep = `${'{"not":'.repeat(9_000)}null${'}'.repeat(9_000)}`;
  const cases: readonly (readonly [
    name: string,
    body: string | Uint8Array<ArrayBuffer>,
    contentType: string,
    status: number,
    code: string,
  ])[] = [
    ['an array of operations', `[${GOOD}]`, 'application/json', 400, 'BAD_REQUEST'],
    ['an empty array', '[]', 'application/json', 400, 'BAD_REQUEST'],
    ['cut off', GOOD.slice(0, -3), 'application/json', 400, 'BAD_REQUEST'],
    ['empty', '', 'application/json', 400, 'BAD_REQUEST'],
    ['null', 'null', 'application/json', 400, 'BAD_REQUEST'],
    ['without a query', '{"variables":{}}', 'application/json', 400, 'BAD_REQUEST'],
    ['a query that is no text', '{"query":7}', 'application/json', 400, 'BAD_REQUEST'],
    [
      'after a prototype',
      '{"query":"{ service { version } }","__proto__":{"x":1}}',
      'application/json',
      400,
      'BAD_REQUEST',
    ],
    ['no UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22]), 'application/json', 400, 'BAD_REQUEST'],
    ['one byte too large', sized(256 * 1024 + 1), 'application/json', 413, 'BODY_TOO_LARGE'],
    ['text', GOOD, 'text/plain', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['a form', 'query=1', 'application/x-www-form-urlencoded', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['in UTF-7', GOOD, 'application/json; charset=utf-7', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['in EBCDIC', GOOD, 'application/json;charset="ibm037"', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [
      'thousands of levels deep',
      `{"query":"query($f: ResultFilter) { experiment(key: \\"button\\") { results(filter: $f) { totalCount } } }","variables":{"f":{"where":${deep}}}}`,
      'application/json',
      400,
      'BAD_USER_INPUT',
    ],
  ];
  test.each(cases)('%s is refused', async (_, body, contentType, status, code) => {
    const answer = await post(body, contentType);
    expect([answer.status, codesOf(answer)]).toEqual([status, [code]]);
    expect(Object.keys(answer.json)).toEqual(['errors']);
  });

  test.each([
    ['just as large as it may be', sized(256 * 1024), 'application/json'],
    ['in UTF-8 by name', GOOD, 'application/json; charset=UTF-8'],
  ])('%s is read', async (_, body, contentType) => {
    expect((await post(body, contentType)).status).toBe(200);
  });
});

test('what is not there is said in the same shape', async () => {
  const answer = await tiny.send('/nowhere');
  expect([answer.status, codesOf(answer)]).toEqual([404, ['NOT_FOUND']]);
});

test('a Host header that is no host is refused, not a bug', async () => {
  const status = await new Promise((resolve, reject) => {
    const sent = request(
      `${tiny.url}/graphql`,
      { method: 'POST', headers: { host: 'a b', 'content-type': 'application/json' } },
      (response) => resolve(response.resume().statusCode),
    );
    sent.on('error', reject).end(GOOD);
  });
  expect(status).toBe(400);
  expect(tiny.log()).toEqual([]);
});
