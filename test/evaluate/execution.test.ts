import { beforeAll, describe, expect, test } from 'vitest';
import type { ScanLimit } from '../../src/catalog/trino-config.ts';
import { MetricLayerError } from '../../src/core/errors.ts';
import type { ScanEstimate } from '../../src/engine/engine.ts';
import { Evaluator } from '../../src/evaluate/evaluator.ts';
import { ScanBudget } from '../../src/evaluate/scan-budget.ts';
import type { Population, Question } from '../../src/plan/question.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import { serveTiny } from '../server/support.ts';
import { type Pretence, pretendTrino } from '../support/pretend-trino.ts';
import type { TestService } from '../support/service.ts';

let tiny: TestService;
beforeAll(async () => {
  tiny = (await serveTiny()).service;
});

const GB = 1e9;
const LIMIT: ScanLimit = { bytes: 50 * GB, rows: null, unknown: 'refuse' };

function evaluatorOn(pretence: Pretence, limit: ScanLimit | null = LIMIT, more: { signal?: AbortSignal } = {}) {
  const { service, asked } = pretendTrino(tiny, pretence);
  const budget = limit === null ? null : new ScanBudget(limit);
  const evaluator = new Evaluator({
    catalog: service.catalog(),
    dialect: DIALECTS.DUCKDB,
    runner: service.runner,
    user: 'ann',
    requestId: 'r-1',
    budget,
    ...more,
  });
  return { evaluator, asked };
}

/** Two questions whose statements are planned in this order: freshness of a source, and assignments. */
function questions(): readonly [Question, Question] {
  const catalog = tiny.catalog();
  const experiment = catalog.experiments.get('button')!;
  const asOf = '2026-05-01T00:00:00.000000Z';
  return [
    { kind: 'freshness', source: catalog.sources.get('events')!, asOf },
    { kind: 'assignments', population: { experiment, where: null, asOf } },
  ];
}

const momentsOf = (metric: string, population: Population): Question => ({
  kind: 'moments',
  population,
  metric: tiny.catalog().metrics.get(metric)!.versions.at(-1)!,
  maturity: 'REQUIRED',
  sliceBy: [],
  slices: [],
  needs: [],
  pivots: null,
});

const isFreshness = (sql: string) => !/multi|exposure/i.test(sql);
const codesOf = (settled: readonly PromiseSettledResult<unknown>[]) =>
  settled.map((one) => (one.status === 'fulfilled' ? 'ok' : one.reason.code));

describe('a request with a budget', () => {
  test('asks what a statement would read before any runs, as the user and under the name of the request', async () => {
    const { evaluator, asked } = evaluatorOn({ estimate: () => ({ bytes: GB, rows: 1 }) });
    await Promise.all(questions().map((question) => evaluator.ask(question)));
    expect(asked.map(({ what }) => what)).toEqual(['estimate', 'estimate', 'query', 'query']);
    for (const { what, options } of asked) {
      expect(options.user).toBe('ann');
      expect(options.labels).toEqual({
        requestId: 'r-1',
        purpose: what === 'estimate' ? 'estimate' : expect.stringMatching(/^(freshness|assignments)$/),
      });
    }
  });

  test.each([
    [30, 30, ['ok', 'SCAN_BUDGET_EXCEEDED']],
    [60, 30, ['SCAN_BUDGET_EXCEEDED', 'ok']],
    [20, 30, ['ok', 'ok']],
  ])('admits in the order of planning, whichever estimate comes first: %d and %d GB', async (first, second, codes) => {
    for (const slow of [true, false]) {
      const { evaluator, asked } = evaluatorOn({
        estimate: async ({ sql }): Promise<ScanEstimate> => {
          const isFirst = isFreshness(sql);
          if (isFirst === slow) await new Promise((resolve) => setImmediate(resolve));
          return { bytes: (isFirst ? first : second) * GB, rows: null };
        },
      });
      expect(codesOf(await Promise.allSettled(questions().map((question) => evaluator.ask(question))))).toEqual(codes);
      expect(asked.filter(({ what }) => what === 'query')).toHaveLength(codes.filter((code) => code === 'ok').length);
    }
  });

  test('counts what was read, for what is asked later', async () => {
    const [first, second] = questions();
    const ask = async (scannedBytes: number) => {
      const { evaluator } = evaluatorOn({
        estimate: () => ({ bytes: 20 * GB, rows: null }),
        scanned: { scannedBytes },
      });
      return codesOf([
        ...(await Promise.allSettled([evaluator.ask(first)])),
        ...(await Promise.allSettled([evaluator.ask(second)])),
      ]);
    };
    expect(await ask(10 * GB)).toEqual(['ok', 'ok']);
    expect(await ask(40 * GB)).toEqual(['ok', 'SCAN_BUDGET_EXCEEDED']);
  });

  test('is refused by an engine that has no estimates, unless the unknown may run', async () => {
    const [question] = questions();
    const ask = async (unknown: ScanLimit['unknown']) =>
      codesOf(await Promise.allSettled([evaluatorOn({}, { ...LIMIT, unknown }).evaluator.ask(question)]));
    expect([await ask('refuse'), await ask('allow')]).toEqual([['SCAN_BUDGET_EXCEEDED'], ['ok']]);
  });

  test('asks for no estimate where there is no budget', async () => {
    const { evaluator, asked } = evaluatorOn({ estimate: () => ({ bytes: 1, rows: 1 }) }, null);
    await evaluator.ask(questions()[0]);
    expect(asked.map(({ what }) => what)).toEqual(['query']);
  });

  test('runs nothing when its client leaves while the estimate is asked', async () => {
    const client = new AbortController();
    const { evaluator, asked } = evaluatorOn(
      {
        estimate: (_, { signal }) =>
          new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () => reject(new MetricLayerError('ENGINE_CANCELLED', 'Cancelled.')));
            client.abort();
          }),
      },
      LIMIT,
      { signal: client.signal },
    );
    expect(codesOf(await Promise.allSettled([evaluator.ask(questions()[0])]))).toEqual(['ENGINE_CANCELLED']);
    expect(asked.map(({ what }) => what)).toEqual(['estimate']);
    expect(asked[0]!.options.signal?.aborted).toBe(true);
  });

  test('is not split: half of it would be refused as well, or hide what was refused', async () => {
    const experiment = tiny.catalog().experiments.get('button')!;
    const population = { experiment, where: null, asOf: '2026-05-01T00:00:00.000000Z' };
    const moments = ['revenue', 'buyers'].map((name) => momentsOf(name, population));
    const over = evaluatorOn({ estimate: () => ({ bytes: 51 * GB, rows: null }) });
    expect(codesOf(await Promise.allSettled(moments.map((one) => over.evaluator.ask(one))))).toEqual([
      'SCAN_BUDGET_EXCEEDED',
      'SCAN_BUDGET_EXCEEDED',
    ]);
    expect(over.asked).toHaveLength(1);

    // What the planner of the engine refuses is the statement's fault, and is split as if it had run.
    const broken = evaluatorOn({
      estimate: () => Promise.reject(new MetricLayerError('ENGINE_FAILED', 'No such column.')),
    });
    expect(codesOf(await Promise.allSettled(moments.map((one) => broken.evaluator.ask(one))))).toEqual([
      'ENGINE_FAILED',
      'ENGINE_FAILED',
    ]);
    expect(broken.asked).toHaveLength(3);
  });
});

