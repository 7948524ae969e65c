import { beforeAll, describe, expect, test } from 'vitest';
import { isClose } from '../support/close.ts';
import { describeOn } from '../support/engines.ts';
import { ask, type Data, type TestService } from '../support/service.ts';
import { SHOP } from './document.ts';
import { keysOf } from './expected.ts';
import { type RecountPlan, recount, type Variable } from './recount.ts';
import { serveShop } from './serve.ts';

const EXPERIMENTS: readonly RecountPlan[] = [
  {
    key: 'exp_checkout',
    start: '2026-03-20T00:00:00Z',
    end: '2026-04-10T00:00:00Z',
    weights: { control: 0.5, treatment: 0.5 },
  },
  { key: 'exp_srm', start: '2026-03-25T00:00:00Z', end: '2026-04-08T00:00:00Z', weights: { A: 0.5, B: 0.3, C: 0.2 } },
  {
    key: 'exp_aa5',
    start: '2026-04-01T00:00:00Z',
    end: '2026-04-12T00:00:00Z',
    weights: { v0: 0.2, v1: 0.2, v2: 0.2, v3: 0.2, v4: 0.2 },
  },
];
/** Each metric's totals: of a mean its sum, of a ratio its two sides. */
const TOTALS: Readonly<Record<string, readonly Variable[]>> = {
  orders: ['orders'],
  revenue: ['revenue'],
  revenue_capped: ['revenue_capped'],
  sessions: ['sessions'],
  net_revenue: ['net_revenue'],
  converted: ['converted'],
  orders_per_session: ['orders', 'sessions'],
  aov: ['revenue', 'orders'],
};

test('the recount itself meets the expectations that came with the data', () => {
  const counted = recount(EXPERIMENTS[0]!);
  const keys = keysOf('all');
  for (const arm of ['control', 'treatment']) {
    const sums = counted.sums[arm]!;
    expect(counted.units[arm]).toBe(keys.get(`analysedUsers/${arm}`));
    for (const [i, variable] of (['orders', 'revenue', 'converted', 'sessions', 'net_revenue'] as const).entries()) {
      expect(isClose(sums[variable], keys.get(`sufficient/${arm}/sums/${i}`), 1e-9)).toBe(true);
    }
    expect(isClose(sums.revenue_capped, keys.get(`sufficient/${arm}/sums/8`), 1e-9)).toBe(true);
  }
});

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    let service: TestService;
    beforeAll(async () => {
      service = await serveShop(engine);
    });

    describe.each(EXPERIMENTS)('$key, counted again from the files', (plan) => {
      const counted = recount(plan);
      let experiment: Data;
      beforeAll(async () => {
        ({ experiment } = await ask(service, SHOP, { key: plan.key, asOf: '2026-06-01T00:00:00Z' }));
      });

      test('has the same rows, and drops the same ones', () => {
        const { rows, excluded } = experiment.assignments;
        const of = (reason: string, unit = 'rows') => excluded.find((one: Data) => one.reason === reason)?.[unit] ?? 0;
        expect({
          rows,
          dropped: {
            nullUnit: of('NULL_UNIT'),
            nullVariant: of('NULL_VARIANT'),
            unknownVariant: of('UNKNOWN_VARIANT'),
            outsidePeriod: of('OUTSIDE_PERIOD'),
          },
          severalVariants: of('MULTIPLE_VARIANTS', 'units'),
        }).toEqual({ rows: counted.rows, dropped: counted.dropped, severalVariants: counted.severalVariants });
      });

      test('has the same units in each arm', () => {
        expect(
          Object.fromEntries(experiment.assignments.arms.map((arm: Data) => [arm.variant.key, arm.units])),
        ).toEqual(counted.units);
      });

      test('has the same chi-square', () => {
        const { chiSquare, degreesOfFreedom } = experiment.sampleRatioMismatch;
        expect(isClose(chiSquare, counted.chiSquare, 1e-9)).toBe(true);
        expect(degreesOfFreedom).toBe(Object.keys(plan.weights).length - 1);
      });

      test.each(Object.entries(TOTALS))('%s has the same units and totals in every arm', (metric, variables) => {
        const lines = experiment.results.nodes.filter((node: Data) => node.metric.name === metric);
        expect(lines).toHaveLength(Object.keys(plan.weights).length - 1);
        for (const arm of lines.flatMap(({ control, treatment }: Data) => [control, treatment])) {
          const key = arm.variant.key as string;
          const got = variables.length === 1 ? [arm.sum] : [arm.numerator, arm.denominator];
          expect(arm.units).toBe(counted.units[key]);
          for (const [i, variable] of variables.entries())
            expect([got[i], isClose(got[i], counted.sums[key]![variable], 1e-9)]).toEqual([got[i], true]);
        }
      });

      test('has the same cap', () => {
        const capped = experiment.results.nodes.filter((node: Data) => node.capping !== null);
        for (const { capping } of capped) expect(isClose(capping.upper, counted.cap, 1e-9)).toBe(true);
      });
    });

    test('exp_srm has a sample-ratio mismatch, and is INVALID for it', async () => {
      const { experiment } = await ask(service, SHOP, { key: 'exp_srm', asOf: '2026-06-01T00:00:00Z' });
      expect(experiment.sampleRatioMismatch.pValue).toBeLessThan(0.001);
      expect(experiment.summary.treatments.map(({ verdict, reasons }: Data) => [verdict, reasons[0].code])).toEqual([
        ['INVALID', 'SAMPLE_RATIO_MISMATCH'],
        ['INVALID', 'SAMPLE_RATIO_MISMATCH'],
      ]);
    });
  });
