import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Sample } from '../../src/statistics/inference.ts';
import { nonInferiorityTest } from '../../src/statistics/non-inferiority.ts';
import type { Baseline } from '../../src/statistics/power/baseline.ts';
import { curveUnits, powerCurve } from '../../src/statistics/power/curve.ts';
import {
  detectableEffect,
  detectableMargin,
  minimumDetectableEffectNow,
} from '../../src/statistics/power/detectable-effect.ts';
import { plannedAlpha, testErrors } from '../../src/statistics/power/error-rates.ts';
import { type PlannedMetric, planExperiment } from '../../src/statistics/power/experiment-plan.ts';
import { type Hypothesis, powerOf } from '../../src/statistics/power/hypothesis.ts';
import { rootBetween } from '../../src/statistics/power/root.ts';
import { runtimeDays } from '../../src/statistics/power/runtime.ts';
import { sampleSize } from '../../src/statistics/power/sample-size.ts';
import { scaledImpact } from '../../src/statistics/power/scaled-impact.ts';
import { type PlannedTest, plannedCriticalValue } from '../../src/statistics/power/test-plan.ts';
import { asymptoticSequence } from '../../src/statistics/sequential.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { random } from './design-draws.ts';
import { known, numbersIn } from './samples.ts';

const TESTS: readonly PlannedTest[] = ['WELCH', 'STUDENT', 'NORMAL', 'SEQUENCE'];
const mean: Baseline = { type: 'MEAN', mean: 10, variance: 25 };
const share: Baseline = { type: 'PROPORTION', mean: 0.1, variance: 0.09 };
const ratio: Baseline = { type: 'RATIO', mean: 0.3, variance: 0.8 };
const effect = (size: number): Hypothesis => ({ kind: 'DIFFERENCE', effect: size });
const margin = (size: number, goodWhen: 'UP' | 'DOWN' = 'UP'): Hypothesis => ({
  kind: 'NON_INFERIORITY',
  margin: size,
  goodWhen,
});
const plan = { alpha: 0.05, sided: 2, power: 0.8 } as const;

const baselines = fc.constantFrom(mean, share, ratio, { ...mean, mean: -10 });
const hypotheses = fc.oneof(
  fc.double({ min: 0.005, max: 0.5, noNaN: true }).chain((size) => fc.constantFrom(effect(size), effect(-size))),
  fc.double({ min: 0.005, max: 0.5, noNaN: true }).map((size) => margin(size)),
  fc.double({ min: 0.005, max: 0.5, noNaN: true }).map((size) => margin(size, 'DOWN')),
);
const tests = fc.constantFrom(...TESTS);
const ratios = fc.constantFrom(0.25, 1, 1.7, 4);

