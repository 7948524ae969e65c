import { describe, expect, test } from 'vitest';
import { bayesianOf } from '../../src/experiment/bayesian-result.ts';
import { compare, differenceOf, fixedTest, headlineP } from '../../src/experiment/comparison.ts';
import { detectableNow } from '../../src/experiment/detectable-now.ts';
import { adjustedPOf, familyRows, simultaneousIntervalOf } from '../../src/experiment/family.ts';
import { flagsOf } from '../../src/experiment/flags.ts';
import { interactionOf } from '../../src/experiment/interaction.ts';
import { scaledImpactOf } from '../../src/experiment/scaled-impact.ts';
import { effectPosterior } from '../../src/statistics/bayesian.ts';
import { dunnettTest } from '../../src/statistics/dunnett.ts';
import { heterogeneityTest } from '../../src/statistics/heterogeneity.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { type ArmSketch, arm, type MetricSketch, THREE } from './sketch.ts';
import { line, lines, world } from './world.ts';

const two = (control: ArmSketch, treatment: ArmSketch) => ({ control, treatment });
const sample = ({ units, mean, sd }: ArmSketch) => ({ n: units, mean, variance: sd ** 2 });

describe('the Bayesian view', () => {
  const bayesian = async (
    arms: MetricSketch['arms'],
    {
      asked = null,
      input = {},
      sketch = {},
      prior,
    }: {
      asked?: { mean: number; sd: number } | null;
      input?: object;
      sketch?: Partial<MetricSketch>;
      prior?: { scale: 'RELATIVE' | 'ABSOLUTE'; mean: number; sd: number };
    } = {},
  ) => {
    const base = world({}).experiment.analysis;
    const one = world(
      { m: { arms, ...sketch } },
      prior === undefined ? {} : { experiment: { analysis: { ...base, prior } } },
    );
    return bayesianOf(one.session, await line(one, 'm', input), asked);
  };
  const [control, treatment] = [arm(10, 4), arm(10.3, 4)];
  const oracle = (
    scale: 'RELATIVE' | 'ABSOLUTE',
    prior: { mean: number; sd: number } | null,
    goodWhen: 'UP' | 'DOWN' = 'UP',
  ) => {
    const result = effectPosterior(sample(control), sample(treatment), {
      ...{ scale, level: 0.95, goodWhen },
      prior: prior === null ? { kind: 'FLAT' } : { kind: 'NORMAL', scale, ...prior },
    });
    if (!result.ok) throw new Error('It can be computed.');
    return result;
  };

  test('without a prior it is flat and relative', async () => {
    const { mean, sd, interval, chanceToBeatControl, expectedLoss, expectedLossOfKeeping } = oracle('RELATIVE', null);
    const result = await bayesian(two(control, treatment));
    expect(result).toMatchObject({
      ...{ scale: 'relative', chanceToBeatControl, expectedLoss, expectedLossOfKeeping, validity: 'ASYMPTOTIC' },
      estimate: { value: mean, standardError: sd, interval, pValue: null },
    });
    expect(result.prior).toContain('flat');
  });

  test('a prior that is asked for is on the scale of the declared one', async () => {
    const prior = { mean: 0.01, sd: 0.02 };
    const relative = await bayesian(two(control, treatment), { asked: prior });
    expect(relative.estimate.value).toBeCloseTo(oracle('RELATIVE', prior).mean, 14);
    expect(relative.prior).toBe('normal with mean 0.01 and standard deviation 0.02, on the relative change');
    const declared = { scale: 'ABSOLUTE', mean: 0.2, sd: 0.1 } as const;
    const absolute = await bayesian(two(control, treatment), { prior: declared });
    expect(absolute.scale).toBe('absolute');
    expect(absolute.estimate.value).toBeCloseTo(oracle('ABSOLUTE', declared).mean, 14);
    const asked = await bayesian(two(control, treatment), { prior: declared, asked: { mean: 0, sd: 0.05 } });
    expect(asked.estimate.value).toBeCloseTo(oracle('ABSOLUTE', { mean: 0, sd: 0.05 }).mean, 14);
  });

  test('what is better follows the metric; where neither way is, only the estimate is known', async () => {
    const down = await bayesian(two(control, treatment), { sketch: { goodWhen: 'DOWN' } });
    const up = oracle('RELATIVE', null);
    expect(down.chanceToBeatControl).toBeCloseTo(1 - up.chanceToBeatControl, 12);
    expect(down.expectedLoss).toBeCloseTo(up.expectedLossOfKeeping, 14);
    const neither = await bayesian(two(control, treatment), { sketch: { goodWhen: 'NEITHER', role: 'DIAGNOSTIC' } });
    expect(neither).toMatchObject({ chanceToBeatControl: null, expectedLoss: null, expectedLossOfKeeping: null });
    expect(neither.estimate.value).toBe(up.mean);
  });

  test('over a negative control mean a rise is a smaller lift, and still better', async () => {
    const result = await bayesian(two(arm(-10, 4), arm(-9, 4)));
    expect(result.estimate.value).toBeCloseTo(-0.1, 12);
    expect(result.chanceToBeatControl).toBeGreaterThan(0.99);
    expect(result.expectedLoss).toBeLessThan(1e-6);
  });

  test.each<[string, ArmSketch, ArmSketch, string]>([
    ['without variance', arm(10, 0), arm(11, 0), 'ZERO_VARIANCE'],
    ['over a zero mean', arm(0), arm(1), 'ZERO_BASELINE'],
    ['of means of different sign', arm(1), arm(-1), 'NOT_APPLICABLE'],
    ['without units', arm(1, 1, 0), arm(1), 'NO_UNITS'],
  ])('%s it is not known', async (_, c, t, unknown) => {
    expect(await bayesian(two(c, t))).toMatchObject({ chanceToBeatControl: null, estimate: { value: null, unknown } });
  });

  test('a control mean that may be zero makes the relative model doubtful', async () => {
    expect((await bayesian(two(arm(0.05), arm(0.06)))).validity).toBe('HEURISTIC');
  });
});

