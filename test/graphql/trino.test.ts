import { beforeAll, describe, expect, test } from 'vitest';
import { MetricLayerError } from '../../src/core/errors.ts';
import type { MetricService } from '../../src/graphql/context.ts';
import { type Pretence, pretendTrino } from '../support/pretend-trino.ts';
import { answer, ask, type Data, type TestService } from '../support/service.ts';
import { world } from './world.ts';

let duckdb: TestService;
beforeAll(async () => {
  duckdb = await world();
});

const pretend = (pretence: Pretence = {}) => pretendTrino(duckdb, pretence);
const errorsOf = async (service: MetricService, document: string, options = {}) =>
  (await answer(service, document, null, options)).errors;

const UNITS = '{ experiment(key: "main") { assignments { units } } }';
const TWO =
  '{ experiment(key: "main") { assignments { units } results(filter: { metrics: ["orders"] }) { nodes { control { units } } } } }';
const PLAN = `query Plan($document: String!) { explain(document: $document) { statements { purpose } estimatedRows estimatedBytes } }`;

describe('provenance', () => {
  test('says which query of the engine gave the numbers, and what it read', async () => {
    const scanned = { engineQueryId: '20260501_123456_00042_abcde', scannedRows: 12_345_678_901, scannedBytes: 5e15 };
    const { service } = pretend({ scanned });
    const { experiment } = await ask(
      service,
      '{ experiment(key: "main") { assignments { units provenance { statements { engineQueryId elapsedMs rows scannedRows scannedBytes } } } } }',
    );
    const [statement] = experiment.assignments.provenance.statements;
    expect(statement).toMatchObject(scanned);
    expect(statement.elapsedMs).toBeGreaterThan(0);
  });
});

describe('explain', () => {
  const planOf = async (pretence: Pretence, document: string): Promise<Data> =>
    (await ask(pretend(pretence).service, PLAN, { document })).explain;

  test('sums what its statements would read', async () => {
    const plan = await planOf({ estimate: () => ({ rows: 1000.4, bytes: 3e9 }) }, TWO);
    expect([plan.statements.length, plan.estimatedRows, plan.estimatedBytes]).toEqual([2, 2001, 6e9]);
  });

  test('never shows the sum of a part', async () => {
    const estimate: Pretence['estimate'] = ({ sql }) => ({ rows: 7, bytes: sql.includes('orders') ? null : 3e9 });
    const plan = await planOf({ estimate }, TWO);
    expect([plan.estimatedRows, plan.estimatedBytes]).toEqual([14, null]);
  });

  test('knows nothing on an engine without estimates, and that nothing reads nothing', async () => {
    expect(await planOf({}, TWO)).toMatchObject({ estimatedRows: null, estimatedBytes: null });
    const nothing = await planOf({}, '{ service { version } }');
    expect(nothing).toEqual({ statements: [], estimatedRows: 0, estimatedBytes: 0 });
  });

  test('asks once, and only where somebody looks at it', async () => {
    const { service, asked } = pretend({ estimate: () => ({ rows: 1, bytes: 1 }) });
    await ask(service, PLAN, { document: UNITS });
    expect(asked.map(({ what }) => what)).toEqual(['estimate']);
    await ask(service, `{ explain(document: ${JSON.stringify(UNITS)}) { statements { sql } } }`);
    expect(asked).toHaveLength(1);
  });

  test('an engine that is down fails the estimates and not the statements', async () => {
    const estimate = () => Promise.reject(new MetricLayerError('ENGINE_UNAVAILABLE', 'Down.'));
    const { data, errors } = await answer(pretend({ estimate }).service, PLAN, { document: UNITS });
    expect(data.explain).toEqual({
      statements: [{ purpose: 'assignments' }],
      estimatedRows: null,
      estimatedBytes: null,
    });
    expect(errors.map(({ extensions }) => extensions?.code)).toEqual(['ENGINE_UNAVAILABLE', 'ENGINE_UNAVAILABLE']);
  });
});