describe('sampleSize', () => {
  test('has the power that was asked for, and one unit less has not', () => {
    fc.assert(
      fc.property(baselines, hypotheses, tests, ratios, (baseline, hypothesis, test, unitRatio) => {
        const full = { ...plan, test, ratio: unitRatio };
        const size = known(sampleSize(baseline, hypothesis, full));
        const at = (control: number) =>
          known(powerOf(baseline, hypothesis, { control, treatment: control * unitRatio }, full)).power;
        if (size.exact > Math.max(2, 2 / unitRatio)) expect(at(size.exact)).toBeCloseTo(0.8, 9);
        expect(known(powerOf(baseline, hypothesis, size, full)).power).toBeGreaterThan(0.8 - 1e-9);
        if (size.control > 10) expect(at(size.exact * 0.99)).toBeLessThan(0.8);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ['Welch, mean', 'WELCH', { type: 'MEAN', mean: 10, variance: 25 }, 0.25],
    ['sequence, mean', 'SEQUENCE', { type: 'MEAN', mean: 10, variance: 25 }, 0.25],
  ] as const)('simulated experiments of this size succeed as often as promised (%s)', (_, test, baseline, size) => {
    const { normal } = random(41);
    const { control: n } = known(sampleSize(baseline, effect(size), { ...plan, test }));
    const sd = Math.sqrt(baseline.variance);
    const draw = (centre: number): Sample => {
      let [m, m2] = [0, 0];
      for (let i = 1; i <= n; i++) {
        const x = centre + sd * normal();
        const step = x - m;
        m += step / i;
        m2 += step * (x - m);
      }
      return { n, mean: m, variance: m2 / (n - 1) };
    };
    let found = 0;
    const simulations = 10_000;
    for (let i = 0; i < simulations; i++) {
      const fixed = known(welchTest(draw(10), draw(10 * (1 + size)), { level: 0.95 }));
      const look = { estimate: fixed.difference, standardError: fixed.standardError, units: 2 * n, alpha: 0.05 };
      const p = test === 'WELCH' ? fixed.pValue : known(asymptoticSequence({ ...look, tuningUnits: 2 * n })).pValue;
      if (p < 0.05) found++;
    }
    expect(found / simulations).toBeGreaterThan(0.787);
    expect(found / simulations).toBeLessThan(0.818); // rounding up a small n adds a little
  });

  test('simulated guardrails without an effect are shown non-inferior as often as promised', () => {
    const { normal } = random(43);
    const options = { alpha: 0.05, sided: 1, power: 0.8 } as const;
    const { control: n } = known(sampleSize(mean, margin(0.2), options));
    // sufficient statistics of normal samples: the mean, and a chi-square variance by its normal approximation
    const draw = (): Sample => ({
      n,
      mean: 10 + 5 * (normal() / Math.sqrt(n)),
      variance: 25 * (1 + Math.sqrt(2 / (n - 1)) * normal()),
    });
    const simulations = 10_000;
    let held = 0;
    for (let i = 0; i < simulations; i++) {
      if (known(nonInferiorityTest(draw(), draw(), { margin: 0.2, goodWhen: 'UP', alpha: 0.05 })).holds) held++;
    }
    expect(held / simulations).toBeGreaterThan(0.787);
    expect(held / simulations).toBeLessThan(0.815);
  });

  test('CUPED needs its share of the variance less, whatever the metric', () => {
    for (const baseline of [mean, share, ratio]) {
      const size = (varianceReduction: number) =>
        known(sampleSize({ ...baseline, varianceReduction }, effect(0.02), { ...plan, test: 'NORMAL' })).exact;
      expect(size(0.64) / size(0)).toBeCloseTo(0.36, 12);
    }
  });

  test('more power, less alpha, a smaller effect and uneven arms need more units', () => {
    for (const test of TESTS) {
      const total = (change: object, size = 0.02) => {
        const units = known(sampleSize(mean, effect(size), { ...plan, test, ...change }));
        return units.control + units.treatment;
      };
      const base = total({});
      expect(total({ power: 0.9 })).toBeGreaterThan(base);
      expect(total({ alpha: 0.01 })).toBeGreaterThan(base);
      expect(total({ sided: 1 })).toBeLessThan(base);
      expect(total({}, 0.01)).toBeGreaterThan(3.9 * base);
      expect(total({ ratio: 3 })).toBeGreaterThan(base);
      expect(Math.abs(total({ ratio: 1 / 3 }) - total({ ratio: 3 }))).toBeLessThanOrEqual(2);
    }
  });

  test('the tests agree for many units, and the sequence costs its critical value', () => {
    const size = (test: PlannedTest) => known(sampleSize(mean, effect(0.001), { ...plan, test })).exact;
    expect(size('WELCH') / size('NORMAL')).toBeCloseTo(1, 5);
    expect(size('STUDENT') / size('NORMAL')).toBeCloseTo(1, 5);
    expect(size('SEQUENCE') / size('NORMAL')).toBeCloseTo(((3.0351607 + 0.8416212) / (1.959964 + 0.8416212)) ** 2, 4);
    expect(plannedCriticalValue({ test: 'SEQUENCE', alpha: 0.05, sided: 2 }, 1)).toBeCloseTo(3.0352, 4);
  });

  test.each([
    ['no effect', mean, effect(0), plan, 'UNBOUNDED'],
    ['an effect at the margin', mean, { ...margin(0.02), effect: -0.02 } as Hypothesis, plan, 'UNBOUNDED'],
    ['an effect beyond the margin', mean, { ...margin(0.02), effect: -0.03 } as Hypothesis, plan, 'UNBOUNDED'],
    ['a zero baseline', { ...mean, mean: 0 }, effect(0.1), plan, 'ZERO_BASELINE'],
    ['a share of 0', { ...share, mean: 0 }, effect(0.1), plan, 'ZERO_BASELINE'],
    ['a share of 1', { ...share, mean: 1 }, effect(-0.1), plan, 'ZERO_VARIANCE'],
    ['a constant', { ...mean, variance: 0 }, effect(0.1), plan, 'ZERO_VARIANCE'],
    ['a share beyond 1', share, effect(9.5), plan, 'NOT_APPLICABLE'],
    ['more units than can be counted', mean, effect(1e-12), plan, 'OVERFLOW'],
    ['the same by the normal test', mean, effect(1e-12), { ...plan, test: 'NORMAL' as const }, 'OVERFLOW'],
  ])('%s is refused', (_, baseline, hypothesis, options, reason) => {
    expect(sampleSize(baseline, hypothesis, options)).toEqual({ ok: false, reason });
  });

  test('a huge effect needs the fewest units there are', () => {
    expect(known(sampleSize(mean, effect(1000), plan)).control).toBeLessThanOrEqual(3);
    expect(known(sampleSize(mean, effect(1000), { ...plan, test: 'NORMAL', ratio: 4 }))).toEqual({
      ok: true,
      control: 2,
      treatment: 8,
      exact: 2,
    });
  });

  test.each([
    [{ ...plan, alpha: 0 }],
    [{ ...plan, power: 1 }],
    [{ ...plan, ratio: 0 }],
    [{ ...plan, ratio: Number.NaN }],
  ])('%o is a bug', (options) => {
    expect(() => sampleSize(mean, effect(0.1), options)).toThrow(RangeError);
  });
});

describe('powerOf', () => {
  test('is finite or refused, in [0, 1], rises with units and effect, and is half of alpha without an effect', () => {
    const units = fc.integer({ min: 2, max: 1_000_000 });
    fc.assert(
      fc.property(baselines, hypotheses, tests, units, (baseline, hypothesis, test, n) => {
        const at = (control: number) =>
          powerOf(baseline, hypothesis, { control, treatment: control }, { ...plan, test });
        const [less, more] = [known(at(n)).power, known(at(2 * n)).power];
        expect(less >= 0 && more <= 1).toBe(true);
        expect(more).toBeGreaterThanOrEqual(less - 1e-12);
      }),
      { numRuns: 100 },
    );
    for (const test of ['WELCH', 'STUDENT', 'NORMAL'] as const) {
      const none = powerOf(mean, effect(0), { control: 50, treatment: 70 }, { ...plan, test });
      expect(known(none).power).toBeCloseTo(0.025, 12);
      const either = powerOf(
        mean,
        effect(0),
        { control: 50, treatment: 70 },
        { ...plan, test, success: 'EITHER_SIDE' },
      );
      expect(known(either).power).toBeCloseTo(0.05, 12);
    }
    const atMargin = { ...margin(0.1), effect: -0.1 } as Hypothesis;
    const held = powerOf(mean, atMargin, { control: 50, treatment: 70 }, { ...plan, sided: 1 });
    expect(known(held).power).toBeCloseTo(0.05, 12);
  });

  test('a margin over a negative mean is one of its size', () => {
    const units = { control: 500, treatment: 500 };
    const up = known(powerOf(mean, margin(0.1, 'UP'), units, plan)).power;
    expect(known(powerOf({ ...mean, mean: -10 }, margin(0.1, 'DOWN'), units, plan)).power).toBeCloseTo(up, 12);
  });

  test('too few units are refused', () => {
    expect(powerOf(mean, effect(0.1), { control: 1, treatment: 9 }, plan)).toEqual({
      ok: false,
      reason: 'TOO_FEW_UNITS',
    });
    expect(powerOf(mean, effect(0.1), { control: 0, treatment: 9 }, plan)).toEqual({ ok: false, reason: 'NO_UNITS' });
    expect(() => powerOf(mean, effect(0.1), { control: -1, treatment: 9 }, plan)).toThrow(RangeError);
  });
});

describe('detectable effects', () => {
  test('are found with the power, in both directions', () => {
    fc.assert(
      fc.property(
        baselines,
        tests,
        fc.integer({ min: 200, max: 1e6 }),
        fc.constantFrom('UP', 'DOWN'),
        (baseline, test, n, direction) => {
          const units = { control: n, treatment: 1.5 * n };
          const options = { ...plan, test, direction };
          const smallest = detectableEffect(baseline, units, options);
          if (!smallest.ok) {
            expect(smallest.reason).toBe('UNBOUNDED');
            return;
          }
          const sign = (direction === 'UP' ? 1 : -1) * Math.sign(baseline.mean);
          expect(known(powerOf(baseline, effect(sign * smallest.effect), units, options)).power).toBeCloseTo(0.8, 9);
          const size = known(sampleSize(baseline, effect(sign * smallest.effect), { ...options, ratio: 1.5 }));
          expect(size.exact / n).toBeCloseTo(1, 7);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('and margins too', () => {
    for (const goodWhen of ['UP', 'DOWN'] as const) {
      const units = { control: 2000, treatment: 1000 };
      const options = { alpha: 0.05, sided: 1, power: 0.8, goodWhen } as const;
      const smallest = known(detectableMargin(mean, units, options));
      expect(known(powerOf(mean, margin(smallest.effect, goodWhen), units, options)).power).toBeCloseTo(0.8, 9);
    }
    const noisy = { ...mean, variance: 1e6 };
    const few = { control: 10, treatment: 10 };
    const options = { alpha: 0.05, sided: 1, power: 0.8 } as const;
    expect(detectableMargin(noisy, few, { ...options, goodWhen: 'UP' })).toEqual({ ok: false, reason: 'UNBOUNDED' });
    expect(detectableMargin(noisy, few, { ...options, goodWhen: 'DOWN' })).toEqual({ ok: false, reason: 'UNBOUNDED' });
  });

  test('a share that has no room for them is UNBOUNDED; a power that chance gives is NOT_APPLICABLE', () => {
    const units = { control: 20, treatment: 20 };
    expect(detectableEffect({ ...share, mean: 0.05 }, units, { ...plan, direction: 'DOWN' })).toEqual({
      ok: false,
      reason: 'UNBOUNDED',
    });
    expect(detectableEffect(mean, units, { ...plan, power: 0.02 })).toEqual({ ok: false, reason: 'NOT_APPLICABLE' });
  });

  test('now, from two arms, are those of a plan with the same arms', () => {
    const control = { n: 800, mean: 10, variance: 25 };
    const options = { ...plan, test: 'WELCH' } as const;
    const now = known(minimumDetectableEffectNow(control, { ...control, n: 900, mean: 11 }, options));
    const planned = known(detectableEffect(mean, { control: 800, treatment: 900 }, options));
    expect(now.effect).toBeCloseTo(planned.effect, 10);
    expect(now.difference).toBeCloseTo(10 * now.effect, 12);
    const negative = known(minimumDetectableEffectNow({ ...control, mean: -10 }, control, options));
    expect(negative.effect).toBeGreaterThan(0);
    expect(minimumDetectableEffectNow({ ...control, mean: 0 }, control, options)).toMatchObject({
      reason: 'ZERO_BASELINE',
    });
    expect(minimumDetectableEffectNow({ ...control, n: 1 }, control, options)).toMatchObject({
      reason: 'TOO_FEW_UNITS',
    });
    const constant = { ...control, variance: 0 };
    expect(minimumDetectableEffectNow(constant, constant, options)).toMatchObject({ reason: 'ZERO_VARIANCE' });
  });

  test('fall with √units in a curve, as power rises', () => {
    const grid = curveUnits(1000, 16_000, 4);
    expect(grid).toEqual([1000, 6000, 11_000, 16_000]);
    const points = powerCurve(mean, { kind: 'DIFFERENCE', effect: 0.02 }, { ...plan, test: 'NORMAL' }, grid);
    const sizes = points.map(({ detectable }) => known(detectable).effect);
    const powers = points.map(({ power }) => known(power).power);
    expect(sizes[0]! / sizes[3]!).toBeCloseTo(4, 8);
    expect(powers).toEqual([...powers].sort((a, b) => a - b));
    expect(curveUnits(2, 4, 20)).toEqual([2, 3, 4]);
    const [tooFew] = powerCurve(mean, { kind: 'DIFFERENCE', effect: 0.02 }, plan, [1]);
    expect(tooFew!.power).toEqual({ ok: false, reason: 'TOO_FEW_UNITS' });
  });
});

describe('error rates of a decision', () => {
  test.each([
    ['NONE', 0.05],
    ['BONFERRONI', 0.05 / 6],
    ['HOLM', 0.05 / 6],
    ['HOCHBERG', 0.05 / 6],
    ['BENJAMINI_HOCHBERG', 0.05 / 6],
    ['SIDAK', 1 - 0.95 ** (1 / 6)],
    ['BENJAMINI_YEKUTIELI', 0.05 / 6 / 2.45],
  ] as const)('%s', (correction, alpha) => {
    expect(plannedAlpha(0.05, 6, correction)).toBeCloseTo(alpha, 14);
    expect(plannedAlpha(0.05, 1, correction)).toBeCloseTo(0.05, 15);
  });

  test("divides alpha over goals and treatments, the misses over guardrails and a goal (Spotify's rule)", () => {
    const decision = { alpha: 0.05, power: 0.8, correction: 'BONFERRONI' } as const;
    const shared = testErrors({ ...decision, goals: 2, guardrails: 3, treatments: 2 });
    expect(shared.goalAlpha).toBeCloseTo(0.0125, 15);
    expect(shared.guardrailAlpha).toBeCloseTo(0.025, 15);
    expect(shared.power).toBeCloseTo(0.95, 15);
    expect(testErrors({ ...decision, goals: 5, guardrails: 0, treatments: 1 }).power).toBeCloseTo(0.8, 15);
    expect(testErrors({ ...decision, goals: 0, guardrails: 4, treatments: 1 }).power).toBeCloseTo(0.95, 15);
    expect(() => testErrors({ ...decision, goals: 0, guardrails: 0, treatments: 1 })).toThrow(RangeError);
  });

  test('the decision ships at least as often as planned when goal and guardrails are independent', () => {
    const { power } = testErrors({
      alpha: 0.05,
      power: 0.8,
      correction: 'HOLM',
      goals: 1,
      guardrails: 9,
      treatments: 1,
    });
    expect(power ** 10).toBeGreaterThan(0.8);
    expect(power ** 10).toBeLessThan(0.82);
  });
});

describe('planExperiment', () => {
  const metric = (name: string, baseline: Baseline, hypothesis: Hypothesis): PlannedMetric => ({
    name,
    baseline,
    hypothesis,
  });
  const base = { alpha: 0.05, power: 0.8, correction: 'HOLM' } as const;

  test('one goal and one treatment are the plain sample size', () => {
    const size = planExperiment([metric('a', mean, effect(0.02))], { ...base, weights: [1, 1] });
    const plain = known(sampleSize(mean, effect(0.02), plan));
    expect(known(size.units).arms).toEqual([plain.control, plain.treatment]);
  });

  test('every comparison of the plan has its power, and the hungriest metric decides', () => {
    const metrics = [
      metric('goal', mean, effect(0.05)),
      metric('guardrail', share, margin(0.05)),
      metric('b', ratio, effect(0.1)),
    ];
    const weights = [2, 1, 1];
    const size = planExperiment(metrics, { ...base, weights });
    const units = known(size.units);
    expect(units.total).toBe(units.arms.reduce((sum, arm) => sum + arm, 0));
    expect(units.total).toBe(Math.max(...size.metrics.map((sized) => known(sized.units).total)));
    for (const { baseline, hypothesis } of metrics) {
      const goal = hypothesis.kind === 'DIFFERENCE';
      const arms = { control: units.arms[0]!, treatment: units.arms[1]! };
      const alpha = goal ? size.errors.goalAlpha : size.errors.guardrailAlpha;
      const { power } = known(powerOf(baseline, hypothesis, arms, { alpha, sided: goal ? 2 : 1 }));
      expect(power).toBeGreaterThan(size.errors.power - 1e-9);
    }
  });

  test('a metric that cannot be planned leaves the plan unknown, the others known', () => {
    const metrics = [metric('goal', mean, effect(0.05)), metric('broken', { ...mean, mean: 0 }, effect(0.1))];
    const size = planExperiment(metrics, { ...base, weights: [1, 1] });
    expect(size.units).toEqual({ ok: false, reason: 'ZERO_BASELINE' });
    expect(size.metrics[0]!.units.ok).toBe(true);
  });

  test.each([[[1]], [[1, 0]], [[]]])('weights of %o are a bug', (weights) => {
    expect(() => planExperiment([metric('a', mean, effect(0.02))], { ...base, weights })).toThrow(RangeError);
  });
});

test.each([
  [1000, { unitsPerDay: 100 }, 10],
  [1001, { unitsPerDay: 100 }, 11],
  [0, { unitsPerDay: 0 }, 0],
  [250, { unitsPerDay: [100, 80, 70, 60] }, 3],
  [1000, { unitsPerDay: 100, matureAfterDays: 6.5 }, 17],
  [1000, { unitsPerDay: 0 }, null],
  [1000, { unitsPerDay: [500, 400] }, null],
])('runtimeDays(%d, %o) is %d', (units, traffic, days) => {
  expect(runtimeDays(units, traffic)).toEqual(days === null ? { ok: false, reason: 'UNBOUNDED' } : { ok: true, days });
});

test('runtimeDays of negative traffic is a bug', () => {
  expect(() => runtimeDays(10, { unitsPerDay: [5, -1] })).toThrow(RangeError);
});

describe('scaledImpact', () => {
  const difference = known(
    welchTest({ n: 400, mean: 10, variance: 25 }, { n: 600, mean: 10.5, variance: 25 }, { level: 0.9 }),
  );
  const rollout = { type: 'MEAN', units: 1000, share: 0.25, days: 8 } as const;

  test('is the difference times the eligible units of a day', () => {
    const impact = known(scaledImpact(difference, rollout));
    expect(impact.value).toBe(250);
    expect(impact.standardError).toBeCloseTo(500 * difference.standardError, 10);
    expect(impact.interval.lower).toBeCloseTo(500 * difference.interval.lower!, 10);
    expect(impact.interval.level).toBe(0.9);
    const open = { ...difference, interval: { ...difference.interval, upper: null } };
    expect(known(scaledImpact(open, rollout)).interval.upper).toBeNull();
  });

  test('is refused for ratios, without units and beyond a double', () => {
    expect(scaledImpact(difference, { ...rollout, type: 'RATIO' })).toEqual({ ok: false, reason: 'NOT_APPLICABLE' });
    expect(scaledImpact(difference, { ...rollout, units: 0 })).toEqual({ ok: false, reason: 'NO_UNITS' });
    expect(scaledImpact({ ...difference, difference: 1e308 }, rollout)).toEqual({ ok: false, reason: 'OVERFLOW' });
    expect(() => scaledImpact(difference, { ...rollout, share: 0 })).toThrow(RangeError);
    expect(() => scaledImpact(difference, { ...rollout, days: 0 })).toThrow(RangeError);
  });
});

test('extreme baselines are refused or finite', () => {
  const any = fc.double({ noNaN: true, noDefaultInfinity: true });
  const variance = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true });
  const size = fc.double({ min: -10, max: 10, noNaN: true });
  fc.assert(
    fc.property(any, variance, size, fc.constantFrom('WELCH' as const, 'NORMAL' as const), (m, v, e, test) => {
      const baseline: Baseline = { type: 'MEAN', mean: m, variance: v };
      const results = [
        sampleSize(baseline, effect(e), { ...plan, test }),
        detectableEffect(baseline, { control: 50, treatment: 60 }, { ...plan, test }),
        powerOf(baseline, effect(e), { control: 50, treatment: 60 }, { ...plan, test }),
      ];
      expect(numbersIn(results).every(Number.isFinite)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('rootBetween finds roots of smooth, flat and jumping functions', () => {
  expect(rootBetween((x) => x * x - 2, 0, 2)).toBeCloseTo(Math.SQRT2, 12);
  expect(rootBetween((x) => (x - 1) ** 9, 0, 2.5)).toBeCloseTo(1, 1);
  expect(rootBetween((x) => (x < 0.3 ? -1 : 1), 0, 1)).toBeCloseTo(0.3, 10);
  expect(rootBetween((x) => x, 0, 1)).toBe(0);
  expect(() => rootBetween((x) => x * x + 1, -1, 1)).toThrow(RangeError);
});
