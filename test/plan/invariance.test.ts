import { beforeAll, describe, expect, test } from 'vitest';
import { isClose } from '../support/close.ts';
import { ask, type Data, serve, type TestService } from '../support/service.ts';
import { WORLD_CATALOG } from './world/catalog.ts';
import { makeWorld } from './world/data.ts';
import { worldDirectory } from './world/warehouse.ts';

let service: TestService;
beforeAll(async () => {
  service = await serve(await worldDirectory(makeWorld(), WORLD_CATALOG), '2026-12-01T00:00:00Z');
});

async function results(argument: string, selection: string, key = 'pricing'): Promise<readonly Data[]> {
  const data = await ask(
    service,
    `{ experiment(key: "${key}") { results${argument} { nodes { metric { name } treatment { variant { key } } ${selection} } } } }`,
  );
  return data.experiment.results.nodes;
}

const lineOf = (node: Data) => `${node.metric.name} ${node.treatment.variant.key}`;

describe('the family and the verdict do not follow what is shown', () => {
  const SELECTION = 'role pValue adjustedPValue family { size members } decisionTest { adjustedPValue }';
  let all: ReadonlyMap<string, Data>;
  beforeAll(async () => {
    all = new Map((await results('', SELECTION)).map((node) => [lineOf(node), node]));
  });

  test.each([
    ['one metric', '(filter: { metrics: ["revenue"] })'],
    ['goals', '(filter: { roles: [GOAL] })'],
    ['guardrails', '(filter: { roles: [GUARDRAIL] })'],
    ['one treatment', '(filter: { treatments: ["c"] })'],
    ['all of these', '(filter: { metrics: ["orders"], roles: [GOAL], treatments: ["b"] })'],
    ['a page of one', '(first: 1)'],
  ])('%s: every number is as in the whole scorecard', async (_, argument) => {
    const shown = await results(argument, SELECTION);
    expect(shown.length).toBeGreaterThan(0);
    for (const node of shown) expect(rounded(node)).toEqual(rounded(all.get(lineOf(node))));
  });

  test('the family is goals × treatments, six tests', () => {
    const sizes = [...all.values()].map(({ role, family }) => [role, family?.size ?? null]);
    expect(new Set(sizes.map((pair) => JSON.stringify(pair)))).toEqual(
      new Set(['["GOAL",6]', '["GUARDRAIL",null]', '["DIAGNOSTIC",null]']),
    );
  });

  test('slices and filters leave the decision test as it is', async () => {
    const whole = new Map([...all].map(([line, { decisionTest }]) => [line, decisionTest?.adjustedPValue]));
    for (const argument of [
      '(filter: { sliceBy: ["platform"], roles: [GOAL] })',
      '(filter: { where: { test: { dimension: "platform", operator: EQ, values: ["ios"] } }, roles: [GOAL] })',
    ]) {
      for (const node of await results(argument, 'decisionTest { adjustedPValue }')) {
        expect(isClose(node.decisionTest.adjustedPValue, whole.get(lineOf(node)), 1e-9)).toBe(true);
      }
    }
  });

  test('the verdict is the same beside any scorecard', async () => {
    const verdict = async (beside: string) =>
      (
        await ask(
          service,
          `{ experiment(key: "pricing") { ${beside} summary { verdict treatments { verdict reasons { code } rules { rule holds } } } } }`,
        )
      ).experiment.summary;
    const alone = await verdict('');
    for (const beside of [
      'results(filter: { metrics: ["revenue"] }) { nodes { pValue } }',
      'results(filter: { sliceBy: ["country"] }) { nodes { adjustedPValue } }',
      'results(first: 1) { nodes { outcome } }',
      'results(analysis: { maturity: ALL, correction: NONE }) { nodes { adjustedPValue } }',
    ]) {
      expect(await verdict(beside)).toEqual(alone);
    }
  });
});

