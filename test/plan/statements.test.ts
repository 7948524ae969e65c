import { beforeAll, describe, expect, test } from 'vitest';
import { plan } from '../../src/plan/plan.ts';
import type { MomentNeed } from '../../src/plan/question.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import { explain, serve, type TestService } from '../support/service.ts';
import { WORLD_CATALOG } from './world/catalog.ts';
import { makeWorld } from './world/data.ts';
import { worldDirectory } from './world/warehouse.ts';

let service: TestService;
beforeAll(async () => {
  service = await serve(await worldDirectory(makeWorld(), WORLD_CATALOG), '2026-12-01T00:00:00Z');
});

const experiment = (selection: string, key = 'checkout') => `{ experiment(key: "${key}") { ${selection} } }`;
/** The tables that a statement reads, once for each time that it does. */
const tablesOf = (sql: string) => [...sql.matchAll(/"shop"\."(\w+)"/g)].map(([, table]) => table!).sort();
/** Products of two values: `sum("u"."x" * "u"."y")`; not the `select *` of a step. */
/** A sum that settles is compared with a share of its size, which is no product of values. */
const productsOf = (sql: string) => sql.replaceAll('1e-12 * ', '').match(/sum\(.* \* .*\)/g) ?? [];

async function statements(selection: string, key?: string) {
  return explain(service, experiment(selection, key));
}

const LINES = 'metric { name } treatment { mean variance } difference { value } pValue';

describe('what a field reads', () => {
  test.each([
    ['sampleRatioMismatch', 'sampleRatioMismatch { pValue chiSquare stages { pValue } }'],
    ['assignments', 'assignments { rows units arms { units } excluded { units } exposures { units } }'],
    [
      'the sample ratio by slice',
      'sampleRatioMismatch { bySlice(dimension: "country") { pValue } timeline { pValue } }',
    ],
  ])('%s: assignments only, no facts', async (_, selection) => {
    const asked = await statements(selection);
    expect(asked.length).toBeGreaterThan(0);
    expect(new Set(asked.flatMap(({ sql }) => tablesOf(sql)))).toEqual(new Set(['assignments']));
  });

  test('names, roles, plans and estimands: nothing at all', async () => {
    expect(
      await statements(
        'key variants { key } metrics { metric { name } role } results { nodes { id role estimand family { size } } }',
      ),
    ).toEqual([]);
  });

  test('a mean: no product of two values', async () => {
    const asked = await statements('results { nodes { treatment { mean sum units } control { mean } } }');
    expect(asked.map(({ purpose }) => purpose)).toEqual(['moments']);
    const own = productsOf(asked[0]!.sql).filter((line) => !line.includes('(amount * 2)'));
    expect(own).toEqual([]);
  });

  test('a variance: products of that metric', async () => {
    const [statement] = await statements('results(filter: { metrics: ["aov"] }) { nodes { treatment { variance } } }');
    expect(productsOf(statement!.sql)).toHaveLength(3);
  });

  test('thresholds: capping is computed where it is asked for', async () => {
    const [plain] = await statements(
      'results(filter: { metrics: ["capped_at_value"] }) { nodes { treatment { mean } } }',
    );
    const [asked] = await statements(
      'results(filter: { metrics: ["capped_at_value"] }) { nodes { capping { upper cappedUnits } } }',
    );
    expect(plain!.sql).not.toContain('"caps"');
    expect(asked!.sql).toContain('"caps"');
  });

  test('the adjusted p-value of one goal: every goal of its family', async () => {
    const [statement, ...more] = await statements(
      'results(filter: { metrics: ["revenue"] }) { nodes { adjustedPValue } }',
    );
    expect(more).toEqual([]);
    for (const goal of ['revenue', 'orders', 'converted']) expect(statement!.sql).toContain(`as "${goal}.units"`);
  });
});

