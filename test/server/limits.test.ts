import { getIntrospectionQuery } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { MAX_ALIASES, MAX_DIRECTIVES, MAX_ROOT_FIELDS, MAX_TOKENS } from '../../src/graphql/limits.ts';
import { codesOf, onEngine, overHttp, type Served, serveTiny } from './support.ts';

let asked = 0;
let tiny: Served;
beforeAll(async () => {
  const { service } = await serveTiny();
  tiny = await overHttp(
    onEngine(service, (statement, options) => {
      asked += 1;
      return service.engine.query(statement, options);
    }),
  );
});

const units = 'assignments { units }';
const times = (count: number, make: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => make(i)).join(' ');
const experiment = (inside: string) => `{ experiment(key: "button") { ${inside} } }`;

/** Documents that are just as large as the limit, by what is counted. */
const DOCUMENTS: readonly (readonly [what: string, most: number, make: (count: number) => string])[] = [
  ['aliases', MAX_ALIASES, (n) => experiment(times(n, (i) => `a${i}: ${units}`))],
  [
    'aliases in a fragment',
    MAX_ALIASES,
    (n) => `${experiment('...F')} fragment F on Experiment { ${times(n, (i) => `a${i}: ${units}`)} }`,
  ],
  [
    'aliases in introspection',
    MAX_ALIASES,
    (n) => `{ __schema { ${times(n, (i) => `a${i}: types { name }`)} } experiment(key: "button") { ${units} } }`,
  ],
  ['directives', MAX_DIRECTIVES, (n) => experiment(`${times(n, () => '... @include(if: true) { key }')} ${units}`)],
  [
    'root fields',
    MAX_ROOT_FIELDS,
    (n) => `{ experiment(key: "button") { ${units} } ${times(n - 1, (i) => `a${i}: service { version }`)} }`,
  ],
  [
    'root fields in fragments',
    MAX_ROOT_FIELDS,
    (n) =>
      `{ experiment(key: "button") { ${units} } ...F } fragment F on Query { ${times(n - 1, (i) => `a${i}: service { version }`)} }`,
  ],
  [
    'tokens',
    MAX_TOKENS,
    (n) =>
      `{ experiment(key: "button") { ${units} } metrics(filter: { tags: [${times(n - 28, () => '"t"')}] }) { totalCount } }`,
  ],
];

describe('a document at the limit', () => {
  test.each(DOCUMENTS)('of %s is answered', async (_, most, make) => {
    const answer = await tiny.ask(make(most));
    expect([answer.status, answer.json.errors]).toEqual([200, undefined]);
    expect(answer.text).toContain('"units":60');
  });
});

describe('a document beyond the limit', () => {
  test.each(DOCUMENTS)('of %s is refused before anything runs', async (_, most, make) => {
    const before = asked;
    const answer = await tiny.ask(make(most + 1));
    expect([answer.status, codesOf(answer)]).toEqual([400, ['DOCUMENT_TOO_LARGE']]);
    expect(asked).toBe(before);
  });

  test.each([
    ['a string of fields', `{ ${'a '.repeat(100_000)} }`],
    ['8,000 aliases', `{ ${times(8_000, (i) => `a${i}: service { version }`)} }`],
  ])('by far: %s', async (_, document) => {
    const answer = await tiny.ask(document);
    expect([answer.status, codesOf(answer)]).toEqual([400, ['DOCUMENT_TOO_LARGE']]);
  });

  // No path of the schema is as deep as the limit, so these fields do not exist; both faults are told.
  test.each([
    [10, false],
    [11, true],
  ])('%i levels: refused for their depth is %s', async (depth, refused) => {
    const answer = await tiny.ask(`${'{ a '.repeat(depth)}${'}'.repeat(depth)}`);
    expect([answer.status, codesOf(answer).includes('DOCUMENT_TOO_LARGE')]).toEqual([400, refused]);
  });

  test.each([
    [50, undefined],
    [51, 'DOCUMENT_TOO_LARGE'],
  ])('a value of %i levels: %s', async (depth, code) => {
    const inner = depth - 3; // `filter`, and two of the test at the bottom
    const where = `${'{ not: '.repeat(inner)}{ test: { dimension: "country", operator: EQ, values: "DE" } }${' }'.repeat(inner)}`;
    const answer = await tiny.ask(experiment(`results(filter: { where: ${where} }) { totalCount }`));
    expect(codesOf(answer).includes('DOCUMENT_TOO_LARGE')).toBe(code !== undefined);
  });
});

test.each([
  ['a fragment that spreads itself', '{ experiment(key: "button") { ...A } } fragment A on Experiment { key ...A }'],
  [
    'two that spread each other',
    '{ experiment(key: "button") { ...A } } fragment A on Experiment { ...B } fragment B on Experiment { ...A }',
  ],
])('%s is refused', async (_, document) => {
  const answer = await tiny.ask(document);
  expect([answer.status, new Set(codesOf(answer))]).toEqual([400, new Set(['GRAPHQL_VALIDATION_FAILED'])]);
});

test('a fragment or an operation may be called __schema, and is measured like any other', async () => {
  const named = (n: number) =>
    `query __schema { experiment(key: "button") { ...__schema } } fragment __schema on Experiment { ${times(n, (i) => `a${i}: key`)} }`;
  expect((await tiny.ask(named(MAX_ALIASES))).status).toBe(200);
  expect(codesOf(await tiny.ask(named(MAX_ALIASES + 1)))).toEqual(['DOCUMENT_TOO_LARGE']);
});

test("the tools' introspection is answered", async () => {
  const answer = await tiny.ask(
    getIntrospectionQuery({ inputValueDeprecation: true, specifiedByUrl: true, oneOf: true }),
  );
  expect([answer.status, answer.json.errors]).toEqual([200, undefined]);
});

test('introspection that goes round in circles is refused', async () => {
  const answer = await tiny.ask(
    '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }',
  );
  expect([answer.status, codesOf(answer)]).toEqual([400, ['GRAPHQL_VALIDATION_FAILED']]);
});
