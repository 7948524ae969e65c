import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { encode } from '../../src/graphql/opaque.ts';
import { answer, ask, type Data, type TestService } from '../support/service.ts';
import { codes } from './support.ts';
import { world } from './world.ts';

let service: TestService;
beforeAll(async () => {
  service = await world();
});

const RESULT = `id metric { name } metricVersion { number hash } role slice { dimension value isOther } estimand
  analysis { alpha correction sequential lift maturity asOf control { key } }
  control { variant { key } units mean variance } treatment { variant { key } units mean variance }
  difference { value interval { lower upper } unknown } lift { value interval { lower upper } } pValue adjustedPValue outcome flags family { size members }`;
const again = (id: string) =>
  ask(service, `query Again($id: ID!) { node(id: $id) { id ... on MetricResult { ${RESULT} } } }`, { id }).then(
    ({ node }) => node,
  );

const results = async (filter: unknown = null, analysis: unknown = null): Promise<readonly Data[]> => {
  const { experiment } = await ask(
    service,
    `query Results($filter: ResultFilter, $analysis: AnalysisInput) { experiment(key: "main") { results(filter: $filter, analysis: $analysis) { nodes { ${RESULT} } } } }`,
    { filter, analysis },
  );
  return experiment.results.nodes;
};

const DE = { test: { dimension: 'country', operator: 'EQ', values: ['DE'] } };

/** What is asked for, each another result for the same metric and treatment. */
const ASKED: readonly (readonly [string, Data, Data])[] = [
  ['as it is', null, null],
  ['filtered', { where: DE }, null],
  ['filtered otherwise', { where: { not: DE } }, null],
  ['sliced', { sliceBy: ['country'] }, null],
  ['sliced twice', { sliceBy: ['country', 'vip'] }, null],
  ['at another alpha', null, { alpha: 0.1 }],
  ['at another moment', null, { asOf: '2026-03-10T00:00:00Z' }],
  ['with another control', null, { control: 'b' }],
  ['of all units', null, { maturity: 'ALL' }],
  ['always-valid', null, { sequential: 'ASYMPTOTIC' }],
  ['by another lift', null, { lift: 'LOG' }],
  ['corrected otherwise', null, { correction: 'BONFERRONI' }],
  ['at another version', null, { metricVersions: [{ metric: 'revenue', version: 1 }] }],
];

describe('a result by its id', () => {
  test.each(ASKED)('is the same result: %s', async (_title, filter, analysis) => {
    const nodes = await results(filter, analysis);
    const some = nodes.filter((_, i) => nodes.length < 20 || i % 7 === 0);
    expect(await Promise.all(some.map(({ id }) => again(id)))).toEqual(some);
  });

  test('ids are equal only for what is equal', async () => {
    const all = (await Promise.all(ASKED.map(([, filter, analysis]) => results(filter, analysis))))
      .flat()
      .map(({ id }) => id);
    expect(new Set(all).size).toBe(all.length);
  });

  test('the id does not depend on which other lines were asked for', async () => {
    const [narrow] = await results({ metrics: ['revenue'], treatments: ['b'], roles: ['GOAL'] });
    const wide = (await results()).find(
      ({ metric, treatment }) => metric.name === 'revenue' && treatment.variant.key === 'b',
    );
    expect(narrow).toEqual(wide);
  });

  test('the summary gives the same results as the scorecard', async () => {
    const { experiment } = await ask(
      service,
      `{ experiment(key: "main") { summary { treatments { goals { ${RESULT} } guardrails { ${RESULT} } } } } }`,
    );
    const shown = experiment.summary.treatments.flatMap(({ goals, guardrails }: Data) => [...goals, ...guardrails]);
    const listed = (await results({ roles: ['GOAL', 'GUARDRAIL'] })).map((node) => [node.id, node]);
    expect(new Map(shown.map((node: Data) => [node.id, node]))).toEqual(new Map(listed as [string, Data][]));
  });
});

