import { beforeAll, describe, expect, test } from 'vitest';
import { differences } from '../support/close.ts';
import { ask, type Data, type TestService } from '../support/service.ts';
import { codes, serveWritten, unsound } from './support.ts';
import { world } from './world.ts';

let service: TestService;
beforeAll(async () => {
  service = await world();
});

const POINT = `at date dayOfExposure control { units sum mean variance numerator denominator unitsWithValue interval { lower upper } } treatment { variant { key } units mean }
  difference { value standardError interval { lower upper level } pValue unknown } lift { value interval { lower upper } unknown }
  sequential { method pValue significant validity difference { interval { lower upper } unknown } }`;

const linesOf = async (
  fields: string,
  {
    metrics,
    analysis = '{}',
    filter = '',
  }: { readonly metrics: readonly string[]; readonly analysis?: string; readonly filter?: string },
): Promise<readonly Data[]> => {
  const document = `{ experiment(key: "main") { results(filter: { metrics: ${JSON.stringify(metrics)}, treatments: ["a"] ${filter} }, analysis: ${analysis}) {
    nodes { metric { name } control { units mean } treatment { units mean } difference { value standardError interval { lower upper } pValue } lift { value interval { lower upper } } ${fields} } } } }`;
  return (await ask(service, document)).experiment.results.nodes;
};

