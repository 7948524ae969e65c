import { beforeAll, describe, expect, test } from 'vitest';
import type { MetricService } from '../../src/graphql/context.ts';
import { ask, type Data, type TestService } from '../support/service.ts';
import { codes } from './support.ts';
import { world } from './world.ts';

let service: TestService;
beforeAll(async () => {
  service = await world();
});

/** The same service, and every statement that reaches its engine. */
function watched(): { readonly service: MetricService; readonly ran: string[] } {
  const ran: string[] = [];
  const run: MetricService['runner']['run'] = (statement, options) => {
    ran.push(statement.sql);
    return service.runner.run(statement, options);
  };
  const query: MetricService['engine']['query'] = (statement, options) => {
    ran.push(statement.sql);
    return service.engine.query(statement, options);
  };
  const { dialect } = service.engine;
  const engine = { dialect, query, describe: query as never, parseExpression: query as never, close: async () => {} };
  return { service: { ...service, catalog: service.catalog, refresh: service.refresh, engine, runner: { run } }, ran };
}

const STATEMENT = 'statements { sql parameters dialect purpose hash template elapsedMs rows requests }';
const PLAN = `query Plan($document: String!, $variables: JSON, $operationName: String) { explain(document: $document, variables: $variables, operationName: $operationName) { ${STATEMENT} } }`;

/** Documents that show where their numbers come from, by the path of the node. */
const DOCUMENTS: readonly (readonly [string, (data: Data) => Data])[] = [
  [
    `{ experiment(key: "main") { assignments { units provenance { ${STATEMENT} } } } }`,
    ({ experiment }) => [experiment.assignments],
  ],
  [
    `{ experiment(key: "main") { sampleRatioMismatch(where: { test: { dimension: "vip", operator: EQ, values: ["true"] } }) { pValue timeline { pValue } provenance { ${STATEMENT} } } } }`,
    ({ experiment }) => [experiment.sampleRatioMismatch],
  ],
  [
    `{ experiment(key: "main") { results(filter: { metrics: ["revenue", "basket"] }) { nodes { difference { value } provenance { ${STATEMENT} } } } } }`,
    ({ experiment }) => experiment.results.nodes,
  ],
  [
    `{ experiment(key: "main") { results(analysis: { asOf: "2026-03-10T00:00:00Z" }) { nodes { flags adjustedPValue guardrail provenance { ${STATEMENT} } } } } }`,
    ({ experiment }) => experiment.results.nodes,
  ],
  [
    `{ experiment(key: "main") { summary { verdict provenance { ${STATEMENT} } } } }`,
    ({ experiment }) => [experiment.summary],
  ],
  [
    `{ experimentResults(experiments: ["main"]) { rows provenance { ${STATEMENT} } } }`,
    ({ experimentResults }) => [experimentResults],
  ],
];

const textOf = ({ sql, parameters, purpose, hash, dialect }: Data) => ({ sql, parameters, purpose, hash, dialect });
const byHash = (statements: readonly Data[]) =>
  [...new Map(statements.map((one) => [one.hash, textOf(one)])).entries()].sort().map(([, one]) => one);

