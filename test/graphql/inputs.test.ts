import { beforeAll, describe, expect, test } from 'vitest';
import { answer, ask, type Data, type TestService } from '../support/service.ts';
import { codes } from './support.ts';
import { world } from './world.ts';

let service: TestService;
beforeAll(async () => {
  service = await world();
});

const SUMMARY_AT = (asOf: string) => `{ experiment(key: "main") { assignments(asOf: ${asOf}) { units } } }`;
const VARIABLE = 'query Asked($asOf: DateTime) { experiment(key: "main") { assignments(asOf: $asOf) { units } } }';

describe('DateTime', () => {
  test.each([
    '2024-02-30T00:00:00Z',
    '2024-02-30',
    'yesterday',
    '2026-03-10',
    '2026-03-10T00:00:00',
    '2026-03-10T00:00',
    '2026-03-10T24:30:00Z',
    '2026-03-10T00:00:00+99:00',
    '2026-03-10T00:00:00+05:60',
    '2026-13-01T00:00:00Z',
    '+12026-03-10T00:00:00Z',
    '1767225600',
    '',
    'NaN',
  ])('refuses %j', async (text) => {
    expect(await codes(service, SUMMARY_AT(JSON.stringify(text)))).toEqual(['BAD_USER_INPUT']);
    expect(await codes(service, VARIABLE, { asOf: text })).toEqual(['BAD_USER_INPUT']);
  });

  test.each(['1767225600', 'true', '{ year: 2026 }', '["2026-03-10T00:00:00Z"]'])(
    'refuses what is no text: %s',
    async (literal) => {
      expect((await codes(service, SUMMARY_AT(literal))).length).toBe(1);
    },
  );

  test.each([
    ['2026-03-02T00:00:00Z', '2026-03-02T00:00:00Z'],
    ['2026-03-02t00:00:00z', '2026-03-02T00:00:00Z'],
    ['2026-03-02T02:00:00+02:00', '2026-03-02T00:00:00Z'],
    ['2026-03-01T18:30:00-05:30', '2026-03-02T00:00:00Z'],
    ['2026-03-02T00:00:00.250Z', '2026-03-02T00:00:00.25Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
  ])('takes %s as %s', async (asOf, echoed) => {
    const { experiment } = await ask(
      service,
      'query Asked($asOf: DateTime) { experiment(key: "main") { assignments(asOf: $asOf) { provenance { dataAsOf } } } }',
      { asOf },
    );
    expect(experiment.assignments.provenance.dataAsOf).toBe(echoed);
  });
});

const FILTERED =
  'query Filtered($where: FilterInput) { experiment(key: "main") { assignments(where: $where) { units arms { units } } results(filter: { where: $where, metrics: ["orders"] }) { nodes { control { units } } } } }';
const test_ = (dimension: string, operator: string, ...values: string[]): Data => ({
  test: { dimension, operator, values },
});
const units = async (where: Data) => {
  const { experiment } = await ask(service, FILTERED, { where });
  expect(experiment.results.nodes[0].control.units).toBe(experiment.assignments.arms[0].units);
  return experiment.assignments.units;
};

describe('filters', () => {
  test.each<[string, Data]>([
    ['two members', { and: [], test: { dimension: 'vip', operator: 'IS_NULL' } }],
    ['no member', {}],
    ['a member that is null', { test: null }],
    ['an unknown member', { xor: [] }],
    ['an unknown operator', test_('vip', 'LIKE', 'x')],
    ['two members further in', { not: { and: [], or: [] } }],
  ])('with %s are refused before anything runs', async (_, where) => {
    const { errors, data } = await answer(service, FILTERED, { where });
    expect([errors.length > 0, data ?? null]).toEqual([true, null]);
    expect(errors[0]!.extensions?.code).not.toBe('INTERNAL_SERVER_ERROR');
  });

  test('with two members are refused as literals too', async () => {
    expect(
      (await codes(service, '{ experiment(key: "main") { assignments(where: { and: [], or: [] }) { units } } }'))
        .length,
    ).toBe(1);
  });

  test.each<[string, Data]>([
    ['an unknown dimension', test_('planet', 'EQ', 'mars')],
    ['a column that is no dimension', test_('user_id', 'EQ', 'u1')],
    ['a name that is quoted SQL', test_('country" = \'DE\' or "1', 'EQ', 'x')],
    ['GT on text', test_('country', 'GT', 'A')],
    ['BETWEEN on a boolean', test_('vip', 'BETWEEN', 'false', 'true')],
    ['CONTAINS on a number', test_('age', 'CONTAINS', '2')],
    ['text for a number', test_('age', 'EQ', 'old')],
    ['a fraction for a whole number', test_('age', 'EQ', '2.5')],
    ['a number beyond 64 bits', test_('age', 'EQ', '99999999999999999999')],
    ['text for a boolean', test_('vip', 'EQ', 'yes')],
    ['no value', test_('country', 'EQ')],
    ['two values for one', test_('country', 'EQ', 'DE', 'FR')],
    ['one value for two', test_('age', 'BETWEEN', '1')],
    ['a value for none', test_('country', 'IS_NULL', 'DE')],
    ['IN without values', test_('country', 'IN')],
    ['IN with 1,001 values', test_('country', 'IN', ...Array.from({ length: 1001 }, (_, i) => `c${i}`))],
    ['21 tests', { or: Array.from({ length: 21 }, () => test_('vip', 'IS_NULL')) }],
    ['a lone high surrogate', test_('country', 'EQ', 'a\ud800')],
    ['a lone low surrogate', test_('country', 'STARTS_WITH', '\udc00b')],
    ['a NUL', test_('country', 'EQ', 'D\0E')],
    ['a value of a megabyte', test_('country', 'EQ', 'x'.repeat(1_000_000))],
    [
      'five hundred levels',
      Array.from({ length: 500 }).reduce<Data>((where) => ({ not: where }), test_('vip', 'IS_NULL')),
    ],
  ])('of %s are refused', async (_, where) => {
    expect(new Set(await codes(service, FILTERED, { where }))).toEqual(new Set(['BAD_USER_INPUT']));
  });

  test.each<[string, Data, number]>([
    ['EQ', test_('country', 'EQ', 'DE'), 200],
    ['NE counts the missing ones as different', test_('country', 'NE', 'DE'), 400],
    ['IN', test_('country', 'IN', 'DE', 'FR', 'XX'), 400],
    ['NOT_IN counts the missing ones', test_('country', 'NOT_IN', 'DE'), 400],
    ['IS_NULL', test_('country', 'IS_NULL'), 200],
    ['IS_NOT_NULL', test_('country', 'IS_NOT_NULL'), 400],
    ['CONTAINS takes text as it is', test_('country', 'CONTAINS', '%'), 0],
    ['CONTAINS', test_('country', 'CONTAINS', 'E'), 200],
    ['STARTS_WITH', test_('country', 'STARTS_WITH', 'F'), 200],
    ['GTE', test_('age', 'GTE', '40'), 300],
    ['BETWEEN holds both ends', test_('age', 'BETWEEN', '20', '21'), 30],
    ['a boolean', test_('vip', 'EQ', 'TRUE'), 120],
    ['not', { not: test_('vip', 'EQ', 'true') }, 480],
    ['and', { and: [test_('vip', 'EQ', 'true'), test_('age', 'LT', '20')] }, 0],
    ['or', { or: [test_('country', 'IS_NULL'), test_('country', 'EQ', 'DE')] }, 400],
    ['not of a missing value', { not: test_('country', 'EQ', 'DE') }, 400],
    ['a quote, a backslash and an emoji are text', test_('country', 'EQ', `'; drop table x; -- \\ 😀`), 0],
    [
      '1,000 values',
      test_('country', 'IN', ...Array.from({ length: 1000 }, (_, i) => (i === 999 ? 'FR' : `c${i}`))),
      200,
    ],
    ['20 tests', { or: Array.from({ length: 20 }, () => test_('country', 'EQ', 'DE')) }, 200],
  ])('%s', async (_, where, expected) => {
    expect(await units(where)).toBe(expected);
  });
});

describe('JSON', () => {
  const PLANNED =
    'explain(document: "query One($key: String!) { experiment(key: $key) { assignments { units } } }", variables: VARIABLES) { statements { parameters } }';
  test.each(['{ key: "main" }', '{ key: "main", unused: [1, 2.5, true, null, { deep: "x" }] }'])(
    'is taken as a literal: %s',
    async (literal) => {
      const { explain } = await ask(service, `{ ${PLANNED.replace('VARIABLES', literal)} }`);
      expect(explain.statements[0].parameters).toContain('main');
    },
  );

  test('is taken as a variable', async () => {
    const { explain } = await ask(
      service,
      `query Planned($variables: JSON) { ${PLANNED.replace('VARIABLES', '$variables')} }`,
      { variables: { key: 'main' } },
    );
    expect(explain.statements).toHaveLength(1);
  });

  test.each(['"main"', '7', 'true', '["main"]', '{ key: 7 }', '{}', 'null'])(
    'is refused where it is no map of variables, or not the right one: %s',
    async (literal) => {
      expect(await codes(service, `{ ${PLANNED.replace('VARIABLES', literal)} }`)).toEqual(['BAD_USER_INPUT']);
    },
  );
});

test.each([
  ['alpha 0', 'alpha: 0'],
  ['alpha 1', 'alpha: 1'],
  ['alpha 1.2', 'alpha: 1.2'],
  ['a negative alpha', 'alpha: -0.05'],
  ['a control that is none', 'control: "ghost"'],
])('an analysis with %s is refused', async (_, analysis) => {
  expect(
    await codes(service, `{ experiment(key: "main") { results(analysis: { ${analysis} }) { totalCount } } }`),
  ).toEqual(['BAD_USER_INPUT']);
});

test.each(['difference(level: 1)', 'lift(level: 0)', 'difference(level: 95)'])(
  'a level outside of 0 to 1 is refused: %s',
  async (field) => {
    const [code] = await codes(
      service,
      `{ experiment(key: "main") { results(first: 1) { nodes { ${field} { value } } } } }`,
    );
    expect(code).toBe('BAD_USER_INPUT');
  },
);