describe('how often a source is read', () => {
  test('20 metrics × 3 variants over one source: once', async () => {
    const names = [...service.catalog().metrics.values()]
      .filter(({ versions }) =>
        versions[0]!.variables.every(({ measures }) => measures.every(({ source }) => source === 'events')),
      )
      .map(({ name }) => name);
    expect(names.length).toBeGreaterThanOrEqual(20);
    const asked = await statements(
      `results(filter: { metrics: ${JSON.stringify(names.slice(0, 20))} }) { nodes { ${LINES} } }`,
      'pricing',
    );
    expect(asked.map(({ sql }) => tablesOf(sql))).toEqual([['assignments', 'events']]);
  });

  test('every metric of an experiment: each source once, two sources over one table are two', async () => {
    const asked = await statements(`results { nodes { ${LINES} } }`);
    expect(asked.map(({ sql }) => tablesOf(sql))).toEqual([['assignments', 'events', 'events', 'profiles', 'visits']]);
  });

  test('with their values before the exposure: still once, the same rows and those of the lookback', async () => {
    const catalog = service.catalog();
    const of = (needs: readonly MomentNeed[]) =>
      plan(
        catalog,
        DIALECTS.DUCKDB,
        ['revenue_adjusted', 'aov_adjusted', 'capped_adjusted', 'revenue_of_viewers'].map((name) => ({
          kind: 'moments',
          population: { experiment: catalog.experiments.get('checkout')!, where: null, asOf: '2026-12-01T00:00:00Z' },
          metric: catalog.metrics.get(name)!.versions.at(-1)!,
          maturity: 'REQUIRED',
          sliceBy: [],
          slices: [],
          needs,
          pivots: null,
        })),
      ).map(({ compiled }) => compiled);
    const [plain, adjusted] = [of(['products']), of(['products', 'covariates'])];
    expect(plain.map(({ sql }) => tablesOf(sql))).toEqual([['assignments', 'events']]);
    expect(adjusted.map(({ sql }) => tablesOf(sql))).toEqual([['assignments', 'events']]);
    expect(adjusted[0]!.parameters).toEqual(expect.arrayContaining(['2026-03-15 00:00:00.000000']));
    expect(plain[0]!.sql).not.toContain('.before');
  });

  test('a scorecard with a timeline: two statements', async () => {
    const asked = await statements('results { nodes { pValue } } assignments { exposures { units } }');
    expect(asked.map(({ purpose }) => purpose)).toEqual(['exposures', 'moments']);
  });

  test('a sliced scorecard: one statement for the slices and one for their moments', async () => {
    const asked = await statements('results(filter: { sliceBy: ["country"] }) { nodes { slice { value } pValue } }');
    expect(asked.map(({ purpose, template }) => [purpose, template])).toEqual([
      ['moments', true],
      ['slices', false],
    ]);
  });

  const purposes = async (selection: string) =>
    (await statements(selection)).map(({ purpose }) => purpose).filter((purpose) => purpose !== 'freshness');

  test('a verdict and its scorecard: one statement of moments, one of assignments, one of exposures by day', async () => {
    expect(
      await purposes(
        'summary { verdict treatments { reasons { code } } } results { nodes { adjustedPValue outcome flags } }',
      ),
    ).toEqual(['assignments', 'exposures', 'moments']);
  });

  test('the gates count faulty values of all units, mature or not: one statement more', async () => {
    expect(
      await purposes('summary { verdict gates { status } } results { nodes { adjustedPValue outcome flags } }'),
    ).toEqual(['assignments', 'exposures', 'moments', 'moments']);
  });
});

describe('one request in other words', () => {
  const PLAIN = experiment(
    'results { nodes { treatment { mean } pValue adjustedPValue } } sampleRatioMismatch { pValue }',
  );
  const ALIASES = experiment(
    'first: results { nodes { arm: treatment { m: mean } p: pValue } } second: results { nodes { adjustedPValue } } srm: sampleRatioMismatch { pValue }',
  );
  const FRAGMENTS = `
    query { experiment(key: "checkout") { ...Ratio ...Card } }
    fragment Ratio on Experiment { sampleRatioMismatch { pValue } }
    fragment Card on Experiment { results { nodes { ...Line ... on MetricResult { pValue } } } }
    fragment Line on MetricResult { adjustedPValue treatment { ...Mean } }
    fragment Mean on Arm { mean }`;
  const DIRECTIVES = `
    query ($key: String!, $yes: Boolean!, $no: Boolean!) {
      experiment(key: $key) {
        sampleRatioMismatch @include(if: $yes) { pValue chiSquare @skip(if: $yes) }
        results { nodes { pValue @include(if: $yes) adjustedPValue @skip(if: $no) treatment { mean variance @include(if: $no) } control @include(if: $no) { unitsWithValue } capping @skip(if: $yes) { upper } } }
        assignments @include(if: $no) { exposures { units } }
      }
    }`;

  test.each([
    ['aliases', ALIASES, null],
    ['fragments', FRAGMENTS, null],
    ['directives and variables', DIRECTIVES, { key: 'checkout', yes: true, no: false }],
  ])('%s: the same SQL, byte for byte', async (_, document, variables) => {
    const bytes = async (text: string, values: Record<string, unknown> | null = null) =>
      (await explain(service, text, values)).map(({ sql, parameters }) => ({ sql, parameters }));
    expect(await bytes(document, variables)).toEqual(await bytes(PLAIN));
  });
});

describe('several experiments', () => {
  const keys = Array.from({ length: 8 }, (_, i) => `wave_${i + 1}`);
  const many = (of: readonly string[]) =>
    `{ ${of.map((key) => `${key}: experiment(key: "${key}") { results(filter: { metrics: ["revenue", "orders"] }) { nodes { pValue } } sampleRatioMismatch { pValue } }`).join(' ')} }`;

  test('eight that overlap, over one source: one statement of moments, one of assignments', async () => {
    const asked = await explain(service, many(keys));
    expect(asked.map(({ purpose }) => purpose)).toEqual(['assignments', 'moments']);
    expect(tablesOf(asked[1]!.sql)).toEqual(['assignments', 'events']);
  });

  test('two that are far apart: a statement each, as the time in between would be read in vain', async () => {
    const asked = await explain(service, many(['checkout', 'rollout']));
    expect(asked.filter(({ purpose }) => purpose === 'moments')).toHaveLength(2);
  });

  test('two that overlap and one far away: two statements', async () => {
    const asked = await explain(service, many(['checkout', 'pricing', 'rollout']));
    expect(asked.filter(({ purpose }) => purpose === 'moments')).toHaveLength(2);
  });

  test('the list of experiments and the flat table ask alike', async () => {
    const [table] = await explain(
      service,
      `{ experimentResults(experiments: ${JSON.stringify(keys)}, filter: { metrics: ["revenue"], roles: [GOAL] }) { rows } }`,
    );
    expect(table!.purpose).toBe('assignments');
  });
});
