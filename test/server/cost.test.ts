import {
  getNamedType,
  getNullableType,
  getOperationAST,
  isEnumType,
  isListType,
  isObjectType,
  parse,
  validate,
} from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { resultColumns } from '../../src/experiment/results-table.ts';
import { createContext, type MetricService } from '../../src/graphql/context.ts';
import { estimateCells } from '../../src/graphql/cost.ts';
import { explainDocument } from '../../src/graphql/explain.ts';
import { LIST_BOUNDS, TABLE_ROW_CELLS } from '../../src/graphql/list-bounds.ts';
import { createSchema } from '../../src/graphql/schema.ts';
import { codesOf, onEngine, overHttp, serveTiny, TINY } from './support.ts';

const metricNames = Array.from({ length: 20 }, (_, i) => `m${i}`);
const LARGE = `${TINY['catalog.yaml']!.split('\nexperiments:')[0]}
${metricNames.map((name) => `  ${name}: { type: mean, source: events, value: { column: amount, aggregate: sum }, window: { length: 7d }, goodWhen: up }`).join('\n')}
experiments:
  large:
    unit: user_id
    assignments: assignments
    timezone: UTC
    start: 2026-03-01T00:00:00Z
    end: 2026-04-01T00:00:00Z
    variants: { a: { weight: 0.2, control: true }, b: { weight: 0.2 }, c: { weight: 0.2 }, d: { weight: 0.2 }, e: { weight: 0.2 } }
    goals: [${metricNames.slice(0, 10).join(', ')}]
    diagnostics: [${metricNames.slice(10).join(', ')}]
`;

let service: MetricService;
beforeAll(async () => {
  service = (await serveTiny({ 'catalog.yaml': LARGE })).service;
});

function cells(text: string, variables: Readonly<Record<string, unknown>> = {}): number {
  const { schema } = service;
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  return estimateCells({
    schema,
    session: createContext(service).session,
    document,
    operation: getOperationAST(document)!,
    variables,
  });
}

const results = (args: string, inside: string) => `{ experiment(key: "large") { results${args} { ${inside} } } }`;
/** 40 leaves. */
const FULL = `nodes {
  id role estimand metric { name title goodWhen format } metricVersion { number hash }
  control { variant { key } units mean variance standardError interval { lower upper } }
  treatment { variant { key } units mean variance standardError interval { lower upper } }
  difference { value standardError interval { lower upper } pValue unknown }
  lift { value interval { lower upper level } unknown }
  pValue adjustedPValue statistic degreesOfFreedom outcome
}`;

