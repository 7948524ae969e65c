import { beforeAll, describe, expect, test } from 'vitest';
import { MetricLayerError } from '../../src/core/errors.ts';
import { Evaluator } from '../../src/evaluate/evaluator.ts';
import type { Runner } from '../../src/evaluate/single-flight.ts';
import { Trace } from '../../src/evaluate/trace.ts';
import type { MomentsQuestion } from '../../src/plan/question.ts';
import { DIALECTS } from '../../src/sql/dialects/index.ts';
import type { CompiledSql } from '../../src/sql/sql.ts';
import { WORLD_CATALOG } from '../plan/world/catalog.ts';
import { makeWorld } from '../plan/world/data.ts';
import { worldDirectory } from '../plan/world/warehouse.ts';
import { serve, type TestService } from '../support/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await serve(await worldDirectory(makeWorld(), WORLD_CATALOG), '2026-12-01T00:00:00Z');
});

/** Passes statements on and keeps them. */
function recording(run?: Runner['run']): Runner & { readonly ran: CompiledSql[] } {
  const ran: CompiledSql[] = [];
  return {
    ran,
    run: (statement, options) => {
      ran.push(statement);
      return (run ?? service.runner.run)(statement, options);
    },
  };
}

const evaluatorOn = (runner: Runner | null, more: { signal?: AbortSignal; timeoutMs?: number } = {}) =>
  new Evaluator({ catalog: service.catalog(), dialect: DIALECTS.DUCKDB, runner, ...more });

function moments(metric: string, change: Partial<MomentsQuestion> = {}): MomentsQuestion {
  const catalog = service.catalog();
  const population = {
    experiment: catalog.experiments.get('checkout')!,
    where: null,
    asOf: '2026-12-01T00:00:00.000000Z',
  };
  const version = catalog.metrics.get(metric)!.versions.at(-1)!;
  return {
    kind: 'moments',
    population,
    metric: version,
    maturity: 'REQUIRED',
    sliceBy: [],
    slices: [],
    needs: ['products'],
    pivots: null,
    ...change,
  };
}

/** As resolvers do: after so many steps of promises. */
async function deep<T>(depth: number, ask: () => Promise<T>): Promise<T> {
  for (let i = 0; i < depth; i++) await null;
  return ask();
}

describe('batching', () => {
  test('questions of one tick at any depth are one plan', async () => {
    const runner = recording();
    const evaluator = evaluatorOn(runner);
    await Promise.all(
      ['revenue', 'orders', 'aov', 'converted'].map((metric, i) => deep(i * 25, () => evaluator.ask(moments(metric)))),
    );
    expect(runner.ran).toHaveLength(1);
  });

  test('the same question is asked once in a request, now or later', async () => {
    const runner = recording();
    const evaluator = evaluatorOn(runner);
    const [first, second] = await Promise.all([evaluator.ask(moments('revenue')), evaluator.ask(moments('revenue'))]);
    const third = await evaluator.ask(moments('revenue'));
    expect([second, third]).toEqual([first, first]);
    expect(runner.ran).toHaveLength(1);
  });

  test('different needs of one metric share a statement', async () => {
    const runner = recording();
    const evaluator = evaluatorOn(runner);
    const [plain, full] = await Promise.all([
      evaluator.ask(moments('revenue', { needs: [] })),
      evaluator.ask(moments('revenue')),
    ]);
    expect(runner.ran).toHaveLength(1);
    expect(plain.map(({ moments: { units, sums } }) => [units, sums])).toEqual(
      full.map(({ moments: { units, sums } }) => [units, sums]),
    );
  });

  test('what only a later answer can ask is a second plan', async () => {
    const runner = recording();
    const evaluator = evaluatorOn(runner);
    await evaluator.ask(moments('revenue'));
    await evaluator.ask(moments('orders'));
    expect(runner.ran).toHaveLength(2);
  });

  test('statements of different maturity or moment stay apart', async () => {
    const runner = recording();
    const evaluator = evaluatorOn(runner);
    const { population } = moments('revenue');
    await Promise.all([
      evaluator.ask(moments('revenue')),
      evaluator.ask(moments('revenue', { maturity: 'ALL' })),
      evaluator.ask(moments('revenue', { population: { ...population, asOf: '2026-03-30T00:00:00.000000Z' } })),
    ]);
    expect(runner.ran).toHaveLength(3);
  });
});