describe('a timeline', () => {
  test.each(['REQUIRED', 'ALL'])('ends in the headline, %s', async (maturity) => {
    const metrics = ['revenue', 'orders', 'buyers', 'basket', 'capped'];
    const lines = await linesOf(`timeline { ${POINT} }`, { metrics, analysis: `{ maturity: ${maturity} }` });
    expect(lines).toHaveLength(5);
    for (const { timeline, control, treatment, difference, lift, metric } of lines) {
      const last = timeline.at(-1);
      expect(unsound(timeline)).toEqual([]);
      const { units, mean } = last.control;
      expect(differences({ units, mean }, control, 1e-9), metric.name).toEqual([]);
      expect(last.treatment).toMatchObject({ units: treatment.units, variant: { key: 'a' } });
      for (const [found, expected] of [
        [last.difference, difference],
        [last.lift, lift],
      ] as const)
        expect(
          differences({ ...found, interval: pick(found.interval) }, { ...found, ...expected }, 1e-9),
          metric.name,
        ).toEqual([]);
    }
  });

  test('has a point for each day, the empty ones too, and says why there is no number', async () => {
    const [line] = await linesOf(`timeline { ${POINT} }`, { metrics: ['revenue'] });
    const { timeline } = line!;
    const dates = timeline.map(({ date }: Data) => date);
    // Units are exposed for three days, and mature a week later.
    expect(dates).toEqual(Array.from({ length: 14 }, (_, i) => `2026-03-${String(i + 1).padStart(2, '0')}`));
    expect(timeline[0]).toMatchObject({
      at: '2026-03-01T00:00:00Z',
      control: { units: 0, mean: null, variance: null, interval: null },
      difference: { value: null, interval: null, pValue: null, unknown: 'NO_UNITS' },
      lift: { value: null, unknown: 'NO_UNITS' },
      sequential: { pValue: null, significant: null, difference: { interval: null, unknown: 'NO_UNITS' } },
    });
    expect(timeline[13]).toMatchObject({ control: { units: 240 }, difference: { unknown: null } });
  });

  test('is always-valid beside it: wider than the fixed interval, by one N*', async () => {
    const [line] = await linesOf(
      `timeline { ${POINT} } sequential { pValue difference { interval { lower upper } } }`,
      { metrics: ['orders'] },
    );
    const known = line!.timeline.filter(({ difference }: Data) => difference.unknown === null);
    expect(known.length).toBeGreaterThan(10);
    const width = ({ interval: { lower, upper } }: Data) => upper - lower;
    for (const { difference, sequential } of known) {
      expect(sequential).toMatchObject({ method: 'ASYMPTOTIC', validity: 'ASYMPTOTIC' });
      expect(width(sequential.difference)).toBeGreaterThan(width(difference));
    }
    const last = known.at(-1).sequential;
    expect(differences(last.difference.interval, line!.sequential.difference.interval, 1e-9)).toEqual([]);
  });

  test('alone: each period’s own values, of the units exposed so far, with fixed intervals only', async () => {
    const [line] = await linesOf(`timeline(cumulative: false) { ${POINT} }`, {
      metrics: ['orders'],
      analysis: '{ sequential: ASYMPTOTIC }',
    });
    const [whole] = await linesOf(`timeline { control { units sum } }`, { metrics: ['orders'] });
    const sums = line!.timeline.map(({ control }: Data) => control.sum);
    let total = 0;
    for (const [i, point] of line!.timeline.entries()) {
      total += sums[i];
      expect(point.sequential).toBe(null);
      expect(point.control.units).toBe(whole!.timeline[i].control.units);
      expect(whole!.timeline[i].control.sum).toBeCloseTo(total, 9);
    }
    expect(total).toBeGreaterThan(100);
  });

  test.each([
    ['HOUR', 14 * 24, '2026-03-01T01:00:00Z'],
    ['WEEK', 3, '2026-03-02T00:00:00Z'],
    ['MONTH', 1, undefined],
  ])('by %s', async (grain, points, second) => {
    const [line] = await linesOf(`timeline(grain: ${grain}) { at date control { units mean } }`, {
      metrics: ['orders'],
    });
    expect(line!.timeline).toHaveLength(points);
    expect(line!.timeline[1]?.at).toBe(second);
    expect(differences(line!.timeline.at(-1).control, line!.control, 1e-9)).toEqual([]);
  });

  test('by days since exposure: one cohort of units', async () => {
    const [line] = await linesOf(`timeline(by: DAYS_SINCE_EXPOSURE) { ${POINT} }`, { metrics: ['orders'] });
    expect(line!.timeline.map(({ dayOfExposure }: Data) => dayOfExposure)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(new Set(line!.timeline.map(({ control }: Data) => control.units))).toEqual(new Set([240]));
    expect(line!.timeline[0]).toMatchObject({ at: null, date: null });
  });

  test('sliced: each line has its own', async () => {
    const lines = await linesOf('slice { value } timeline { control { units } }', {
      metrics: ['orders'],
      filter: ', sliceBy: ["country"]',
    });
    expect(lines.length).toBeGreaterThan(1);
    for (const { timeline, control } of lines) expect(timeline.at(-1).control.units).toBe(control.units);
  });

  test('is refused by name where there are no times', async () => {
    const document = '{ experiment(key: "plain") { results { nodes { timeline { at } } } } }';
    expect(await codes(service, document)).toEqual(['NO_TIMESTAMP']);
  });
});

describe('novelty', () => {
  const CATALOG = `
engine: { kind: duckdb }
sources:
  assignments: { kind: assignments, file: assignments.parquet, unit: user_id, variant: variant, timestamp: seen_at }
  events: { kind: facts, file: events.parquet, unit: user_id, timestamp: at }
metrics:
  orders: { type: mean, source: events, goodWhen: up }
  steady: { type: mean, source: events, value: { where: "kind = 'steady'" }, goodWhen: up }
  first_day: { type: mean, source: events, window: { length: 24h }, goodWhen: up }
  p90: { type: quantile, quantile: 0.9, over: units, source: events, value: { column: amount }, goodWhen: up }
experiments:
  fading: { assignments: assignments, start: 2026-03-01T00:00:00Z, variants: { control: {}, treatment: {} }, diagnostics: [orders, steady, first_day, p90] }
`;
  /** Treatment orders half as often again on the first day, and ever less so; what is steady is raised by as much on all days. */
  const PARQUET = {
    'assignments.parquet': `select i as user_id, case when i % 2 = 0 then 'control' else 'treatment' end as variant, timestamp '2026-03-01' + interval (i % 240) hour as seen_at from range(6000) as t(i)`,
    'events.parquet': `select cast(i as bigint) as user_id, timestamp '2026-03-01 01:00:00' + interval (i % 240 + 24 * d) hour as at, kind, 1e0 as amount
      from range(6000) as t(i), range(20) as u(d), (values ('order', 40, 30 * exp(-d / 4e0)), ('steady', 40, 10)) as k(kind, usual, more)
      where hash(i * 100 + d || kind) % 1000 < 10 * (usual + case when i % 2 = 1 then more else 0 end)`,
  };
  const NOVELTY =
    'novelty { slope interval { lower upper level } pValue firstEffect lastEffect pattern days unknown } timeline(by: DAYS_SINCE_EXPOSURE, cumulative: false) { dayOfExposure control { units } difference { value unknown } } monthly: timeline(grain: MONTH) { difference { value unknown } }';
  const ask1 = async (metric: string): Promise<Data> => {
    const fading = await serveWritten({ catalog: CATALOG, parquet: PARQUET }, '2026-03-29T00:00:00Z');
    const document = `{ experiment(key: "fading") { results(filter: { metrics: ["${metric}"] }) { nodes { ${NOVELTY} } } } }`;
    return (await ask(fading, document)).experiment.results.nodes[0];
  };

  test('an effect that fades', async () => {
    const { novelty, timeline } = await ask1('orders');
    // Half of the 28 days so far.
    expect(timeline.map(({ dayOfExposure }: Data) => dayOfExposure)).toEqual(Array.from({ length: 14 }, (_, i) => i));
    expect(new Set(timeline.map(({ control }: Data) => control.units))).toEqual(new Set([3000]));
    expect(novelty).toMatchObject({ pattern: 'FADING', days: 14, unknown: null });
    expect(novelty.slope).toBeLessThan(-0.01);
    expect(novelty.interval.upper).toBeLessThan(0);
    expect(novelty.pValue).toBeLessThan(0.001);
    expect(novelty.firstEffect).toBeGreaterThan(novelty.lastEffect);
    expect(timeline[0].difference.value).toBeCloseTo(0.3 + 0.1, 1);
  });

  test('one that does not', async () => {
    const { novelty } = await ask1('steady');
    expect(novelty).toMatchObject({ pattern: 'NONE', days: 14, unknown: null });
    expect(novelty.firstEffect).toBeCloseTo(0.1, 1);
  });

  test('a window of a day has no days to compare', async () => {
    const { novelty, timeline } = await ask1('first_day');
    expect(timeline).toHaveLength(1);
    expect(novelty).toMatchObject({ slope: null, pattern: null, days: null, unknown: 'TOO_FEW_POINTS' });
  });

  test('a quantile has no series, and says so', async () => {
    const { novelty, timeline, monthly } = await ask1('p90');
    expect(timeline).toEqual([]);
    expect(monthly).toEqual([{ difference: { value: null, unknown: 'NOT_APPLICABLE' } }]);
    expect(novelty).toMatchObject({ slope: null, unknown: 'NOT_APPLICABLE' });
  });
});

const pick = (interval: Data | null) => (interval === null ? null : { lower: interval.lower, upper: interval.upper });