describe("Dunnett's correction", () => {
  const arms = (a: number, b: number) => ({ control: arm(10, 1), a: arm(10 + a, 1.2), b: arm(10 + b, 0.9) });
  const METRICS: Record<string, MetricSketch> = { g: { arms: arms(0.06, 0.08) }, h: { arms: arms(0.02, 0.09) } };
  const of = () => world(METRICS, { experiment: { variants: THREE } });
  const DUNNETT = { correction: 'DUNNETT' } as const;
  const within = (metric: 'g' | 'h', level: number) => {
    const { control, a, b } = METRICS[metric]!.arms as Record<string, ArmSketch>;
    return dunnettTest(sample(control!), [sample(a!), sample(b!)], { level });
  };

  test('is within each metric, Bonferroni over the metrics', async () => {
    const one = of();
    for (const row of await lines(one, DUNNETT)) {
      const oracle = within(row.metric.metric as 'g' | 'h', 0.975)[row.treatment.key === 'a' ? 0 : 1]!;
      if (!oracle.ok) throw new Error('It can be computed.');
      expect(await adjustedPOf(one.session, row)).toBeCloseTo(Math.min(1, 2 * oracle.pValue), 9);
      const interval = await simultaneousIntervalOf(one.session, row);
      expect(interval!.lower).toBeCloseTo(oracle.interval.lower!, 9);
      expect(interval!.upper).toBeCloseTo(oracle.interval.upper!, 9);
    }
    expect((await familyRows(one.session, (await lines(one, DUNNETT))[0]!))?.family.correction).toBe('DUNNETT');
  });

  test('is less strict than Bonferroni', async () => {
    const one = of();
    const [dunnett, bonferroni] = await Promise.all(
      (['DUNNETT', 'BONFERRONI'] as const).map(async (correction) =>
        adjustedPOf(one.session, await line(one, 'g', { correction })),
      ),
    );
    expect(dunnett).toBeLessThan(bonferroni!);
  });

  test('of tests that are repeated it is Bonferroni, and says so', async () => {
    const one = of();
    const row = await line(one, 'g', { ...DUNNETT, sequential: 'ASYMPTOTIC' });
    expect((await familyRows(one.session, row))?.family.correction).toBe('BONFERRONI');
    expect(await adjustedPOf(one.session, row)).toBeCloseTo(
      Math.min(1, 4 * headlineP(await compare(one.session, row))!),
      12,
    );
  });

  test('a metric that cannot be computed leaves the others', async () => {
    const one = world({ ...METRICS, h: { arms: 'failed' } }, { experiment: { variants: THREE } });
    const oracle = within('g', 0.95)[0]!;
    expect(await adjustedPOf(one.session, await line(one, 'g', DUNNETT))).toBeCloseTo(oracle.ok ? oracle.pValue : 0, 9);
  });
});