describe('a statement that fails', () => {
  const failing = (code: string, isBad: (sql: string) => boolean) =>
    recording(async (statement, options) => {
      if (isBad(statement.sql)) throw new MetricLayerError(code, 'Refused by the test.');
      return service.runner.run(statement, options);
    });
  const NAMES = [
    'revenue',
    'orders',
    'converted',
    'aov',
    'late_orders',
    'open_revenue',
    'net_revenue',
    'refunds',
    'events',
    'products',
    'largest',
    'smallest',
    'average',
    'checked',
    'capped',
    'capped_at_value',
    'aov_capped',
    'double_amount',
    'visits',
    'seconds',
  ];

  test('is split until the one bad metric of twenty stands alone; the other nineteen are right', async () => {
    const runner = failing('ENGINE_FAILED', (sql) => sql.includes('"products.units"'));
    const evaluator = evaluatorOn(runner);
    const settled = await Promise.allSettled(NAMES.map((name) => evaluator.ask(moments(name))));
    const healthy = evaluatorOn(service.runner);
    const expected = await Promise.all(NAMES.map((name) => healthy.ask(moments(name))));
    for (const [i, one] of settled.entries()) {
      if (NAMES[i] === 'products') expect(one).toMatchObject({ status: 'rejected', reason: { code: 'ENGINE_FAILED' } });
      else expect(counts(one.status === 'fulfilled' ? one.value : null)).toEqual(counts(expected[i]!));
    }
    // 1 of twenty, then two halves at each of five levels at most.
    expect(runner.ran.length).toBeLessThanOrEqual(11);
  });

  test('two bad metrics fail, each for itself', async () => {
    const evaluator = evaluatorOn(failing('ENGINE_FAILED', (sql) => /"(products|visits)\.units"/.test(sql)));
    const settled = await Promise.allSettled(NAMES.map((name) => evaluator.ask(moments(name))));
    expect(NAMES.filter((_, i) => settled[i]!.status === 'rejected')).toEqual(['products', 'visits']);
  });

  test.each(['ENGINE_TIMEOUT', 'ENGINE_OVERLOADED', 'ENGINE_CANCELLED', 'ENGINE_UNAVAILABLE'])(
    'with %s is not split: its halves would fare no better',
    async (code) => {
      const runner = failing(code, () => true);
      const evaluator = evaluatorOn(runner);
      const settled = await Promise.allSettled(NAMES.map((name) => evaluator.ask(moments(name))));
      expect(settled.every((one) => one.status === 'rejected' && one.reason.code === code)).toBe(true);
      expect(runner.ran).toHaveLength(1);
    },
  );

  test('for want of memory is halved once: each part reads the tables again', async () => {
    const runner = recording(() =>
      Promise.reject(new MetricLayerError('ENGINE_FAILED', 'It is too much.', { details: { lacks: 'memory' } })),
    );
    const evaluator = evaluatorOn(runner);
    const settled = await Promise.allSettled(NAMES.map((name) => evaluator.ask(moments(name))));
    expect(settled.every(({ status }) => status === 'rejected')).toBe(true);
    expect(runner.ran).toHaveLength(3);
  });

  test('leaves the other statements of the request alone', async () => {
    const evaluator = evaluatorOn(failing('ENGINE_FAILED', (sql) => sql.includes('"facts_')));
    const { population } = moments('revenue');
    const [facts, units] = await Promise.allSettled([
      evaluator.ask(moments('revenue')),
      evaluator.ask({ kind: 'assignments', population }),
    ]);
    expect([facts.status, units.status]).toEqual(['rejected', 'fulfilled']);
  });
});

