import { describe, expect, test } from 'vitest';
import type { Experiment } from '../../src/catalog/catalog.ts';
import { arm, kept, type MetricSketch, type WorldOptions } from './sketch.ts';
import { judged, world } from './world.ts';

const DAY = 86_400;
const week = { window: { delay: 0, length: 7 * DAY } };
const better: MetricSketch = { arms: { control: arm(10), treatment: arm(11) } };
const plan = (stated: Partial<Experiment['plan'] & object>) => ({
  end: null,
  unitsPerVariant: null,
  minRuntime: null,
  ...stated,
});
const at = (now: string): WorldOptions => ({ now: `${now}T00:00:00.000000Z` });

/** A better goal of 2,000 mature units an arm, exposed until 2026-03-14; start 2026-03-01, end 2026-03-15. */
type Case = readonly [
  title: string,
  experiment: Partial<Experiment>,
  now: string,
  verdict: string,
  missing: readonly RegExp[],
];

const CASES: readonly Case[] = [
  ['running without a plan', { end: null }, '2026-05-01', 'KEEP_RUNNING', [/declares no plan/]],
  ['running before its end without a plan', {}, '2026-03-14', 'KEEP_RUNNING', [/declares no plan/]],
  ['ended without a plan: at the end itself', {}, '2026-03-15', 'SHIP', []],
  ['stopped without a plan, before its end', { status: 'STOPPED' }, '2026-03-14', 'SHIP', []],
  ['stopped without an end', { status: 'STOPPED', end: null }, '2026-05-01', 'SHIP', []],
  ['archived', { status: 'ARCHIVED', end: null }, '2026-05-01', 'SHIP', []],
  [
    "the plan's end is ahead",
    { plan: plan({ end: '2026-03-20T00:00:00Z' }) },
    '2026-03-19',
    'KEEP_RUNNING',
    [/ends at 2026-03-20/],
  ],
  [
    "the plan's end is reached, though enrolment goes on",
    { end: null, plan: plan({ end: '2026-03-20T00:00:00Z' }) },
    '2026-03-20',
    'SHIP',
    [],
  ],
  [
    'too few units in both variants',
    { plan: plan({ unitsPerVariant: 2001 }) },
    '2026-05-01',
    'KEEP_RUNNING',
    [/control has 2000 .* 2001/, /treatment has 2000 .* 2001/],
  ],
  [
    'just enough units, still enrolling',
    { end: null, plan: plan({ unitsPerVariant: 2000 }) },
    '2026-03-10',
    'SHIP',
    [],
  ],
  [
    'enough units, but the end is ahead',
    { end: null, plan: plan({ unitsPerVariant: 2000, end: '2026-03-20T00:00:00Z' }) },
    '2026-03-10',
    'KEEP_RUNNING',
    [/ends at/],
  ],
  [
    'minRuntime is not over',
    { plan: plan({ unitsPerVariant: 2000, minRuntime: 7 * DAY }) },
    '2026-03-07',
    'KEEP_RUNNING',
    [/6 of at least 7 days/],
  ],
  ['minRuntime is over', { plan: plan({ unitsPerVariant: 2000, minRuntime: 7 * DAY }) }, '2026-03-08', 'SHIP', []],
  [
    'minRuntime is longer than the experiment ran',
    { plan: plan({ minRuntime: 15 * DAY }) },
    '2026-05-01',
    'KEEP_RUNNING',
    [/14 of at least 15 days/],
  ],
  [
    'minRuntime cannot be told without a start',
    { start: null, plan: plan({ unitsPerVariant: 2000, minRuntime: 7 * DAY }) },
    '2026-05-01',
    'KEEP_RUNNING',
    [/declares no start/],
  ],
  [
    'minRuntime alone is no plan to reach',
    { end: null, plan: plan({ minRuntime: 7 * DAY }) },
    '2026-05-01',
    'KEEP_RUNNING',
    [/neither an end nor a number of units/],
  ],
  ['minRuntime alone, ended', { plan: plan({ minRuntime: 7 * DAY }) }, '2026-05-01', 'SHIP', []],
  [
    'continuous: ships while it runs',
    { end: null, monitoring: 'CONTINUOUS' },
    '2026-03-10',
    'SHIP',
    [/declares no plan/],
  ],
  [
    'continuous: not before minRuntime',
    { end: null, monitoring: 'CONTINUOUS', plan: plan({ minRuntime: 10 * DAY }) },
    '2026-03-10',
    'KEEP_RUNNING',
    [/no.* units/, /9 of at least 10/],
  ],
  [
    'continuous: not before minRuntime, units or no units',
    { monitoring: 'CONTINUOUS', plan: plan({ unitsPerVariant: 10, minRuntime: 10 * DAY }) },
    '2026-03-10',
    'KEEP_RUNNING',
    [/9 of at least 10/],
  ],
  [
    'continuous: once minRuntime is over, before the plan',
    { monitoring: 'CONTINUOUS', plan: plan({ unitsPerVariant: 9000, minRuntime: 7 * DAY }) },
    '2026-03-10',
    'SHIP',
    [/control/, /treatment/],
  ],
];