describe('thresholds do not follow what is shown', () => {
  const CAPPED = 'metrics: ["capped", "capped_both_ways", "capped_with_zeros", "aov_capped_twice"]';
  const caps = async (filter: string) =>
    new Map(
      (await results(`(filter: { ${CAPPED}${filter} })`, 'capping { lower upper cappedUnits }')).map((node) => [
        lineOf(node),
        node.capping,
      ]),
    );

  test.each([
    ['a filter', ', where: { test: { dimension: "platform", operator: EQ, values: ["ios"] } }'],
    ['slices', ', sliceBy: ["platform"]'],
    ['a treatment', ', treatments: ["c"]'],
  ])('%s does not move them', async (_, filter) => {
    const whole = await caps('');
    const shown = await caps(filter);
    expect(shown.size).toBeGreaterThan(0);
    for (const [line, capping] of shown)
      expect([capping.lower, capping.upper]).toEqual([whole.get(line).lower, whole.get(line).upper]);
  });
});

describe.each([['country'], ['platform'], ['age'], ['member']])('slices by %s', (dimension) => {
  const METRICS = 'metrics: ["revenue", "orders", "aov", "capped", "largest"]';
  const ARMS =
    'control { units sum mean variance numerator denominator } treatment { units sum mean numerator denominator } slice { value isOther }';

  test('and their rest add up to the total, and their means recombine', async () => {
    const total = new Map((await results(`(filter: { ${METRICS} })`, ARMS)).map((node) => [lineOf(node), node]));
    const sliced = await results(`(filter: { ${METRICS}, sliceBy: ["${dimension}"] }, first: 500)`, ARMS);
    for (const [line, whole] of total) {
      const parts = sliced.filter((node) => lineOf(node) === line);
      expect(parts.length).toBeGreaterThan(1);
      for (const side of ['control', 'treatment']) {
        const sum = (value: (arm: Data) => number) => parts.reduce((all, part) => all + value(part[side]), 0);
        const weighted = sum((arm) => (arm.mean ?? 0) * (arm.denominator ?? arm.units));
        expect(sum(({ units }) => units)).toBe(whole[side].units);
        expect(
          isClose(
            sum((arm) => arm.sum),
            whole[side].sum,
            1e-9,
          ),
        ).toBe(true);
        expect(isClose(weighted / (whole[side].denominator ?? whole[side].units), whole[side].mean, 1e-9)).toBe(true);
      }
    }
  });

  test('have the units of the assignments', async () => {
    const { experiment } = await ask(
      service,
      `{ experiment(key: "pricing") { assignments { units bySlice(dimension: "${dimension}") { arms { units } } } } }`,
    );
    const units = experiment.assignments.bySlice.flatMap(({ arms }: Data) => arms.map((arm: Data) => arm.units));
    expect(units.reduce((all: number, one: number) => all + one, 0)).toBe(experiment.assignments.units);
  });
});

test('more slices than are shown: the rest has all others', async () => {
  const { experiment } = await ask(
    service,
    '{ experiment(key: "pricing") { all: assignments { units bySlice(dimension: "age") { value isOther arms { units } } } } }',
  );
  const slices: readonly Data[] = experiment.all.bySlice;
  expect(slices.filter(({ isOther }) => isOther).length).toBeLessThanOrEqual(1);
  expect(slices.filter(({ isOther }) => !isOther).length).toBeLessThanOrEqual(50);
});

test('a filter and its opposite part the units and the sums', async () => {
  const test = '{ test: { dimension: "country", operator: IN, values: ["DE", "FR"] } }';
  const one = async (where: string) =>
    (await results(`(filter: { metrics: ["revenue"], treatments: ["b"]${where} })`, 'control { units sum }'))[0];
  const [whole, inside, outside] = [
    await one(''),
    await one(`, where: ${test}`),
    await one(`, where: { not: ${test} }`),
  ];
  expect(inside.control.units + outside.control.units).toBe(whole.control.units);
  expect(isClose(inside.control.sum + outside.control.sum, whole.control.sum, 1e-9)).toBe(true);
});

/** Engines add in any order: numbers to twelve digits. */
const rounded = (value: unknown) =>
  JSON.parse(JSON.stringify(value, (_, one) => (typeof one === 'number' ? Number(one.toPrecision(10)) : one)));