describe('limits of a request', () => {
  test('a request whose signal is aborted asks the engine nothing', async () => {
    const runner = recording();
    const evaluator = evaluatorOn(runner, { signal: AbortSignal.abort() });
    await expect(evaluator.ask(moments('revenue'))).rejects.toMatchObject({ code: 'ENGINE_CANCELLED' });
  });

  test('a request whose time is up asks the engine nothing', async () => {
    const runner = recording();
    const evaluator = evaluatorOn(runner, { timeoutMs: 0 });
    await expect(evaluator.ask(moments('revenue'))).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
    expect(runner.ran).toEqual([]);
  });

  test('statements are given the time that is left', async () => {
    let given: number | undefined;
    const evaluator = evaluatorOn(
      recording((statement, options) => {
        given = options.timeoutMs;
        return service.runner.run(statement, options);
      }),
      { timeoutMs: 30_000 },
    );
    await evaluator.ask(moments('revenue'));
    expect(given).toBeGreaterThan(0);
    expect(given).toBeLessThanOrEqual(30_000);
  });
});

describe('a dry run', () => {
  test('runs nothing, answers with nothing and keeps the statements', async () => {
    const evaluator = evaluatorOn(null);
    const { population } = moments('revenue');
    expect(await evaluator.ask(moments('revenue'))).toEqual([]);
    expect(
      await evaluator.ask({
        kind: 'freshness',
        source: service.catalog().sources.get('events')!,
        asOf: population.asOf,
      }),
    ).toEqual({ rows: 0, latest: null });
    expect(
      evaluator.statements.map(({ purpose, elapsedMs, rows, template }) => ({ purpose, elapsedMs, rows, template })),
    ).toEqual([
      { purpose: 'moments', elapsedMs: null, rows: null, template: false },
      { purpose: 'freshness', elapsedMs: null, rows: null, template: false },
    ]);
  });

  test('has one slice to stand for those that only the data know, and marks its statement as a template', async () => {
    const evaluator = evaluatorOn(null);
    const { population } = moments('revenue');
    const slices = await evaluator.ask({ kind: 'slices', population, sliceBy: ['country', 'platform'], limit: 50 });
    expect(slices.map(({ values }) => values)).toEqual([
      ['<value>', '<value>'],
      ['<value>', '<value>'],
    ]);
    await evaluator.ask(moments('revenue', { sliceBy: ['country'], slices: [['<value>']] }));
    expect(evaluator.statements.map(({ template }) => template)).toEqual([false, true]);
  });

  test('has the very statements that a run has', async () => {
    const [dry, real] = [evaluatorOn(null), evaluatorOn(service.runner)];
    for (const evaluator of [dry, real])
      await Promise.all(['revenue', 'aov', 'capped'].map((name) => evaluator.ask(moments(name))));
    const bytes = (evaluator: Evaluator) =>
      evaluator.statements.map(({ sql, parameters, hash, questions }) => ({ sql, parameters, hash, questions }));
    expect(bytes(dry)).toEqual(bytes(real));
  });
});

describe('a trace', () => {
  test('has the statements of what was asked with it, each once, and no others', async () => {
    const evaluator = evaluatorOn(service.runner);
    const [own, other] = [new Trace(), new Trace()];
    const { population } = moments('revenue');
    await Promise.all([
      evaluator.ask(moments('revenue'), own),
      evaluator.ask(moments('orders'), own),
      evaluator.ask({ kind: 'assignments', population }, other),
    ]);
    expect((await own.statements()).map(({ purpose, questions }) => [purpose, questions])).toEqual([['moments', 2]]);
    expect((await other.statements()).map(({ purpose }) => purpose)).toEqual(['assignments']);
  });

  test('waits for what is still being asked', async () => {
    const evaluator = evaluatorOn(service.runner);
    const trace = new Trace();
    const asked = deep(40, () => evaluator.ask(moments('revenue'), trace));
    expect(await trace.statements()).toHaveLength(1);
    await asked;
  });

  test('is empty where nothing was asked, or all that was asked failed', async () => {
    const trace = new Trace();
    expect(await trace.statements()).toEqual([]);
    const broken: Runner = { run: () => Promise.reject(new MetricLayerError('ENGINE_UNAVAILABLE', 'Gone.')) };
    await expect(evaluatorOn(broken).ask(moments('revenue'), trace)).rejects.toThrow('Gone.');
    expect(await trace.statements()).toEqual([]);
  });
});

const counts = (
  answer:
    | readonly { readonly variant: string; readonly exposed: number; readonly moments: { readonly units: number } }[]
    | null,
) => answer?.map(({ variant, exposed, moments: { units } }) => [variant, exposed, units]);