test.each(CASES)('%s', async (_, experiment, now, verdict, missing) => {
  const { evidence, ...summary } = await judged(world({ g: better }, { experiment, ...at(now) }));
  expect(summary.verdict).toBe(verdict);
  expect(evidence.progress.missing).toHaveLength(missing.length);
  for (const [i, words] of missing.entries()) expect(evidence.progress.missing[i]).toMatch(words);
});

describe('outcomes must be mature', () => {
  const mature = (now: string, experiment: Partial<Experiment> = {}, options: WorldOptions = {}) =>
    judged(world({ g: { ...better, ...week } }, { experiment, ...at(now), ...options }));

  test.each<readonly [string, Partial<Experiment>, string, string, WorldOptions]>([
    ['a moment before the last window is over', {}, '2026-03-20', 'KEEP_RUNNING', {}],
    ['when it is over', {}, '2026-03-21', 'SHIP', {}],
    [
      'the treatment was switched off: nothing more will come',
      { treatmentEnd: '2026-03-16T00:00:00Z' },
      '2026-03-17',
      'SHIP',
      {},
    ],
    [
      "at the plan's end with open windows, enrolment going on",
      { end: null, plan: plan({ end: '2026-03-14T00:00:00Z' }) },
      '2026-03-18',
      'KEEP_RUNNING',
      {},
    ],
    [
      "a window after the plan's end, enrolment going on",
      { end: null, plan: plan({ end: '2026-03-14T00:00:00Z' }) },
      '2026-03-21',
      'SHIP',
      { assignments: kept({ control: 2000, treatment: 2000 }, '2026-03-20T23:00:00.000000Z') },
    ],
    ['a plan by units counts its mature units', { plan: plan({ unitsPerVariant: 2000 }) }, '2026-03-16', 'SHIP', {}],
    ['without times nothing is open', {}, '2026-03-16', 'SHIP', { untimed: true }],
  ])('%s', async (_, experiment, now, verdict, options) => {
    expect((await mature(now, experiment, options)).verdict).toBe(verdict);
  });

  test('the longest window of goals and guardrails counts, no diagnostic', async () => {
    const long: Partial<MetricSketch> = { window: { delay: 10 * DAY, length: 10 * DAY } };
    const verdictWith = async (role: 'GUARDRAIL' | 'DIAGNOSTIC') =>
      (await judged(world({ g: { ...better, ...week }, l: { ...better, ...long, role } }, at('2026-04-02')))).verdict;
    expect([await verdictWith('DIAGNOSTIC'), await verdictWith('GUARDRAIL')]).toEqual(['SHIP', 'KEEP_RUNNING']);
  });
});
