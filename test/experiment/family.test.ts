import { describe, expect, test } from 'vitest';
import { MetricLayerError } from '../../src/core/errors.ts';
import { compare, headlineP } from '../../src/experiment/comparison.ts';
import { adjustedPOf, familyRows } from '../../src/experiment/family.ts';
import type { ResultFilter } from '../../src/experiment/result-row.ts';
import { adjustPValues } from '../../src/statistics/multiple-testing.ts';
import { arm, type MetricSketch, THREE } from './sketch.ts';
import { line, lines, world } from './world.ts';

const arms = (a: number, b: number) => ({ control: arm(10), a: arm(10 + a), b: arm(10 + b) });
const METRICS: Record<string, MetricSketch> = {
  g: { arms: arms(0.06, 0.08) },
  h: { arms: arms(0.02, 0.09) },
  r: { role: 'GUARDRAIL', margin: 0.02, arms: arms(0.1, 0.1) },
  d: { role: 'DIAGNOSTIC', arms: arms(0.1, 0.1) },
};
const slices = ['DE', 'FR', null].flatMap((country) =>
  ['control', 'a', 'b'].map((variant) => ({ values: [country], variant, units: 100 })),
);
const ghosts = [...slices, { values: null, variant: 'control', units: 7 }];
const options = { experiment: { variants: THREE }, slices: ghosts };
const MEMBERS = ['g / a', 'g / b', 'h / a', 'h / b'];

describe('the family of a goal', () => {
  test.each<[string, ResultFilter]>([
    ['nothing is filtered', {}],
    ['one metric is shown', { metrics: ['h'] }],
    ['one treatment is shown', { treatments: ['b'], metrics: ['h'] }],
    ['one role is shown', { roles: ['GOAL'] }],
  ])('is the declared goals × treatments: %s', async (_, filter) => {
    const { session, experiment, asked } = world(METRICS, options);
    const row = (await lines({ session, experiment, asked }, {}, filter))
      .filter(({ metric }) => metric.metric === 'h')
      .at(-1)!;
    expect((await familyRows(session, row))?.family).toEqual({
      id: 'x: goals × treatments',
      size: 4,
      members: MEMBERS,
      correction: 'HOLM',
    });
    const family = (await familyRows(session, row))!.rows;
    const own = await Promise.all(family.map(async (one) => headlineP(await compare(session, one))));
    expect(await adjustedPOf(session, row)).toBe(adjustPValues(own, 'HOLM')[3]);
  });

  test('is corrected the way the analysis says', async () => {
    const { session, ...rest } = world(METRICS, options);
    const adjusted = async (correction: 'NONE' | 'BONFERRONI') =>
      adjustedPOf(session, await line({ session, ...rest }, 'g', { correction }));
    expect(await adjusted('BONFERRONI')).toBeCloseTo(4 * (await adjusted('NONE'))!, 12);
  });

  test.each(['r', 'd'])('there is none for other roles (%s), and no corrected p', async (metric) => {
    const one = world(METRICS, options);
    const row = await line(one, metric);
    expect([await familyRows(one.session, row), await adjustedPOf(one.session, row)]).toEqual([null, null]);
  });

  test('the filter of the units is the same for all members', async () => {
    const where = { kind: 'test', dimension: 'country', operator: 'EQ', values: ['DE'] } as const;
    const { session, experiment, asked } = world(METRICS, options);
    await adjustedPOf(session, await line({ session, experiment, asked }, 'g', {}, { where }));
    expect(asked.map((question) => question.kind === 'moments' && question.population.where)).toEqual([
      where,
      where,
      where,
      where,
    ]);
  });

  test("another goal's failure leaves the family; a goal's own failure is its own", async () => {
    const one = world({ ...METRICS, h: { arms: 'failed' } }, options);
    expect(await adjustedPOf(one.session, await line(one, 'g'))).toBeGreaterThan(0);
    await expect(adjustedPOf(one.session, await line(one, 'h'))).rejects.toThrow(MetricLayerError);
  });

  test('unknown p-values stay unknown', async () => {
    const one = world({ ...METRICS, h: { arms: { control: arm(10, 0), a: arm(10, 0), b: arm(10, 0) } } }, options);
    expect(await adjustedPOf(one.session, await line(one, 'h'))).toBeNull();
  });
});

describe('slices', () => {
  test('are a family of their own, by Benjamini and Hochberg, the rest included', async () => {
    const one = world(METRICS, options);
    const rows = await lines(
      one,
      { correction: 'BONFERRONI' },
      { sliceBy: ['country'], metrics: ['g'], treatments: ['a'] },
    );
    expect(rows.map(({ slice }) => slice)).toEqual([
      { index: 0, values: ['DE'] },
      { index: 1, values: ['FR'] },
      { index: 2, values: [null] },
      { index: 3, values: null },
    ]);
    const { family } = (await familyRows(one.session, rows[0]!))!;
    expect(family).toMatchObject({
      id: 'x: goals × treatments by country',
      size: 16,
      correction: 'BENJAMINI_HOCHBERG',
    });
    expect(family.members.slice(0, 4)).toEqual(['g / a / DE', 'g / a / FR', 'g / a / null', 'g / a / rest']);
    expect(new Set(family.members).size).toBe(16);
  });

  test('refuse what is no dimension, one twice, and more than three', async () => {
    const refused = (sliceBy: string[]) =>
      expect(lines(world(METRICS, options), {}, { sliceBy })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await refused(['planet']);
    await refused(['country', 'country']);
    await refused(['country', 'a', 'b', 'c']);
  });
});

test('a scorecard is metric by metric as declared, goals first, then treatment by treatment', async () => {
  const all = await lines(world(METRICS, options));
  expect(all.map(({ metric, treatment }) => `${metric.metric} / ${treatment.key}`)).toEqual([
    ...MEMBERS,
    'r / a',
    'r / b',
    'd / a',
    'd / b',
  ]);
  const some = await lines(
    world(METRICS, options),
    {},
    { roles: ['DIAGNOSTIC', 'GOAL'], treatments: ['a'], metrics: ['d', 'h', 'r'] },
  );
  expect(some.map(({ metric, treatment }) => `${metric.metric} / ${treatment.key}`)).toEqual(['h / a', 'd / a']);
});

test.each<[ResultFilter, string]>([
  [{ metrics: ['ghost'] }, 'UNKNOWN_METRIC'],
  [{ treatments: ['ghost'] }, 'BAD_USER_INPUT'],
  [{ treatments: ['control'] }, 'BAD_USER_INPUT'],
])('%j is refused', async (filter, code) => {
  await expect(lines(world(METRICS, options), {}, filter)).rejects.toMatchObject({ code });
});
