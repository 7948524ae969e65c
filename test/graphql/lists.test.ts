import { beforeAll, describe, expect, test } from 'vitest';
import { ask, type Data, type TestService } from '../support/service.ts';
import { codes } from './support.ts';
import { world } from './world.ts';

let service: TestService;
beforeAll(async () => {
  service = await world();
});

const colours = (...numbers: number[]) => numbers.map((n) => `c00${n}`);
const experiments = async (filter: Data, orderBy: Data = null): Promise<readonly string[]> => {
  const document =
    'query Filtered($filter: ExperimentFilter, $orderBy: ExperimentOrder) { experiments(filter: $filter, orderBy: $orderBy, first: 500) { totalCount nodes { key } } }';
  const { nodes, totalCount } = (await ask(service, document, { filter, orderBy })).experiments;
  expect(totalCount).toBe(nodes.length);
  return nodes.map(({ key }: Data) => key);
};

describe('experiments', () => {
  test.each<[string, Data, readonly string[]]>([
    ['by key', { keys: ['c003', 'main', 'ghost'] }, ['c003', 'main']],
    ['by no key', { keys: [] }, []],
    ['by status', { status: ['STOPPED'] }, ['main']],
    ['by several statuses', { status: ['STOPPED', 'SCHEDULED'] }, ['main']],
    ['by owner', { owner: 'ann@example.com' }, colours(0, 2, 4, 6, 8)],
    ['by tag', { tags: ['colour'] }, colours(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)],
    ['by all of several tags', { tags: ['late', 'colour'] }, colours(5, 6, 7, 8, 9)],
    ['by text in the key', { search: 'C00' }, colours(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)],
    ['by text in the name, whatever the case', { search: 'MAIN ONE' }, ['main']],
    ['by text in the hypothesis', { search: 'blue 7' }, ['c007']],
    ['by text that is no pattern', { search: '%' }, []],
    ['by metric', { metric: 'revenue' }, ['main']],
    ['by a metric that is none', { metric: 'ghost' }, []],
    ['started at a moment or after it', { startedAfter: '2026-04-01T00:00:00Z' }, colours(3, 7)],
    ['started before a moment', { startedBefore: '2026-02-01T00:00:00Z' }, colours(0, 4, 8)],
    [
      'started between, told in another zone',
      { startedAfter: '2026-02-01T01:00:00+01:00', startedBefore: '2026-03-01T00:00:00Z' },
      colours(1, 5, 9),
    ],
    ['by several at once', { owner: 'bob@example.com', tags: ['late'], status: ['RUNNING'] }, colours(5, 7, 9)],
  ])('%s', async (_, filter, keys) => {
    expect(await experiments(filter)).toEqual(keys);
  });

  test('are ordered by key, or as asked, equal ones by key', async () => {
    expect(await experiments({ tags: ['late'] }, { field: 'NAME', direction: 'ASC' })).toEqual(colours(9, 8, 7, 6, 5));
    expect(await experiments({ tags: ['late'] }, { field: 'NAME' })).toEqual(colours(5, 6, 7, 8, 9));
    expect(await experiments({ tags: ['colour'] }, { field: 'START_AT' })).toEqual(
      colours(3, 7, 2, 6, 1, 5, 9, 0, 4, 8),
    );
    expect((await experiments(null, { field: 'START_AT', direction: 'ASC' }))[0]).toBe('plain');
  });

  test('summaries take the same filter, their statuses at their own asOf', async () => {
    const document =
      'query Summed($filter: ExperimentFilter, $asOf: DateTime) { experimentSummaries(filter: $filter, asOf: $asOf) { records } }';
    const rows = async (filter: Data, asOf: string | null = null) =>
      (await ask(service, document, { filter, asOf })).experimentSummaries.records.map(
        ({ experiment, treatment, status }: Data) => [experiment, treatment, status],
      );
    expect(await rows({ keys: ['main'] })).toEqual([
      ['main', 'a', 'STOPPED'],
      ['main', 'b', 'STOPPED'],
    ]);
    expect(await rows({ keys: ['main'], status: ['RUNNING'] }, '2026-03-10T00:00:00Z')).toEqual([
      ['main', 'a', 'RUNNING'],
      ['main', 'b', 'RUNNING'],
    ]);
    expect(await rows({ keys: ['main'], status: ['STOPPED'] }, '2026-03-10T00:00:00Z')).toEqual([]);
  });

  test('one by its key; null, not an error, where there is none', async () => {
    expect(
      await ask(
        service,
        '{ a: experiment(key: "main") { key } b: experiment(key: "MAIN") { key } c: experiment(key: "__proto__") { key } }',
      ),
    ).toEqual({ a: { key: 'main' }, b: null, c: null });
  });
});

