import { describe, expect, test } from 'vitest';
import type { Experiment } from '../../src/catalog/catalog.ts';
import { type AnalysisInput, hasEnded, resolveAnalysis, statusOf } from '../../src/experiment/analysis.ts';
import { compare, differenceOf, liftOf } from '../../src/experiment/comparison.ts';
import { exposuresOf } from '../../src/experiment/exposures.ts';
import { resolveAsOf } from '../../src/experiment/session.ts';
import { srmTimelineOf } from '../../src/experiment/srm.ts';
import { summaryCells } from '../../src/experiment/summaries-table.ts';
import { arm, type MetricSketch, NOW } from './sketch.ts';
import { line, world } from './world.ts';

const g: MetricSketch = { arms: { control: arm(10), treatment: arm(10.1) } };
const resolved = (input: AnalysisInput = {}, experiment: Partial<Experiment> = {}) => {
  const { session, experiment: built } = world({ g }, { experiment });
  return resolveAnalysis(session, built, input);
};
const refusal = (code: string) => expect.objectContaining({ code });

describe('which analysis a number follows', () => {
  const own: Partial<Experiment> = {
    analysis: { alpha: 0.1, correction: 'BONFERRONI', lift: 'LOG', sequential: 'ASYMPTOTIC', harmAlpha: 0.02 },
  };

  test("the experiment's settings, where the request says nothing", () => {
    expect(resolved({}, own)).toMatchObject({
      alpha: 0.1,
      level: 0.9,
      correction: 'BONFERRONI',
      lift: 'LOG',
      sequential: 'ASYMPTOTIC',
      harmAlpha: 0.02,
      cuped: false,
      stratifyBy: [],
      prior: null,
      maturity: 'REQUIRED',
      asOf: NOW,
      control: { key: 'control' },
    });
  });

  test("the request's, field by field, over the experiment's", () => {
    const input = {
      alpha: 0.01,
      lift: 'DELTA',
      maturity: 'ALL',
      control: 'treatment',
      asOf: '2026-03-20T02:00:00+02:00',
      correction: null,
    } as const;
    expect(resolved(input, own)).toMatchObject({
      alpha: 0.01,
      level: 0.99,
      correction: 'BONFERRONI',
      lift: 'DELTA',
      sequential: 'ASYMPTOTIC',
      harmAlpha: 0.02,
      maturity: 'ALL',
      asOf: '2026-03-20T00:00:00.000000Z',
      control: { key: 'treatment' },
    });
  });

  test("a field's argument over the request's", async () => {
    const comparison = await compare(world({ g }).session, await line(world({ g }), 'g', { alpha: 0.2, lift: 'LOG' }));
    expect(differenceOf(comparison).interval?.level).toBe(0.8);
    expect(differenceOf(comparison, 0.99).interval?.level).toBe(0.99);
    expect(liftOf(comparison)).toEqual(liftOf(comparison, 'LOG', 0.8));
    expect(liftOf(comparison, 'DELTA', 0.99)).toMatchObject({
      interval: { level: 0.99 },
      standardError: expect.any(Number),
    });
  });

  test.each<[string, AnalysisInput, string]>([
    ['alpha 0', { alpha: 0 }, 'BAD_USER_INPUT'],
    ['alpha 1', { alpha: 1 }, 'BAD_USER_INPUT'],
    ['alpha NaN', { alpha: Number.NaN }, 'BAD_USER_INPUT'],
    ['a control that is none', { control: 'ghost' }, 'BAD_USER_INPUT'],
    ['a stratum that is no dimension', { stratifyBy: ['planet'] }, 'BAD_USER_INPUT'],
    ['a stratum named twice', { stratifyBy: ['country', 'country'] }, 'BAD_USER_INPUT'],
    ['a moment that is none', { asOf: '2026-02-30T00:00:00Z' }, 'BAD_USER_INPUT'],
  ])('%s is refused', (_, input, code) => {
    expect(() => resolved(input)).toThrow(refusal(code));
  });
});