describe('a user who may not read one source', () => {
  const ask = (details: Record<string, unknown>) => {
    const catalog = tiny.catalog();
    const { evaluator } = evaluatorOn(
      {
        query: async (statement, options) => {
          if (!statement.sql.includes('"returns"')) return tiny.engine.query(statement, options);
          throw new MetricLayerError('ENGINE_UNAUTHORIZED', 'No.', { details });
        },
      },
      null,
    );
    const population = {
      experiment: catalog.experiments.get('button')!,
      where: null,
      asOf: '2026-05-01T00:00:00.000000Z',
    };
    return Promise.allSettled(['revenue', 'returned'].map((name) => evaluator.ask(momentsOf(name, population))));
  };

  test('is answered what he may', async () => {
    expect(codesOf(await ask({ reason: 'Access Denied' }))).toEqual(['ok', 'ENGINE_UNAUTHORIZED']);
  });

  test('and a service that is not let in is not asked twice', async () => {
    expect(codesOf(await ask({}))).toEqual(['ENGINE_UNAUTHORIZED', 'ENGINE_UNAUTHORIZED']);
  });
});

describe('an estimate of statements', () => {
  const statements = [
    { sql: 'select 1', parameters: [] },
    { sql: 'select 2', parameters: [] },
  ];
  const of = (estimate: Pretence['estimate']) =>
    evaluatorOn(estimate === undefined ? {} : { estimate }).evaluator.estimate(statements);

  test.each([
    [
      'the sum',
      [
        { bytes: 1.4, rows: 10 },
        { bytes: 2.2, rows: 5 },
      ],
      { bytes: 4, rows: 15 },
    ],
    [
      'unknown where one is',
      [
        { bytes: null, rows: 10 },
        { bytes: 2, rows: 5 },
      ],
      { bytes: null, rows: 15 },
    ],
    ['unknown where one cannot be planned', [{ bytes: 1, rows: 10 }, null], { bytes: null, rows: null }],
  ])('is %s', async (_, [first, second], expected) => {
    const estimate = async ({ sql }: { readonly sql: string }) => {
      const found = sql === 'select 1' ? first! : second!;
      if (found === null) throw new MetricLayerError('ENGINE_FAILED', 'Cannot cast.');
      return found;
    };
    expect(await of(estimate)).toEqual(expected);
  });

  test('is unknown on an engine that has none, and zero of nothing', async () => {
    expect(await of(undefined)).toEqual({ bytes: null, rows: null });
    expect(await evaluatorOn({}).evaluator.estimate([])).toEqual({ bytes: 0, rows: 0 });
  });

  test('fails when the engine does', async () => {
    const down = () => Promise.reject(new MetricLayerError('ENGINE_UNAVAILABLE', 'Down.'));
    await expect(of(down)).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  });
});
