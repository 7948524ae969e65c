import { expect, test } from 'vitest';
import type { Experiment } from '../../src/catalog/catalog.ts';
import { resolveAnalysis } from '../../src/experiment/analysis.ts';
import { freshnessOf } from '../../src/experiment/freshness.ts';
import { arm, type MetricSketch, type WorldOptions } from './sketch.ts';
import { judged, world } from './world.ts';

const HOUR = 3600;
const metric: MetricSketch = {
  arms: { control: arm(10), treatment: arm(11) },
  window: { delay: 24 * HOUR, length: 6 * 24 * HOUR },
};
const open: MetricSketch = { arms: metric.arms };

/** The newest event, and whether it is too old; units exposed until 2026-03-14, enrolment until 2026-03-15. */
interface Case {
  readonly title: string;
  readonly newest: string | null;
  readonly stale: boolean | null;
  readonly now?: string;
  readonly experiment?: Partial<Experiment>;
  readonly metrics?: Record<string, MetricSketch>;
  readonly options?: WorldOptions;
}

const CASES: readonly Case[] = [
  {
    title: 'needed until the last window is over: 48 h before that is just fresh enough',
    newest: '2026-03-19T00:00:00Z',
    stale: false,
  },
  { title: 'a second more is stale', newest: '2026-03-18T23:59:59Z', stale: true },
  {
    title: 'needed until asOf, where that is earlier',
    newest: '2026-03-16T00:00:00Z',
    stale: false,
    now: '2026-03-18T00:00:00Z',
  },
  { title: 'a second more before asOf', newest: '2026-03-15T23:59:59Z', stale: true, now: '2026-03-18T00:00:00Z' },
  {
    title: 'needed until the treatment ended, where that is earlier',
    newest: '2026-03-14T00:00:00Z',
    stale: false,
    experiment: { treatmentEnd: '2026-03-16T00:00:00Z' },
  },
  {
    title: 'a second more before the end of treatment',
    newest: '2026-03-13T23:59:59Z',
    stale: true,
    experiment: { treatmentEnd: '2026-03-16T00:00:00Z' },
  },
  {
    title: 'a metric without a window needs rows until the end',
    newest: '2026-03-13T00:00:00Z',
    stale: false,
    metrics: { g: open },
  },
  { title: 'a second more before the end', newest: '2026-03-12T23:59:59Z', stale: true, metrics: { g: open } },
  {
    title: 'without an end it needs rows until asOf',
    newest: '2026-04-28T00:00:00Z',
    stale: true,
    experiment: { end: null },
    metrics: { g: open },
  },
  {
    title: 'the longest window over a source counts',
    newest: '2026-03-19T00:00:00Z',
    stale: false,
    metrics: { g: metric, h: { ...metric, window: { delay: 0, length: HOUR } } },
  },
  {
    title: 'diagnostics need nothing',
    newest: '2026-03-13T00:00:00Z',
    stale: false,
    metrics: { g: { ...metric, window: { delay: 0, length: 24 * HOUR } }, d: { ...metric, role: 'DIAGNOSTIC' } },
  },
  { title: 'no row at all', newest: null, stale: true },
  { title: 'without times a source is never stale', newest: null, stale: false, options: { eventsUntimed: true } },
  {
    title: 'assignments without times: needed until the end by a metric without a window',
    newest: '2026-03-14T00:00:00Z',
    stale: false,
    metrics: { g: open },
    options: { untimed: true },
  },
  { title: 'a source that cannot be read is not known to be stale', newest: 'failed', stale: null },
];

test.each(CASES)(
  '$title',
  async ({ newest, stale, now = '2026-05-01T00:00:00Z', experiment = {}, metrics = { g: metric }, options = {} }) => {
    const events =
      newest === 'failed'
        ? ('failed' as const)
        : { rows: newest === null && !options.eventsUntimed ? 0 : 100, latest: newest };
    const { session, experiment: built } = world(metrics, {
      now: now.replace('Z', '.000000Z'),
      experiment,
      freshness: { events },
      ...options,
    });
    const last = Promise.resolve(options.untimed ? null : '2026-03-14T00:00:00.000000Z');
    const found = await freshnessOf(session, built, resolveAnalysis(session, built), last);
    expect(found.map(({ source }) => source)).toEqual(['assignments', 'events']);
    expect(found[1]!.stale).toBe(stale);
    const { verdict } = await judged({ session, experiment: built, asked: [] });
    expect(verdict === 'BLOCKED').toBe(stale !== false);
  },
);

test('old assignments are never stale: enrolment may be over', async () => {
  const assignments = { rows: 4000, latest: '2026-03-01T00:00:00.000000Z' };
  expect((await judged(world({ g: metric }, { freshness: { assignments } }))).verdict).toBe('SHIP');
});

test('each source has its own horizon', async () => {
  const metrics = { g: metric, h: { ...metric, source: 'calls', window: { delay: 0, length: 30 * 24 * HOUR } } };
  const newest = { rows: 10, latest: '2026-03-25T00:00:00.000000Z' };
  const { evidence } = await judged(world(metrics, { freshness: { events: newest, calls: newest } }));
  expect(evidence.freshness.map(({ source, stale }) => [source, stale])).toEqual([
    ['assignments', false],
    ['events', false],
    ['calls', true],
  ]);
});
