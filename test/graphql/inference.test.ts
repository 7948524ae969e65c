import { beforeAll, describe, expect, test } from 'vitest';
import { serveShop } from '../shop/serve.ts';
import { ask, type Data, type TestService } from '../support/service.ts';
import { unsound } from './support.ts';

const LINE = /* GraphQL */ `
  query Line($analysis: AnalysisInput, $metrics: [String!]) {
    experiment(key: "exp_checkout") {
      results(filter: { metrics: $metrics }, analysis: $analysis) {
        nodes {
          id
          metric { name }
          analysis { cuped stratifyBy prior { scale mean sd } correction sequential }
          adjustments
          control { mean adjustedMean }
          treatment { mean adjustedMean }
          difference { ...Numbers }
          adjustedPValue
          family { correction size }
          simultaneousInterval { lower upper level }
          cuped { theta varianceReduction unknown difference(level: 0.9) { ...Numbers } lift(method: DELTA) { ...Numbers } }
          always: sequential { method pValue informationFraction validity difference { ...Numbers } }
          mixture: sequential(method: MIXTURE) { pValue difference { ...Numbers } }
          looks: sequential(method: GROUP_POCOCK) { pValue significant difference { ...Numbers } }
          bayesian { scale prior chanceToBeatControl validity safeUnderPeeking estimate { ...Numbers } }
          interaction { dimension }
          scaledImpact { ...Numbers }
          minimumDetectableEffectNow
          nonInferiority(margin: 0.2, form: CONSTANT) { pValue holds }
          flags
        }
      }
    }
  }
  fragment Numbers on Estimate { value standardError pValue unknown interval { lower upper level } }
`;

describe('inference over GraphQL', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await serveShop('DuckDB');
  });
  const lineOf = async (metric: string, analysis: object = {}): Promise<Data> => {
    const { experiment } = await ask(service, LINE, { metrics: [metric], analysis });
    expect(unsound(experiment)).toEqual([]);
    return experiment.results.nodes[0];
  };

  test('the analysis is echoed, and the line says what was applied', async () => {
    const on = await lineOf('revenue', { cuped: true, correction: 'DUNNETT' });
    expect(on.analysis).toMatchObject({ cuped: true, stratifyBy: [], prior: null, correction: 'DUNNETT' });
    expect(on.adjustments).toEqual(['CUPED']);
    expect(on.family.correction).toBe('DUNNETT');
    expect(on.difference.value).toBeCloseTo(on.treatment.adjustedMean - on.control.adjustedMean, 10);
    const off = await lineOf('revenue');
    expect(off.adjustments).toEqual([]);
    expect(off.difference.value).toBeCloseTo(off.treatment.mean - off.control.mean, 10);
    // two readings of the same sums of doubles
    expect(off.cuped.theta).toBeCloseTo(on.cuped.theta, 9);
    expect(off.cuped.difference.interval.lower).toBeCloseTo(on.cuped.difference.interval.lower, 9);
    expect(off.control.adjustedMean).toBeCloseTo(on.control.adjustedMean, 9);
  });

  test('a metric without a covariate says that it has none', async () => {
    const line = await lineOf('orders', { cuped: true });
    expect(line.cuped).toMatchObject({ theta: null, varianceReduction: null, unknown: 'NO_COVARIATE' });
    expect(line).toMatchObject({ adjustments: [], control: { adjustedMean: null } });
    expect(line.difference.pValue).toBeCloseTo((await lineOf('orders')).difference.pValue, 9);
  });

  test('the views from the side are there, with what is not known named', async () => {
    const line = await lineOf('orders');
    expect(line.always).toMatchObject({ method: 'ASYMPTOTIC', validity: 'ASYMPTOTIC', informationFraction: null });
    expect(line.always.pValue).toBeGreaterThan(line.difference.pValue);
    expect(line.mixture.pValue).toBeCloseTo(line.always.pValue, 1);
    expect(line.looks).toMatchObject({ pValue: null, significant: null, difference: { unknown: 'UNPLANNED_LOOK' } });
    expect(line.bayesian).toMatchObject({ scale: 'relative', safeUnderPeeking: false, estimate: { pValue: null } });
    expect(line.interaction).toBeNull();
    expect(line.scaledImpact.value / line.difference.value).toBeCloseTo(2351 / 21, 6);
    expect(line.minimumDetectableEffectNow).toBeGreaterThan(0.1);
    expect(line.simultaneousInterval.level).toBeCloseTo(1 - 0.05 / 6, 12);
  });

  test('the whale of exp_checkout makes a heavy tail', async () => {
    expect((await lineOf('revenue')).flags).toContain('HEAVY_TAIL');
    expect((await lineOf('converted')).flags).not.toContain('HEAVY_TAIL');
  });

  test('a line is the same again by its id', async () => {
    const { id } = await lineOf('revenue', { cuped: true, stratifyBy: [] });
    const document = 'query ($id: ID!) { node(id: $id) { id ... on MetricResult { adjustments } } }';
    expect((await ask(service, document, { id })).node).toEqual({ id, adjustments: ['CUPED'] });
  });

  test('a prior needs a spread', async () => {
    const document =
      '{ experiment(key: "exp_checkout") { results(filter: { metrics: ["orders"] }) { nodes { bayesian(priorSd: 0) { prior } } } } }';
    await expect(ask(service, document)).rejects.toThrow('priorSd must be above 0');
  });
});