describe('versions of a metric', () => {
  const many = (pinned?: number): Record<string, MetricSketch> => ({
    g: { ...g, versions: [1, 2, 5], ...(pinned === undefined ? {} : { pinned }) },
  });

  test.each<[string, number | undefined, AnalysisInput, number]>([
    ['the current one', undefined, {}, 5],
    ['the one that the experiment pins', 2, {}, 2],
    ['the one that the request pins, over both', 2, { metricVersions: [{ metric: 'g', version: 1 }] }, 1],
  ])('%s', async (_, pinned, input, number) => {
    const one = world(many(pinned));
    const row = await line(one, 'g', input);
    expect(row.metric.number).toBe(number);
    await compare(one.session, row);
    expect(one.asked[0]).toMatchObject({ metric: { number } });
  });

  test('one that there is none of is refused, as is a pin for a metric that the experiment does not have', async () => {
    await expect(line(world(many()), 'g', { metricVersions: [{ metric: 'g', version: 3 }] })).rejects.toThrow(
      refusal('UNKNOWN_METRIC_VERSION'),
    );
    await expect(line(world(many()), 'g', { metricVersions: [{ metric: 'h', version: 1 }] })).rejects.toThrow(
      refusal('UNKNOWN_METRIC'),
    );
  });
});

describe('status at a moment', () => {
  const at = '2026-03-10T00:00:00.000000Z';
  test.each<[string, Partial<Experiment>, string, boolean]>([
    ['between start and end', {}, 'RUNNING', false],
    ['before the start', { start: '2026-03-11T00:00:00Z' }, 'SCHEDULED', false],
    ['at the start', { start: '2026-03-10T00:00:00Z' }, 'RUNNING', false],
    ['at the end', { end: '2026-03-10T00:00:00Z' }, 'STOPPED', true],
    ['at the end, told in another zone', { end: '2026-03-10T01:00:00+01:00' }, 'STOPPED', true],
    ['neither start nor end', { start: null, end: null }, 'RUNNING', false],
    ['stated: stopped', { status: 'STOPPED' }, 'STOPPED', true],
    ['stated: a draft', { status: 'DRAFT' }, 'DRAFT', false],
    ['stated: archived', { status: 'ARCHIVED' }, 'ARCHIVED', true],
    ['stated: running, but over', { status: 'RUNNING', end: '2026-03-09T00:00:00Z' }, 'STOPPED', true],
    ['stated: scheduled, but begun', { status: 'SCHEDULED' }, 'RUNNING', false],
  ])('%s', (_, stated, status, ended) => {
    const { experiment } = world({}, { experiment: stated });
    expect([statusOf(experiment, at), hasEnded(experiment, at)]).toEqual([status, ended]);
  });
});

describe('assignments without times', () => {
  const { session, experiment } = world({ g }, { untimed: true });
  const refused = expect.objectContaining({
    code: 'NO_TIMESTAMP',
    message: expect.stringMatching(/"x".*"assignments"/),
  });

  test('refuse asOf by name, as an argument and in the analysis', () => {
    expect(() => resolveAsOf(session, experiment, '2026-03-20T00:00:00Z')).toThrow(refused);
    expect(() => resolveAnalysis(session, experiment, { asOf: '2026-03-20T00:00:00Z' })).toThrow(refused);
  });

  test('refuse series over time', async () => {
    await expect(exposuresOf(session, experiment, null, NOW, { grain: 'DAY', cumulative: false })).rejects.toThrow(
      refused,
    );
    await expect(srmTimelineOf(session, experiment, null, NOW, 'DAY')).rejects.toThrow(refused);
  });

  test('are read at the clock, which the analysis echoes', async () => {
    const analysis = resolveAnalysis(session, experiment);
    expect(analysis.asOf).toBe(NOW);
    expect((await summaryCells(session, { experiment, analysis, treatment: 'treatment' })).at(-1)).toBe(
      '2026-05-01T00:00:00Z',
    );
  });
});
