import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MetricService } from '../../src/graphql/context.ts';
import type { Logger } from '../../src/server/logger.ts';
import { startRefreshing } from '../../src/server/refreshing.ts';
import { codesOf, onEngine, overHttp, serveTiny, TINY } from './support.ts';

const FLAGS = `  flags: { kind: experiments, file: flags.csv, columns: { key: key, name: name, variants: variants } }\n`;
const VARIANTS = '"[{""key"":""control"",""weight"":0.5,""control"":true},{""key"":""treatment"",""weight"":0.5}]"';
const table = (name: string) => `key,name,variants\nbutton,${name},${VARIANTS}\n`;
const WITH_FLAGS = {
  'catalog.yaml': TINY['catalog.yaml']!.replace('metrics:\n', `${FLAGS}metrics:\n`),
  'flags.csv': table('Old name'),
};

const refresh = (input: string) =>
  `mutation { refresh(input: ${input}) { refreshedAt statements userErrors { code message field } } }`;

describe('refresh', () => {
  test('reads the experiments table again', async () => {
    const tiny = await serveTiny(WITH_FLAGS);
    const name = async () => (await tiny.ask('{ experiment(key: "button") { name } }')).json.data.experiment.name;
    const before = await name();
    writeFileSync(join(tiny.directory, 'flags.csv'), table('New name'));
    const answer = await tiny.ask(refresh('{ experiments: ["button"] }'));
    expect(answer.json).toEqual({
      data: { refresh: { refreshedAt: '2026-05-01T00:00:00Z', statements: 1, userErrors: [] } },
    });
    expect([before, await name()]).toEqual(['Old name', 'New name']);
  });

  test('says which experiments there are not', async () => {
    const { json } = await (await serveTiny()).ask(refresh('{ experiments: ["button", "nope"] }'));
    expect(json.data.refresh).toMatchObject({
      statements: 0,
      userErrors: [{ code: 'UNKNOWN_EXPERIMENT', field: ['input', 'experiments'] }],
    });
    expect(json.data.refresh.userErrors[0].message).toContain('"nope"');
  });

  test('of models is not supported', async () => {
    const { json } = await (await serveTiny()).ask(refresh('{ models: [] }'));
    expect(json.data.refresh).toMatchObject({
      refreshedAt: null,
      statements: null,
      userErrors: [{ code: 'NOT_SUPPORTED', field: ['input', 'models'] }],
    });
  });

  test('that fails keeps what was read before', async () => {
    const { service } = await serveTiny(WITH_FLAGS);
    const failing: MetricService = {
      ...onEngine(service, service.engine.query.bind(service.engine)),
      refresh: async () => {
        throw new Error('gone');
      },
    };
    const tiny = await overHttp(failing);
    expect(codesOf(await tiny.ask(refresh('{}')))).toEqual(['INTERNAL_SERVER_ERROR']);
    expect((await tiny.ask('{ experiments { totalCount } }')).json.data.experiments.totalCount).toBe(1);
  });
});

describe('in the background', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const serviceWith = (kinds: readonly string[], read: () => Promise<number>) =>
    ({
      catalog: () => ({ sources: new Map(kinds.map((kind) => [kind, { kind }])) }),
      refresh: read,
    }) as unknown as MetricService; // only these two are called
  const logger = () => ({ warn: vi.fn() }) as unknown as Logger & { warn: ReturnType<typeof vi.fn> }; // only warn is called

  test('the table is read every minute; a failure is logged and ends nothing', async () => {
    const read = vi.fn(async () => {
      throw new Error('no');
    });
    const log = logger();
    const refreshing = startRefreshing(serviceWith(['facts', 'experiments'], read), log);
    await vi.advanceTimersByTimeAsync(180_000);
    expect([read.mock.calls.length, log.warn.mock.calls.length]).toEqual([3, 3]);
    refreshing.stop();
    await vi.advanceTimersByTimeAsync(180_000);
    expect(read).toHaveBeenCalledTimes(3);
  });

  test('a reading that takes long is not overtaken', async () => {
    const read = vi.fn(() => new Promise<number>(() => {}));
    const refreshing = startRefreshing(serviceWith(['experiments'], read), logger());
    await vi.advanceTimersByTimeAsync(300_000);
    expect(read).toHaveBeenCalledTimes(1);
    refreshing.stop();
  });

  test('nothing happens without such a table', async () => {
    const read = vi.fn(async () => 1);
    startRefreshing(serviceWith(['facts'], read), logger());
    await vi.advanceTimersByTimeAsync(300_000);
    expect([read.mock.calls.length, vi.getTimerCount()]).toEqual([0, 0]);
  });
});