describe('an engine that impersonates', () => {
  const settings = { impersonate: { header: 'x-user' } };

  test('is asked as the user, in queries and in estimates', async () => {
    const { service, asked } = pretend({ settings, estimate: () => ({ rows: 1, bytes: 1 }) });
    await ask(service, UNITS, null, { user: 'ann', requestId: 'r-1' });
    await ask(service, PLAN, { document: UNITS }, { user: 'bob' });
    expect(asked.map(({ what, options }) => [what, options.user, options.labels])).toEqual([
      ['query', 'ann', { requestId: 'r-1', purpose: 'assignments' }],
      ['estimate', 'bob', { requestId: undefined, purpose: 'estimate' }],
    ]);
  });

  test('answers two users of the same moment by two queries', async () => {
    const { service, asked } = pretend({ settings });
    await Promise.all(['ann', 'bob', 'ann'].map((user) => ask(service, UNITS, null, { user })));
    expect(asked.map(({ options }) => options.user).sort()).toEqual(['ann', 'bob']);
  });

  test.each([undefined, null, ''])('is asked nothing for nobody: %j', async (user) => {
    const { service, asked } = pretend({ settings });
    await expect(answer(service, UNITS, null, { user })).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(asked).toEqual([]);
  });

  test('one that does not is asked as nobody, whoever asks', async () => {
    const { service, asked } = pretend();
    await ask(service, UNITS, null, { user: 'ann' });
    expect(asked[0]!.options.user).toBeNull();
  });
});

describe('a scan budget', () => {
  const settings = { scanBudget: { bytes: 50e9, rows: null, unknown: 'refuse' } } as const;

  test('nulls what it refuses, and tells a program by how much', async () => {
    const estimate: Pretence['estimate'] = ({ sql }) => ({ rows: null, bytes: sql.includes('orders') ? 60e9 : 10e9 });
    const { data, errors } = await answer(pretend({ settings, estimate }).service, TWO);
    expect(data.experiment.assignments.units).toBe(600);
    expect(data.experiment.results.nodes.map(({ control }: Data) => control.units)).toEqual([null, null]);
    for (const { message, extensions } of errors) {
      expect(message).toMatch(/^The request would read about 70 GB, and its budget is 50 GB\./);
      expect(extensions).toEqual({ code: 'SCAN_BUDGET_EXCEEDED', estimatedBytes: 70e9, budgetBytes: 50e9 });
    }
  });

  test('gives no verdict on what it refused to read', async () => {
    const { service } = pretend({ settings, estimate: () => ({ rows: null, bytes: 60e9 }) });
    const { data, errors } = await answer(service, '{ experiment(key: "main") { summary { verdict } } }');
    expect(data.experiment.summary?.verdict ?? null).toBeNull();
    expect(new Set(errors.map(({ extensions }) => extensions?.code))).toEqual(new Set(['SCAN_BUDGET_EXCEEDED']));
  });

  test.each([
    [undefined, []],
    [9e9, ['SCAN_BUDGET_EXCEEDED']],
    [1e15, []],
  ])('is lowered by a request, and not raised: %j', async (scanBudgetBytes, codes) => {
    const { service } = pretend({ settings, estimate: () => ({ rows: null, bytes: 10e9 }) });
    const errors = await errorsOf(service, UNITS, { scanBudgetBytes });
    expect(errors.map(({ extensions }) => extensions?.code)).toEqual(codes);
  });

  test('of a request holds where the catalog has none', async () => {
    const errors = await errorsOf(duckdb, UNITS, { scanBudgetBytes: 1e12 });
    expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('cannot tell how much')]);
  });
});

test('clients are not told what the engine says of rights', async () => {
  const secret = 'Access Denied: Cannot select from columns [salary] in table hr.people';
  const { service } = pretend({
    query: () => Promise.reject(new MetricLayerError('ENGINE_UNAUTHORIZED', secret, { details: { reason: secret } })),
  });
  const [error] = await errorsOf(service, UNITS);
  expect([error?.extensions, error?.message]).toEqual([
    { code: 'ENGINE_UNAUTHORIZED' },
    'The metric layer, or the user who asks, may not read what this needs. Ask its operator.',
  ]);
});
