import { describe, expect, test } from 'vitest';
import { unsound } from '../graphql/support.ts';
import { answer } from '../support/service.ts';
import { DOCUMENT, experimentOver, gateOf, resultOf, serviceOver } from './support.ts';

describe('one bad metric beside sound ones', () => {
  test('61 a ratio over nothing is unknown, in one arm or in both, and says so beside sound metrics', async () => {
    const ratio = (where: string) =>
      `{ type: ratio, source: events, numerator: { column: amount, aggregate: sum }, denominator: { aggregate: count, where: "${where}" }, goodWhen: up }`;
    const metrics = { nowhere: ratio("name = 'none'"), control_only: ratio("name = 'call'") };
    const experiment = await experimentOver({
      metrics,
      events: "('u2', timestamp '2026-03-03', 'call', 1e0), ('u4', timestamp '2026-03-03', 'call', 1e0)",
    });
    for (const name of ['nowhere', 'control_only']) {
      expect(resultOf(experiment, name)).toMatchObject({
        treatment: { mean: null, denominator: 0, variance: null },
        difference: { value: null, interval: null, unknown: 'ZERO_BASELINE' },
        lift: { value: null, interval: null, unknown: 'ZERO_BASELINE' },
        pValue: null,
        outcome: 'UNKNOWN',
      });
    }
    expect(resultOf(experiment, 'control_only').control.denominator).toBe(2);
    expect(experiment.summary.verdict).toBe('SHIP');
  });

  test('61 a division by zero in a row is no value, and is counted', async () => {
    const metrics = { each: '{ type: mean, source: events, value: { column: "amount / 0" }, goodWhen: up }' };
    const experiment = await experimentOver({ metrics });
    expect(resultOf(experiment, 'each')).toMatchObject({
      control: { sum: 0 },
      difference: { value: 0, unknown: 'ZERO_VARIANCE' },
    });
    const { control, treatment } = resultOf(experiment, 'orders');
    expect(gateOf(experiment, 'values:each').value).toBe(control.sum + treatment.sum);
    expect(experiment.summary.verdict).toBe('SHIP');
  });

  test('63 a metric that overflows leaves the others as they are', async () => {
    const metrics = { big: `{ type: mean, source: events, value: { column: "amount * 1e305" }, goodWhen: up }` };
    const experiment = await experimentOver({ metrics });
    expect(resultOf(experiment, 'big').difference).toMatchObject({ value: null, unknown: 'OVERFLOW' });
    expect(experiment.summary.verdict).toBe('SHIP');
  });

  test.each([
    ['diagnostic', 'SHIP'],
    ['goal', 'BLOCKED'],
  ])('63 an expression that the engine stumbles over fails alone, as a %s', async (role, verdict) => {
    const stumbling = 'cast(amount as bigint) * 4611686018427387904';
    const broken =
      role === 'goal'
        ? { value: `{ column: "${stumbling}" }` }
        : { metrics: { broken: `{ type: mean, source: events, value: { column: "${stumbling}" } }` } };
    const { data, errors } = await answer(await serviceOver(broken), DOCUMENT);
    const name = role === 'goal' ? 'revenue' : 'broken';
    expect(unsound(data)).toEqual([]);
    expect(new Set(errors.map(({ extensions }) => extensions?.code))).toEqual(new Set(['ENGINE_FAILED']));
    expect(resultOf(data.experiment, name)).toMatchObject({
      control: { mean: null },
      difference: { value: null },
      pValue: null,
      outcome: null,
    });
    expect(resultOf(data.experiment, 'orders')).toMatchObject({ control: { units: 200 }, guardrail: 'SAFE' });
    expect(gateOf(data.experiment, `values:${name}`).status).toBe('UNKNOWN');
    expect(data.experiment.summary.verdict).toBe(verdict);
  });
});