describe('explain', () => {
  test.each(DOCUMENTS)('runs nothing, and shows what provenance then shows: %s', async (document, nodesOf) => {
    const dry = watched();
    const { statements } = (await ask(dry.service, PLAN, { document })).explain;
    expect(dry.ran).toEqual([]);
    expect(statements.length).toBeGreaterThan(0);
    for (const statement of statements)
      expect(statement).toMatchObject({ dialect: 'DUCKDB', template: false, elapsedMs: null, rows: null });

    const real = watched();
    const nodes = nodesOf(await ask(real.service, document));
    const shown = byHash(nodes.flatMap(({ provenance }: Data) => provenance.statements));
    expect(byHash(statements)).toEqual(shown);
    expect([...real.ran].sort()).toEqual(shown.map(({ sql }) => sql).sort());
  });

  test('asks the same questions of the same statement every time, byte for byte', async () => {
    const [document] = DOCUMENTS[3]!;
    const again = await Promise.all([1, 2, 3].map(() => ask(service, PLAN, { document })));
    expect(new Set(again.map(({ explain }) => JSON.stringify(explain))).size).toBe(1);
  });

  test('statements that depend on data are templates, and what finds the slices is not', async () => {
    const document =
      '{ experiment(key: "main") { results(filter: { sliceBy: ["country"], metrics: ["orders"] }) { nodes { pValue } } } }';
    const dry = watched();
    const { statements } = (await ask(dry.service, PLAN, { document })).explain;
    expect(statements.map(({ purpose, template }: Data) => [purpose, template])).toEqual([
      ['moments', true],
      ['slices', false],
    ]);
    expect(dry.ran).toEqual([]);
  });

  test('takes variables and the name of an operation', async () => {
    const document = `query One($key: String!) { experiment(key: $key) { assignments { units } } } query Two { experiment(key: "plain") { assignments { units } } }`;
    const of = async (variables: Data, operationName: string) =>
      (await ask(service, PLAN, { document, variables, operationName })).explain.statements;
    const [one] = await of({ key: 'main' }, 'One');
    const [two] = await of(null, 'Two');
    expect([one.purpose, two.purpose]).toEqual(['assignments', 'assignments']);
    expect(one.parameters).toContain('main');
    expect(two.parameters).not.toContain('main');
  });

  test('of a document that reads nothing is empty', async () => {
    for (const document of [
      '{ service { version } metrics { totalCount } }',
      '{ experiment(key: "main") { name variants { key } } }',
      '{ experiment(key: "ghost") { assignments { units } } }',
    ]) {
      expect((await ask(service, PLAN, { document })).explain.statements).toEqual([]);
    }
  });

  test.each([
    ['no GraphQL', 'select 1', 'BAD_USER_INPUT'],
    ['an unknown field', '{ experiment(key: "main") { ghost } }', 'BAD_USER_INPUT'],
    [
      'an unknown dimension',
      '{ experiment(key: "main") { assignments(where: { test: { dimension: "ghost", operator: IS_NULL } }) { units } } }',
      'BAD_USER_INPUT',
    ],
    [
      'a moment where there are no times',
      '{ experiment(key: "plain") { assignments(asOf: "2026-03-01T00:00:00Z") { units } } }',
      'NO_TIMESTAMP',
    ],
    ['itself', '{ explain(document: "{ service { version } }") { statements { sql } } }', 'BAD_USER_INPUT'],
    [
      'too many aliases',
      `{ ${Array.from({ length: 40 }, (_, i) => `a${i}: service { version }`).join(' ')} }`,
      'BAD_USER_INPUT',
    ],
  ])('says why a document with %s cannot be explained', async (_, document, code) => {
    const dry = watched();
    expect(await codes(dry.service, PLAN, { document })).toEqual([code]);
    expect(dry.ran).toEqual([]);
  });
});

describe('provenance', () => {
  test('of a node is empty where nothing that reads data was selected beside it', async () => {
    const { experiment } = await ask(
      service,
      `{ experiment(key: "main") { assignments { provenance { ${STATEMENT} catalogHash cached materialized reproducible dataAsOf } } } }`,
    );
    expect(experiment.assignments.provenance).toMatchObject({
      statements: [],
      cached: false,
      materialized: false,
      reproducible: false,
      dataAsOf: '2026-05-01T12:34:00Z',
    });
  });

  test('gives the same rows when its statement is run as it is', async () => {
    const { experiment } = await ask(
      service,
      `{ experiment(key: "main") { assignments { units provenance { ${STATEMENT} } } } }`,
    );
    const [{ sql, parameters, rows }] = experiment.assignments.provenance.statements;
    const again = await service.engine.query({ sql, parameters });
    expect(again.rows).toHaveLength(rows);
    const analysed = again.rows
      .filter(({ reason }) => reason === null)
      .reduce((sum, { units }) => sum + Number(units), 0);
    expect(analysed).toBe(experiment.assignments.units);
  });
});