describe('the simultaneous interval', () => {
  const of = () =>
    world({
      g: { arms: two(arm(10), arm(10.06)) },
      h: { arms: two(arm(10), arm(10.08)) },
      r: { role: 'GUARDRAIL', arms: two(arm(1), arm(1)) },
    });

  test.each([
    ['NONE', 0.95],
    ['BONFERRONI', 0.975],
    ['HOLM', 0.975],
    ['HOCHBERG', 0.975],
    ['SIDAK', Math.sqrt(0.95)],
  ] as const)('%s', async (correction, level) => {
    const one = of();
    const row = await line(one, 'g', { correction });
    const expected = welchTest({ n: 2000, mean: 10, variance: 1 }, { n: 2000, mean: 10.06, variance: 1 }, { level });
    const interval = await simultaneousIntervalOf(one.session, row);
    expect(interval!.lower).toBeCloseTo(expected.ok ? expected.interval.lower! : 0, 12);
    expect(interval!.level).toBeCloseTo(level, 12);
  });

  test.each(['BENJAMINI_HOCHBERG', 'BENJAMINI_YEKUTIELI'] as const)('%s has none', async (correction) => {
    const one = of();
    expect(await simultaneousIntervalOf(one.session, await line(one, 'g', { correction }))).toBeNull();
  });

  test('a guardrail is in no family', async () => {
    const one = of();
    expect(await simultaneousIntervalOf(one.session, await line(one, 'r'))).toBeNull();
  });
});

describe('slices', () => {
  const slices = ['DE', 'FR'].flatMap((country) =>
    ['control', 'treatment'].map((variant) => ({ values: [country], variant, units: 2000 })),
  );
  const sliced = async (metric: MetricSketch = { arms: two(arm(10), arm(10.1)) }) => {
    const one = world({ m: metric }, { slices });
    return { one, rows: await lines(one, {}, { sliceBy: ['country'] }) };
  };

  test('are led by the test of interaction over all of them, the rest too', async () => {
    const { one, rows } = await sliced();
    const found = await Promise.all(rows.map((row) => interactionOf(one.session, row)));
    const welch = fixedTest(await compare(one.session, rows[0]!), 0.95);
    if (!welch.ok) throw new Error('It can be computed.');
    // the sketch's rest has units like the two slices
    const oracle = heterogeneityTest(Array.from({ length: 3 }, () => ({ ...welch, estimate: welch.difference })));
    expect(found[0]).toEqual({
      dimension: 'country',
      statistic: oracle.ok ? oracle.q : null,
      pValue: oracle.ok ? oracle.pValue : null,
    });
    expect(new Set(found.map((one_) => JSON.stringify(one_))).size).toBe(1);
  });

  test('that cannot be compared have no test; the whole population has no slices', async () => {
    const { one, rows } = await sliced({ arms: two(arm(10, 0), arm(10, 0)) });
    expect(await interactionOf(one.session, rows[0]!)).toEqual({ dimension: 'country', statistic: null, pValue: null });
    expect(await interactionOf(one.session, await line(one, 'm'))).toBeNull();
  });

  test('make one family, whose tests are made once a request', async () => {
    const { one, rows } = await sliced();
    await Promise.all(rows.flatMap((row) => [adjustedPOf(one.session, row), flagsOf(one.session, row)]));
    const asked = one.asked.filter(({ kind }) => kind === 'moments').length;
    // each line's comparison and its shape, not each line's for each line
    expect(asked).toBe(2 * rows.length);
  });
});

