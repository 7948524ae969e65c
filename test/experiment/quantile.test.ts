import { beforeAll, describe, expect, test } from 'vitest';
import { lift } from '../../src/statistics/lift.ts';
import { sampleOfQuantile } from '../../src/statistics/quantile.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { serveWritten } from '../graphql/support.ts';
import { quantilesBy } from '../plan/quantile-reference.ts';
import {
  APPROXIMATE,
  type Loaded,
  makeQuantileWorld,
  QUANTILE_CATALOG,
  QUANTILES,
  quantileTables,
} from '../plan/quantile-world.ts';
import { known } from '../statistics/samples.ts';
import { isClose } from '../support/close.ts';
import { ask, type Data, type TestService } from '../support/service.ts';

const NOW = '2026-12-01T00:00:00Z';
const world = makeQuantileWorld();
const ROLES = `goals: [p95], guardrails: { p50: { margin: 0.05 }, total_p75: {} }, diagnostics: [`;

let service: TestService;
beforeAll(async () => {
  const catalog = QUANTILE_CATALOG()
    .replace('diagnostics: [p95, p50, ', ROLES)
    .replace('p57, ', 'p57, ')
    .replace('total_p75, ', '');
  service = await serveWritten({ catalog, parquet: quantileTables(world) }, NOW);
});

async function line(metric: string, selection: string, analysis = '{}', asOf = NOW): Promise<Data> {
  const { experiment } = await ask(
    service,
    `query ($asOf: DateTime!) { experiment(key: "pages") { results(filter: { metrics: ["${metric}"] }, analysis: { asOf: $asOf${analysis.slice(1, -1).trim() === '' ? '' : `, ${analysis.slice(1, -1)}`} }) { nodes { ${selection} } } } }`,
    { asOf },
  );
  return experiment.results.nodes[0];
}

/** The arms of a quantile by plain TypeScript. */
function armsOf(metric: keyof typeof QUANTILES) {
  const quantile = { ...QUANTILES, ...APPROXIMATE }[metric];
  const arms = quantilesBy(world, {
    ...{ experiment: 'pages', metric: quantile, asOf: Date.parse(NOW), maturity: 'REQUIRED' },
    ...{ slices: null, where: null, first: false, needs: ['products'] },
  });
  const sample = (variant: string, form: 'UNITS' | 'GROWTHBOOK') => {
    const { order } = arms.find((arm) => arm.variant === variant)!;
    const { estimate, lower, upper, values: n, clusters } = order;
    return known(
      sampleOfQuantile(
        { probability: quantile.probability, n, estimate: estimate!, lower: lower!, upper: upper!, clusters },
        form,
      ),
    );
  };
  return { arms, sample };
}

const ARM = 'units sum mean variance standardError';
const NUMBERS = 'value standardError pValue unknown interval { lower upper }';

describe.each(['p95', 'p50', 'total_p75'] as const)('%s', (metric) => {
  const { arms, sample } = armsOf(metric);
  const [control, treatment] = [sample('control', 'UNITS'), sample('fast', 'UNITS')];

  test("an arm's mean is its quantile, with the error of it; there is no sum", async () => {
    const { control: arm } = await line(metric, `control { ${ARM} }`);
    const expected = arms.find(({ variant }) => variant === 'control')!;
    expect([arm.units, arm.sum]).toEqual([expected.units, null]);
    expect(isClose(arm.mean, expected.order.estimate, 1e-12)).toBe(true);
    expect(isClose(arm.standardError, Math.sqrt(control.variance / control.n), 1e-9)).toBe(true);
  });

  test('is compared by Welch’s test and Fieller’s interval; DELTA is GrowthBook’s form', async () => {
    const { difference, pValue, fieller, delta } = await line(
      metric,
      `difference { ${NUMBERS} } pValue fieller: lift { ${NUMBERS} } delta: lift(method: DELTA) { ${NUMBERS} }`,
    );
    const test = known(welchTest(control, treatment, { level: 0.95 }));
    const relative = known(lift(control, treatment, { method: 'FIELLER', level: 0.95 }));
    const theirs = known(
      lift(sample('control', 'GROWTHBOOK'), sample('fast', 'GROWTHBOOK'), { method: 'DELTA', level: 0.95 }),
    );
    for (const [got, expected] of [
      [difference.value, test.difference],
      [difference.standardError, test.standardError],
      [difference.interval.lower, test.interval.lower],
      [pValue, test.pValue],
      [fieller.value, relative.value],
      [fieller.interval.upper, relative.interval!.upper],
      [delta.interval.lower, theirs.interval!.lower],
      [delta.pValue, theirs.pValue],
    ])
      expect(isClose(got, expected, 1e-9)).toBe(true);
  });
});

test('always-valid tests of quantiles are heuristic, wherever they are told', async () => {
  const SEQUENTIAL = 'sequential { validity } fixed: sequential(method: NONE) { validity }';
  const validities = async (metric: string) => {
    const { sequential, fixed, decisionTest } = await line(
      metric,
      `${SEQUENTIAL} decisionTest { sequential validity }`,
    );
    return [sequential.validity, fixed.validity, decisionTest?.sequential ?? null, decisionTest?.validity ?? null];
  };
  expect(await validities('p95')).toEqual(['HEURISTIC', 'NOT_APPLICABLE', 'NONE', 'ASYMPTOTIC']);
  expect(await validities('p50')).toEqual(['HEURISTIC', 'NOT_APPLICABLE', 'NONE', 'ASYMPTOTIC']);
  expect(await validities('total_p75')).toEqual(['HEURISTIC', 'NOT_APPLICABLE', 'ASYMPTOTIC', 'HEURISTIC']);
  expect(await validities('spent')).toEqual(['ASYMPTOTIC', 'NOT_APPLICABLE', null, null]);
});

test('units whose window is not over are counted, also those without an event', async () => {
  const EARLY = '2026-03-30T12:00:00Z';
  const excluded = async (metric: string) =>
    (await line(metric, 'excluded { reason units }', '{}', EARLY)).excluded as Data[];
  const [quantile, mean] = [await excluded('p95'), await excluded('spent')];
  expect(quantile).toEqual(mean);
  expect(mean[0].units).toBeGreaterThan(10);
});

test('says what it estimates', async () => {
  const estimand = async (metric: string) => (await line(metric, 'estimand')).estimand;
  expect(await estimand('p95')).toBe(
    'quantile 0.95 of the values of all events of p95, over mature exposed units that have a value, in the 168 h from exposure',
  );
  expect(await estimand('total_p75')).toBe(
    'quantile 0.75 of total_p75 per unit, over mature exposed units, in the 168 h from exposure',
  );
  expect(await estimand('p50_by_buckets')).toMatch(
    /^quantile 0\.5 of the values of all events of p50_by_buckets, to 0\.1 %,/,
  );
});

test('too few values, or none, are told as such and not as a number', async () => {
  const of = async (metric: string) =>
    line(
      metric,
      'control { mean standardError } treatment { mean } difference { value unknown } lift { value unknown }',
    );
  const rare = await of('p90_rare');
  expect(rare.control.mean).toBeGreaterThan(0);
  expect([rare.control.standardError, rare.difference.unknown, rare.lift.unknown]).toEqual([
    null,
    'TOO_FEW_UNITS',
    'TOO_FEW_UNITS',
  ]);
  const alone = await of('p90_alone');
  expect([alone.control.mean, alone.difference.value, alone.difference.unknown]).toEqual([null, null, 'NO_UNITS']);
  const names: readonly Loaded['name'][] = ['alone'];
  expect(world.events.filter(({ name }) => names.includes(name))).toHaveLength(1);
});