describe('the estimate', () => {
  test('of a full scorecard of 20 metrics × 4 treatments is its size, far below the limit', () => {
    expect(cells(results('', FULL))).toBe(80 * 39);
  });

  test.each([
    ['a page is as long as first', '(first: 7)', 7],
    ['a filter by metric leaves its lines', '(filter: { metrics: ["m1", "m2"] })', 8],
    ['a filter by role leaves its lines', '(filter: { roles: [DIAGNOSTIC] })', 40],
    ['a filter by treatment leaves its lines', '(filter: { treatments: ["b"] })', 20],
    ['slices multiply, up to the page', '(filter: { sliceBy: ["country"] })', 200],
    [
      'slices multiply, up to the largest page',
      '(first: 500, filter: { sliceBy: ["country"], metrics: ["m1"], treatments: ["b"] })',
      51,
    ],
    [
      'a page that will be refused costs no more than the largest',
      '(first: 100000, filter: { sliceBy: ["country"] })',
      500,
    ],
    ['a page of less than nothing costs nothing', '(first: -5)', 0],
  ])('%s', (_, args, lines) => {
    expect(cells(results(args, 'nodes { pValue }'))).toBe(lines);
  });

  test('counts edges and nodes, aliases, and what variables say', () => {
    expect(cells(results('(first: 3)', 'totalCount edges { node { pValue } } nodes { a: pValue b: pValue }'))).toBe(
      1 + 3 + 6,
    );
    const document = 'query($n: Int = 2) { experiment(key: "large") { results(first: $n) { nodes { pValue } } } }';
    expect([cells(document, { n: 5 }), cells(results('(first: 1)', 'nodes { pValue @skip(if: true) role }'))]).toEqual([
      5, 1,
    ]);
  });

  test('counts a fragment once where it is spread again, as it is executed', () => {
    const spread = `{ experiment(key: "large") { results(first: 10) { ...A ...A nodes { ...B } nodes { ...B pValue } } } }
      fragment A on MetricResultConnection { nodes { ...B } } fragment B on MetricResult { pValue ...C } fragment C on Node { id }`;
    expect(cells(spread)).toBe(20);
  });

  test('of fragments that multiply at every level takes no time', () => {
    const levels = ['Experiment', 'Assignments', 'Exclusion', 'ArmUnits', 'Variant'];
    const fields = ['assignments', 'excluded', 'byVariant', 'variant'];
    const fragment = (type: string, i: number) =>
      `fragment F${i} on ${type} { ${i < 4 ? `${fields[i]} { ...F${i + 1} } `.repeat(50) : 'key'} }`;
    expect(cells(`{ experiment(key: "large") { ...F0 } } ${levels.map(fragment).join(' ')}`)).toBe(7 * 5);
  });

  test('of a table is its rows, each as a few cells, and what must be listed to take the page', () => {
    const table = '{ experimentResults(experiments: ["large"], first: 10) { columns { name } rows } }';
    const width = resultColumns([]).length;
    expect(cells(table)).toBe(80 + width + 10 * TABLE_ROW_CELLS);
    expect(cells('{ experimentSummaries { records } }')).toBe(4 + 4 * TABLE_ROW_CELLS);
  });

  test('of an unknown experiment is nothing', () => {
    expect(cells('{ experiment(key: "x") { name results { nodes { pValue } } } }')).toBe(0);
  });

  test('of introspection is nothing', () => {
    expect(cells('{ __schema { types { name } } }')).toBe(0);
  });
});

describe('an operation above the limit', () => {
  const many = Array.from(
    { length: 8 },
    (_, i) => `a${i}: results(first: 500, filter: { sliceBy: ["country"] }) { ...R }`,
  ).join(' ');
  const HUGE = `query($key: String!) { experiment(key: $key) { ${many} } } fragment R on MetricResultConnection { ${FULL} }`;

  test('is refused with its estimate before anything runs', async () => {
    let asked = 0;
    const served = await overHttp(
      onEngine(service, () => {
        asked += 1;
        return Promise.reject(new Error('must not be asked'));
      }),
    );
    const answer = await served.ask(HUGE, { key: 'large' });
    expect([answer.status, codesOf(answer), asked]).toEqual([400, ['COST_LIMIT'], 0]);
    expect(answer.json.errors[0].message).toMatch(
      /^The operation may resolve up to 156,000 values; at most 100,000 are allowed\./,
    );
    expect(codesOf(await served.ask(HUGE))).toEqual(['BAD_USER_INPUT']);
  });

  test('is refused in this process and by explain too', async () => {
    await expect(explainDocument(service, { document: HUGE, variables: { key: 'large' } })).rejects.toMatchObject({
      code: 'COST_LIMIT',
    });
  });

  test('is measured by the limit of the service', async () => {
    const served = await overHttp({ ...service, maxCells: 80 });
    const just = results('', 'nodes { pValue }');
    expect(codesOf(await served.ask(just))).toEqual([]);
    expect(codesOf(await served.ask(just.replace('pValue', 'pValue role')))).toEqual(['COST_LIMIT']);
  });
});

test('every list of the schema has a bound (src/graphql/list-bounds.ts), and every bound a list', () => {
  const lists = Object.values(createSchema().getTypeMap()).flatMap((type) =>
    isObjectType(type) && !type.name.startsWith('__')
      ? Object.values(type.getFields()).flatMap((field) =>
          isListType(getNullableType(field.type)) && !isEnumType(getNamedType(field.type))
            ? [`${type.name}.${field.name}`]
            : [],
        )
      : [],
  );
  expect(Object.keys(LIST_BOUNDS).sort()).toEqual(lists.sort());
});