describe('metrics', () => {
  test.each<[string, Data, readonly string[]]>([
    ['that are current', null, ['basket', 'buyers', 'capped', 'orders', 'revenue']],
    ['deprecated ones too', { includeDeprecated: true }, ['basket', 'buyers', 'capped', 'old', 'orders', 'revenue']],
    ['null is the default', { includeDeprecated: null }, ['basket', 'buyers', 'capped', 'orders', 'revenue']],
    ['by tag', { tags: ['core'] }, ['orders', 'revenue']],
    ['by all of several tags', { tags: ['core', 'money'] }, ['revenue']],
    ['by type', { types: ['RATIO', 'PROPORTION'] }, ['basket', 'buyers']],
    ['by owner', { owner: 'growth@example.com' }, ['capped', 'revenue']],
    ['by text in the name', { search: 'ASK' }, ['basket']],
    ['by text in the description', { search: 'unit spends' }, ['revenue']],
    ['by several at once', { types: ['MEAN'], tags: ['core'], owner: 'growth@example.com' }, ['revenue']],
  ])('%s', async (_, filter, names) => {
    const { metrics } = await ask(
      service,
      'query Filtered($filter: MetricFilter) { metrics(filter: $filter) { nodes { name } } }',
      { filter },
    );
    expect(metrics.nodes.map(({ name }: Data) => name)).toEqual(names);
  });

  test('say of each version what it is', async () => {
    const { metric } = await ask(
      service,
      '{ metric(name: "revenue") { type goodWhen format tags version { number } first: version(number: 1) { number definition hash } ghost: version(number: 7) { number } versions { number hash file line } } }',
    );
    expect(metric).toMatchObject({
      type: 'MEAN',
      goodWhen: 'UP',
      format: 'CURRENCY',
      tags: ['money', 'core'],
      version: { number: 2 },
      ghost: null,
      first: { number: 1, definition: { window: { length: '1d' } } },
    });
    expect(metric.versions.map(({ number, file }: Data) => [number, file])).toEqual([
      [1, 'catalog.yaml'],
      [2, 'catalog.yaml'],
    ]);
    expect(new Set(metric.versions.map(({ hash }: Data) => hash)).size).toBe(2);
  });
});

test('experiments show what they declare, by role', async () => {
  const { experiment } = await ask(
    service,
    '{ experiment(key: "main") { status startAt endAt monitoring unit plan { endAt } variants { key weight isControl } metrics(role: [GOAL, GUARDRAIL]) { role margin minimumDetectableEffect metric { name } } } }',
  );
  expect(experiment).toMatchObject({
    status: 'STOPPED',
    startAt: '2026-03-01T00:00:00Z',
    endAt: '2026-03-15T00:00:00Z',
    monitoring: 'FIXED',
    unit: 'user_id',
    plan: null,
  });
  expect(experiment.variants.map(({ key, weight, isControl }: Data) => [key, weight, isControl])).toEqual([
    ['control', 0.4, true],
    ['a', 0.3, false],
    ['b', 0.3, false],
  ]);
  expect(
    experiment.metrics.map(({ role, margin, minimumDetectableEffect, metric }: Data) => [
      metric.name,
      role,
      margin,
      minimumDetectableEffect,
    ]),
  ).toEqual([
    ['revenue', 'GOAL', null, 0.02],
    ['orders', 'GOAL', null, null],
    ['buyers', 'GUARDRAIL', 0.25, null],
    ['basket', 'GUARDRAIL', null, null],
  ]);
});

test('an experiment that is none is an error where it was named', async () => {
  expect(await codes(service, '{ experimentResults(experiments: ["main", "ghost"]) { rows } }')).toEqual([
    'UNKNOWN_EXPERIMENT',
  ]);
});
