import { beforeAll, describe, expect, test } from 'vitest';
import { resolveAnalysis } from '../../src/experiment/analysis.ts';
import { armsOf } from '../../src/experiment/arms.ts';
import { resultRows } from '../../src/experiment/result-row.ts';
import { createContext } from '../../src/graphql/context.ts';
import type { MomentNeed } from '../../src/plan/question.ts';
import { isClose } from '../support/close.ts';
import { describeOn } from '../support/engines.ts';
import { ask, type TestService } from '../support/service.ts';
import { SHOP } from './document.ts';
import { EXPECTED, keysOf, type Leaf, READINGS } from './expected.ts';
import { serveShop } from './serve.ts';
import { CONFIGURATION, type Line, type Served, STILL_TO_COME, servedAt, TABLE, TOLERANCE } from './table.ts';

async function servedBy(service: TestService): Promise<ReadonlyMap<string, Served>> {
  const served = new Map<string, Served>();
  for (const { part, asOf } of READINGS) {
    const { experiment } = await ask(service, SHOP, { key: 'exp_checkout', asOf });
    const before = ['products', 'covariates'] as const;
    const [orders_per_session, aov, latency, revenue, perSession] = await Promise.all([
      momentsOf(service, 'orders_per_session', asOf),
      momentsOf(service, 'aov', asOf),
      momentsOf(service, 'latency_p90', asOf),
      momentsOf(service, 'revenue', asOf, before),
      momentsOf(service, 'orders_per_session', asOf, before),
    ]);
    served.set(part, {
      experiment,
      asOf,
      ratios: { orders_per_session, aov },
      latency,
      joint: { revenue, orders_per_session: perSession },
    });
  }
  return served;
}

async function momentsOf(
  service: TestService,
  metric: string,
  asOf: string,
  needs: readonly MomentNeed[] = ['products'],
) {
  const { session } = createContext(service);
  const experiment = session.catalog.experiments.get('exp_checkout')!;
  const [row] = await resultRows(session, experiment, resolveAnalysis(session, experiment, { asOf }), {
    metrics: [metric],
  });
  return armsOf(session, row!, needs);
}

/** Keys that a line is for, as they are expected but are not served. */
function wrong(line: Line, keys: ReadonlyMap<string, Leaf>, of: Served): readonly string[] {
  return [...keys]
    .filter(([key]) => line.key.test(key))
    .flatMap(([key, expected]) => {
      const got = servedAt(line, key, of);
      return isClose(got, expected, TOLERANCE[line.kind]) ? [] : [`${key}: expected ${expected}, served ${got}`];
    });
}

const name = ({ key }: { readonly key: RegExp }) => key.source.replace(/\(\?<(\w+)>(\([^)]*\)|[^()])*\)/g, '<$1>');

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    let served: ReadonlyMap<string, Served>;
    beforeAll(async () => {
      served = await servedBy(await serveShop(engine));
    });

    describe.each(READINGS)('exp_checkout, $part', ({ part }) => {
      const keys = keysOf(part);

      test.each(
        TABLE.filter(({ key }) => [...keys.keys()].some((one) => key.test(one))).map(
          (line) => [name(line), line] as const,
        ),
      )('%s', (_, line) => {
        expect(wrong(line, keys, served.get(part)!)).toEqual([]);
      });

      test('the verdict is INVALID because 50 of 2,401 units saw both variants', () => {
        const { summary } = served.get(part)!.experiment;
        expect(summary).toEqual({
          verdict: 'INVALID',
          treatments: [{ variant: { key: 'treatment' }, verdict: 'INVALID', reasons: [{ code: 'MULTIPLE_EXPOSURE' }] }],
        });
      });

      test('2,351 units are analysed, and their days and hours are the same', () => {
        const { assignments } = served.get(part)!.experiment;
        const total = (points: readonly { readonly units: number }[]) =>
          points.reduce((sum, { units }) => sum + units, 0);
        expect([
          assignments.units,
          total(assignments.arms),
          total(assignments.daily),
          total(assignments.hourly),
        ]).toEqual([2351, 2351, 2351, 2351]);
      });
    });

    test.each(CONFIGURATION.map((line) => [name(line), line] as const))('exp_checkout, config: %s', (_, line) => {
      expect(wrong(line, keysOf('config'), served.get('all')!)).toEqual([]);
    });

    test('all units: the served test of the sample ratio and the served days are those expected', () => {
      const { experiment } = served.get('all')!;
      const keys = keysOf('all');
      const { chiSquare, degreesOfFreedom, pValue } = experiment.sampleRatioMismatch;
      expect(
        isClose(chiSquare, keys.get('srm/chi2'), 1e-7) &&
          isClose(pValue, keys.get('srm/pValue'), 1e-7) &&
          degreesOfFreedom === 1,
      ).toBe(true);
      const days = new Map<string, number>();
      for (const { date, units } of experiment.assignments.daily) days.set(date, (days.get(date) ?? 0) + units);
      const expected = [...keys]
        .filter(([key]) => key.startsWith('dailyExposures'))
        .map(([key, units]) => [key.split('/')[1], units]);
      expect([...days]).toEqual(expected);
    });

    test('notices a value that is off by more than its tolerance', () => {
      const of = served.get('all')!;
      const missed = TABLE.flatMap((line) => {
        const keys = [...keysOf('all')].filter(([key, value]) => line.key.test(key) && typeof value === 'number');
        const shifted = new Map(
          keys.map(([key, value]) => [
            key,
            (value as number) * (1 + 3 * Math.max(TOLERANCE[line.kind], 1e-9)) + 1e-300,
          ]),
        );
        return wrong(line, shifted, of).length === shifted.size ? [] : [name(line)];
      });
      expect(missed).toEqual([]);
    });
  });

describe('the table', () => {
  const parts = [...READINGS.map(({ part }) => ({ part, table: TABLE })), { part: 'config', table: CONFIGURATION }];
  const all = parts.flatMap(({ part, table }) => [...keysOf(part).keys()].map((key) => ({ key, table })));
  const cleaning = [...EXPECTED.keys()]
    .filter((key) => key.startsWith('eventCleaning/'))
    .map((key) => ({ key: key.split('/')[1]!, table: [] as readonly Line[] }));
  const every = [...all, ...cleaning];

  test('has every key of the file', () => {
    expect(every.length).toBe(EXPECTED.size);
  });

  test('maps each expected key once, or says that it is still to come', () => {
    const places = ({ key, table }: (typeof every)[number]) =>
      table.filter((line) => line.key.test(key)).length + (STILL_TO_COME.some((one) => one.key.test(key)) ? 1 : 0);
    expect(every.filter((one) => places(one) !== 1).map(({ key }) => key)).toEqual([]);
  });

  test('maps 849 of 1,080 keys', () => {
    const mapped = all.filter(({ key, table }) => table.some((line) => line.key.test(key)));
    expect([mapped.length, every.length]).toEqual([849, 1080]);
  });

  test('has no line, and waits for nothing, that is not expected', () => {
    const unmapped = every.filter(({ key, table }) => !table.some((line) => line.key.test(key)));
    const unused = [...TABLE, ...CONFIGURATION].filter(({ key }) => !all.some((one) => key.test(one.key)));
    const vain = STILL_TO_COME.filter(({ key }) => !unmapped.some((one) => key.test(one.key)));
    expect([...unused, ...vain].map(name)).toEqual([]);
  });
});