describe('the scaled impact', () => {
  const PERIOD = { start: '2026-03-01T00:00:00Z', end: '2026-03-11T00:00:00Z' };

  test('is the difference times the units of a day, of all variants', async () => {
    const one = world(
      { m: { arms: { control: arm(10), a: arm(10.1), b: arm(10) } } },
      { experiment: { ...PERIOD, variants: THREE } },
    );
    const row = await line(one, 'm');
    const { value, interval } = differenceOf(await compare(one.session, row));
    const impact = await scaledImpactOf(one.session, row);
    expect(impact.value).toBeCloseTo((value! * 6000) / 10, 9);
    expect(impact.interval!.lower).toBeCloseTo((interval!.lower! * 6000) / 10, 9);
  });

  test('immature units come too: they are exposed in a day', async () => {
    const immature = { ...arm(10), immature: 500 };
    const one = world({ m: { arms: two(immature, { ...immature, mean: 10.1 }) } }, { experiment: PERIOD });
    expect((await scaledImpactOf(one.session, await line(one, 'm'))).value).toBeCloseTo((0.1 * 5000) / 10, 9);
  });

  test.each<[string, Partial<MetricSketch>, object]>([
    ['of a ratio', { type: 'RATIO' }, PERIOD],
    ['without a start', {}, { start: null }],
  ])('%s is not known', async (_, sketch, experiment) => {
    const one = world({ m: { arms: two(arm(10), arm(10.1)), ...sketch } }, { experiment });
    expect(await scaledImpactOf(one.session, await line(one, 'm'))).toMatchObject({
      value: null,
      unknown: 'NOT_APPLICABLE',
    });
  });
});

test('the effect that would have been found is that of the spread, and of the family', async () => {
  const one = world({
    g: { arms: two(arm(10), arm(11)) },
    h: { arms: two(arm(10), arm(10)) },
    d: { role: 'DIAGNOSTIC', arms: two(arm(10), arm(10)) },
  });
  const [g, h, d] = await Promise.all(
    ['g', 'h', 'd'].map(async (name) => detectableNow(one.session, await line(one, name))),
  );
  // (z_.975 + z_.8)·se/mean for one test; both goals share alpha
  expect(d).toBeCloseTo((2.8016 * Math.sqrt(2 / 2000)) / 10, 4);
  expect(g).toBeGreaterThan(d!);
  expect(h).toBeCloseTo(g!, 12);
  const always = await detectableNow(one.session, await line(one, 'd', { sequential: 'ASYMPTOTIC' }));
  expect(always).toBeGreaterThan(d!);
});

describe('flags', () => {
  const shaped = (skewness: number, largest = 20, smallest = 0): ArmSketch => ({
    ...arm(10),
    shape: { skewness, smallest, largest },
  });
  const flags = async (metric: Partial<MetricSketch>, options = {}) => {
    const one = world({ m: { arms: two(arm(10), arm(10)), ...metric } }, options);
    return flagsOf(one.session, await line(one, 'm'));
  };

  test.each<[string, ArmSketch, boolean]>([
    // 355·s² = 2,000 at s = 2.3735
    ['few units for the skewness', shaped(2.38), true],
    ['enough of them', shaped(2.36), false],
    ['whichever side the tail is on', shaped(-2.38), true],
    ['one unit with a tenth of the total', shaped(0, 2001), true],
    ['one unit with a bit less', shaped(0, 1999), false],
  ])('HEAVY_TAIL: %s', async (_, treatment, heavy) => {
    expect((await flags({ arms: two(shaped(0), treatment) })).includes('HEAVY_TAIL')).toBe(heavy);
  });

  test('POST_TREATMENT_FILTER: who is among the units was decided after the exposure', async () => {
    const measure = {
      source: 'events',
      aggregate: 'count',
      column: null,
      where: null,
      whenMissing: 'zero',
      minimum: null,
    } as const;
    const among = { measure, window: { delay: 0, length: 3600 } };
    expect(await flags({ among: { ...among, postTreatment: true } })).toContain('POST_TREATMENT_FILTER');
    expect(await flags({ among: { ...among, postTreatment: false } })).not.toContain('POST_TREATMENT_FILTER');
  });

  test('STALE: a source of the line ends long before it should', async () => {
    const old = { freshness: { events: { rows: 9, latest: '2026-03-01T00:00:00.000000Z' } } };
    expect(await flags({}, old)).toContain('STALE');
    expect(await flags({ source: 'other' }, old)).not.toContain('STALE');
  });
});
