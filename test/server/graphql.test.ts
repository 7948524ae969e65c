import { beforeAll, describe, expect, test } from 'vitest';
import { codesOf, type Served, serveTiny } from './support.ts';

let tiny: Served;
beforeAll(async () => {
  tiny = await serveTiny();
});

const SCORECARD = `query Scorecard($key: String!, $first: Int) {
  experiment(key: $key) {
    results(first: $first) { totalCount nodes { metric { name } treatment { units mean } lift { value interval { lower upper } unknown } pValue outcome } }
  }
}`;

describe('answers', () => {
  test('a scorecard, with numbers that JSON can hold', async () => {
    const answer = await tiny.ask(SCORECARD, { key: 'button', first: 10 });
    expect(answer.status).toBe(200);
    expect(answer.json.errors).toBeUndefined();
    const { totalCount, nodes } = answer.json.data.experiment.results;
    expect(totalCount).toBe(3);
    expect(nodes[0]).toMatchObject({ metric: { name: 'revenue' }, treatment: { units: 30 } });
    expect(answer.text).not.toMatch(/\b(NaN|Infinity)\b/);
  });

  test('are not kept by anyone, and are not sniffed', async () => {
    const { headers } = await tiny.ask('{ service { version } }');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('introspection is on', async () => {
    const answer = await tiny.ask(
      '{ __schema { mutationType { name } types { name fields { name type { ofType { name } } } } } }',
    );
    expect(answer.json.data.__schema.mutationType.name).toBe('RootMutation'.replace('Root', ''));
  });
});

describe('GET', () => {
  const get = (query: string, headers: Record<string, string> = { 'apollo-require-preflight': '1' }) =>
    tiny.send(`/graphql?query=${encodeURIComponent(query)}`, { headers });

  test('answers a query', async () => {
    const answer = await get('{ experiment(key: "button") { name } }');
    expect([answer.status, answer.json.data.experiment.name]).toEqual([200, 'button']);
  });

  test('refuses a mutation', async () => {
    const answer = await get('mutation { refresh(input: {}) { statements } }');
    expect([answer.status, answer.headers.get('allow'), codesOf(answer)]).toEqual([405, 'POST', ['BAD_REQUEST']]);
  });

  test('that a page of another site could send is refused', async () => {
    const answer = await get('{ service { version } }', {});
    expect([answer.status, codesOf(answer)]).toEqual([400, ['BAD_REQUEST']]);
  });
});

describe('faults of a request have a status and a code', () => {
  const cases: readonly (readonly [name: string, query: string, variables: unknown, status: number, code: string])[] = [
    ['syntax error', '{ service { version }', undefined, 400, 'GRAPHQL_PARSE_FAILED'],
    ['empty document', '# nothing', undefined, 400, 'GRAPHQL_PARSE_FAILED'],
    ['unknown field', '{ service { versio } }', undefined, 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['missing argument', '{ experiment { name } }', undefined, 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['missing variable', SCORECARD, {}, 400, 'BAD_USER_INPUT'],
    ['null for a variable that must not be null', SCORECARD, { key: null }, 400, 'BAD_USER_INPUT'],
    ['variable of the wrong type', SCORECARD, { key: 7 }, 400, 'BAD_USER_INPUT'],
    ['first of 1.5', SCORECARD, { key: 'button', first: 1.5 }, 400, 'BAD_USER_INPUT'],
    ['first of "10"', SCORECARD, { key: 'button', first: '10' }, 400, 'BAD_USER_INPUT'],
    ['first of 2^31', SCORECARD, { key: 'button', first: 2 ** 31 }, 400, 'BAD_USER_INPUT'],
    ['first of 0', SCORECARD, { key: 'button', first: 0 }, 200, 'BAD_USER_INPUT'],
    ['first of -1', SCORECARD, { key: 'button', first: -1 }, 200, 'BAD_USER_INPUT'],
    ['first of 501', SCORECARD, { key: 'button', first: 501 }, 200, 'BAD_USER_INPUT'],
    ['literal 1.5', '{ metrics(first: 1.5) { totalCount } }', undefined, 400, 'GRAPHQL_VALIDATION_FAILED'],
    [
      '30 February',
      '{ experiment(key: "button") { assignments(asOf: "2026-02-30T00:00:00Z") { units } } }',
      undefined,
      400,
      'BAD_USER_INPUT',
    ],
    ['garbage for a cursor', '{ metrics(after: "garbage") { totalCount } }', undefined, 200, 'BAD_USER_INPUT'],
    ['an id of nobody', '{ node(id: "garbage") { id } }', undefined, 200, 'BAD_USER_INPUT'],
    [
      'unknown metric',
      '{ experiment(key: "button") { results(filter: { metrics: ["x"] }) { totalCount } } }',
      undefined,
      200,
      'UNKNOWN_METRIC',
    ],
    [
      'unknown experiment in a list',
      '{ experimentResults(experiments: ["x"]) { totalCount } }',
      undefined,
      200,
      'UNKNOWN_EXPERIMENT',
    ],
    [
      'explain of an explain',
      '{ explain(document: "{ explain(document: \\"{ service { version } }\\") { estimatedRows } }") { estimatedRows } }',
      undefined,
      200,
      'BAD_USER_INPUT',
    ],
    [
      'explain of a mutation',
      '{ explain(document: "mutation { refresh(input: {}) { statements } }") { estimatedRows } }',
      undefined,
      200,
      'BAD_USER_INPUT',
    ],
  ];

  test.each(cases)('%s', async (_, query, variables, status, code) => {
    const answer = await tiny.ask(query, variables);
    expect([answer.status, codesOf(answer)[0]]).toEqual([status, code]);
    expect(answer.text).not.toMatch(/\bselect\b|\/work|\/tmp|node_modules|\.[jt]s\b|\n\s+at /i);
  });

  test('an operation that the document does not have', async () => {
    const answer = await tiny.ask('query A { service { version } }', undefined, { operationName: 'B' });
    expect([answer.status, codesOf(answer)]).toEqual([400, ['OPERATION_RESOLUTION_FAILURE']]);
  });

  test('variables that no operation declares are ignored', async () => {
    const answer = await tiny.ask('{ service { version } }', { other: 1 });
    expect([answer.status, answer.json.errors]).toEqual([200, undefined]);
  });

  test('a cursor of another list', async () => {
    const first = await tiny.ask('{ metrics(first: 1) { pageInfo { endCursor } } }');
    const answer = await tiny.ask('query($after: String) { experiments(after: $after) { totalCount } }', {
      after: first.json.data.metrics.pageInfo.endCursor,
    });
    expect(codesOf(answer)).toEqual(['CURSOR_EXPIRED']);
  });

  test('a suggestion is made', async () => {
    expect((await tiny.ask('{ service { versio } }')).json.errors[0].message).toContain('Did you mean "version"?');
  });

  test('an unknown experiment is null and no error', async () => {
    expect((await tiny.ask('{ experiment(key: "x") { name } }')).json).toEqual({ data: { experiment: null } });
  });
});
