import { beforeAll, describe, expect, test } from 'vitest';
import { WORLD_CATALOG } from '../plan/world/catalog.ts';
import { makeWorld } from '../plan/world/data.ts';
import { worldDirectory } from '../plan/world/warehouse.ts';
import { answer, ask, type Data, explain, serve, type TestService } from '../support/service.ts';

/** The world's catalog with one metric whose values no engine can cast: known only when it runs. */
const BROKEN = WORLD_CATALOG.replace(
  'metrics:\n',
  'metrics:\n  broken: { type: mean, source: events, value: { column: "cast(product as integer)" }, window: { length: 7d } }\n',
).replaceAll('diagnostics: [', 'diagnostics: [broken, ');

let healthy: TestService;
let service: TestService;
beforeAll(async () => {
  const world = makeWorld();
  healthy = await serve(await worldDirectory(world, WORLD_CATALOG), '2026-12-01T00:00:00Z');
  service = await serve(
    await worldDirectory(world, BROKEN.replace('diagnostics: [broken, score, pro', 'diagnostics: [score, pro')),
    '2026-12-01T00:00:00Z',
  );
});

const SCORECARD =
  '{ experiment(key: "checkout") { results { nodes { metric { name } treatment { units sum } pValue difference { unknown value } } } summary { verdict } } }';

describe('one bad metric', () => {
  test('fails alone, with its code and its place; every other metric is as without it', async () => {
    const { data, errors } = await answer(service, SCORECARD);
    const expected = (await ask(healthy, SCORECARD)).experiment.results.nodes as readonly Data[];
    const nodes: readonly Data[] = data.experiment.results.nodes;
    const bad = nodes.findIndex(({ metric }) => metric.name === 'broken');
    expect(new Set(errors.map(({ extensions }) => extensions?.code))).toEqual(new Set(['ENGINE_FAILED']));
    expect(new Set(errors.map(({ path }) => path?.[3]))).toEqual(new Set([bad]));
    expect(nodes[bad]).toMatchObject({
      metric: { name: 'broken' },
      treatment: { units: null, sum: null },
      pValue: null,
    });
    const rest = nodes.filter(({ metric }) => metric.name !== 'broken');
    expect(rest.map(({ metric, treatment }) => [metric.name, treatment.units])).toEqual(
      expected.map(({ metric, treatment }) => [metric.name, treatment.units]),
    );
    expect(rest.every(({ pValue }) => pValue !== null)).toBe(true);
    expect(data.experiment.summary.verdict).toBe((await ask(healthy, SCORECARD)).experiment.summary.verdict);
  });

  test('says nothing of SQL, paths or columns to the client', async () => {
    const { errors } = await answer(service, SCORECARD);
    expect(errors.map(({ message }) => message).join(' ')).not.toMatch(/select|cast|product|\/tmp|duckdb/i);
  });

  test('is one row of the flat table that says SOURCE_FAILED', async () => {
    const data = await ask(service, '{ experimentResults(experiments: ["checkout"]) { records } }');
    const failed = data.experimentResults.records.filter((row: Data) => row.unknown === 'SOURCE_FAILED');
    expect(failed.map((row: Data) => [row.metric, row.p_value, row.treatment_units])).toEqual([['broken', null, null]]);
  });
});

describe('provenance', () => {
  const node = async (selection: string) => {
    const data = await ask(
      healthy,
      `{ experiment(key: "checkout") { results(filter: { metrics: ["revenue"] }) { nodes { ${selection} provenance { statements { purpose sql parameters requests rows } catalogHash dataAsOf reproducible } } } } }`,
    );
    return data.experiment.results.nodes[0].provenance;
  };

  test('has the statement that fed the node', async () => {
    const { statements } = await node('pValue');
    expect(statements).toHaveLength(1);
    expect(statements[0]).toMatchObject({ purpose: 'moments', rows: 2 });
  });

  test('has the statements of all fields that were selected, and only those', async () => {
    const { statements } = await node('pValue flags');
    expect(statements.map(({ purpose }: Data) => purpose)).toEqual(['assignments', 'freshness', 'moments']);
  });

  test('has none where no data was selected', async () => {
    expect((await node('role metric { name }')).statements).toEqual([]);
  });

  test('is the same wherever it stands in the selection', async () => {
    const ends = await ask(
      healthy,
      '{ experiment(key: "checkout") { results(filter: { metrics: ["revenue"] }) { nodes { provenance { statements { hash } } pValue adjustedPValue control { mean } } } } }',
    );
    const begins = await ask(
      healthy,
      '{ experiment(key: "checkout") { results(filter: { metrics: ["revenue"] }) { nodes { pValue adjustedPValue control { mean } provenance { statements { hash } } } } } }',
    );
    expect(ends.experiment.results.nodes[0].provenance.statements).toHaveLength(1);
    expect(ends.experiment.results.nodes[0].provenance).toEqual(begins.experiment.results.nodes[0].provenance);
  });

  test('can be pasted: its SQL and parameters give the same numbers', async () => {
    const data = await ask(
      healthy,
      '{ experiment(key: "checkout") { results(filter: { metrics: ["revenue"] }) { nodes { control { sum units } provenance { statements { sql parameters } } } } } }',
    );
    const [{ control, provenance }] = data.experiment.results.nodes;
    const { rows } = await healthy.engine.query(provenance.statements[0]);
    const own = rows.find(({ variant }) => variant === 'control')!;
    expect([own['revenue.units'], own['revenue.value.sum']]).toEqual([control.units, expect.closeTo(control.sum, 6)]);
  });

  test('of assignments and of the sample ratio: no statement over facts', async () => {
    const data = await ask(
      healthy,
      '{ experiment(key: "checkout") { results { nodes { pValue } } sampleRatioMismatch { pValue provenance { statements { purpose } } } assignments { units provenance { statements { purpose } } } } }',
    );
    const { sampleRatioMismatch, assignments } = data.experiment;
    expect([sampleRatioMismatch, assignments].map(({ provenance }) => provenance.statements)).toEqual([
      [{ purpose: 'assignments' }],
      [{ purpose: 'assignments' }],
    ]);
  });
});

const purposesOf = async (document: string) =>
  (await explain(healthy, document)).map(({ purpose }) => purpose).filter((purpose) => purpose !== 'freshness');

test('fields at every depth, tables and lists, asked at once, share one statement of moments, one of assignments and one of exposures', async () => {
  const document = `{
    a: experiment(key: "checkout") { results { nodes { pValue decisionTest { pValue } treatment { variance mean } } } summary { verdict treatments { goals { pValue lift { value } } guardrails { guardrail } } } }
    b: experiments(filter: { keys: ["checkout"] }) { nodes { results(first: 3) { nodes { outcome flags } } } }
    c: experimentResults(experiments: ["checkout"]) { rows }
    d: experimentSummaries(filter: { keys: ["checkout"] }) { rows }
  }`;
  expect(await purposesOf(document)).toEqual(['assignments', 'exposures', 'moments']);
});

test('fields below a list that is data itself are one round more, and no further', async () => {
  expect(
    await purposesOf(
      '{ experiment(key: "checkout") { summary { treatments { goals { treatment { mean } control { unitsWithValue } capping { upper } } } } } }',
    ),
  ).toEqual(['assignments', 'exposures', 'moments', 'moments']);
});

test('what an earlier round has read already is not read again', async () => {
  const document =
    '{ experiment(key: "checkout") { summary { treatments { goals { control { units } treatment { mean } pValue } } } } }';
  expect(await purposesOf(document)).toEqual(['assignments', 'exposures', 'moments']);
});