test('metrics and experiments by their ids', async () => {
  const { metric, experiment } = await ask(
    service,
    '{ metric(name: "revenue") { id name title versions { number } } experiment(key: "c003") { id key name } }',
  );
  const { m, e } = await ask(
    service,
    'query Again($m: ID!, $e: ID!) { m: node(id: $m) { __typename id ... on Metric { name title versions { number } } } e: node(id: $e) { __typename id ... on Experiment { key name } } }',
    { m: metric.id, e: experiment.id },
  );
  expect([m, e]).toEqual([
    { __typename: 'Metric', ...metric },
    { __typename: 'Experiment', ...experiment },
  ]);
});

describe('ids that this service did not give', () => {
  const node = (id: string) => codes(service, 'query Garbage($id: ID!) { node(id: $id) { id } }', { id });

  test.each([
    ['is no id', 'garbage', ['BAD_USER_INPUT']],
    ['is empty', '', ['BAD_USER_INPUT']],
    ['is of an unknown type', encode(['Planet', 'mars']), []],
    ['is of an unknown metric', encode(['Metric', 'ghost']), []],
    ['is of no name', encode(['Metric', 7]), ['BAD_USER_INPUT']],
    ['is of an unknown experiment', encode(['MetricResult', 'ghost', 'revenue', 2, 'a', null, null, null, {}]), []],
    [
      'is of a metric that the experiment lacks',
      encode(['MetricResult', 'main', 'old', 1, 'a', null, null, null, {}]),
      [],
    ],
    [
      'is of an unknown version',
      encode(['MetricResult', 'main', 'revenue', 9, 'a', null, null, null, {}]),
      ['UNKNOWN_METRIC_VERSION'],
    ],
    [
      'is of an unknown treatment',
      encode(['MetricResult', 'main', 'revenue', 2, 'ghost', null, null, null, {}]),
      ['BAD_USER_INPUT'],
    ],
    ['is of an unknown slice', encode(['MetricResult', 'main', 'revenue', 2, 'a', ['XX'], ['country'], null, {}]), []],
    ['is cut short', encode(['MetricResult', 'main', 'revenue']), ['BAD_USER_INPUT']],
    [
      'holds a treatment that is no text',
      encode(['MetricResult', 'main', 'revenue', 2, { a: 1 }, null, null, null, {}]),
      ['BAD_USER_INPUT'],
    ],
    [
      'holds a filter that is none',
      encode(['MetricResult', 'main', 'revenue', 2, 'a', null, null, { kind: 'or 1=1' }, {}]),
      ['BAD_USER_INPUT'],
    ],
    [
      'holds an operator that is none',
      encode([
        'MetricResult',
        'main',
        'revenue',
        2,
        'a',
        null,
        null,
        { kind: 'test', dimension: 'country', operator: '; drop', values: ['x'] },
        {},
      ]),
      ['BAD_USER_INPUT'],
    ],
    [
      'holds an analysis that is none',
      encode(['MetricResult', 'main', 'revenue', 2, 'a', null, null, null, { lift: 'MAGIC' }]),
      ['BAD_USER_INPUT'],
    ],
  ])('one that %s', async (_, id, expected) => {
    expect(await node(id)).toEqual(expected);
  });

  test('never reach what we would call a bug', async () => {
    const piece = fc.oneof(fc.constantFrom('main', 'revenue', 'a', 'country', 2, null), fc.jsonValue({ maxDepth: 2 }));
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 9 }), async (parts) => {
        const reply = await answer(service, 'query Garbage($id: ID!) { node(id: $id) { id } }', {
          id: encode(['MetricResult', 'main', 'revenue', 2, ...parts]),
        });
        expect(
          reply.errors.map(({ extensions }) => extensions?.code).filter((code) => code !== 'BAD_USER_INPUT'),
        ).toEqual([]);
      }),
      { numRuns: 100, seed: 7 },
    );
  });
});
