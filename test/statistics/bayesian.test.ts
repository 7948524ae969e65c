import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BayesianOptions, effectPosterior, normalPosterior } from '../../src/statistics/bayesian.ts';
import { normalLoss } from '../../src/statistics/distributions/normal-loss.ts';
import { zTest } from '../../src/statistics/z-test.ts';
import { extremeSample, known, numbersIn, ordinarySample } from './samples.ts';

const { loss }: { readonly loss: readonly (readonly [k: number, value: number])[] } = JSON.parse(
  readFileSync(new URL('./golden/group-sequential.json', import.meta.url), 'utf8'),
);
const options = { level: 0.95, goodWhen: 'UP' } as const;
const effect = { estimate: 0.04, standardError: 0.02 };
const flat: BayesianOptions = { ...options, scale: 'RELATIVE', prior: { kind: 'FLAT' } };
const normal = (sd: number, scale: 'ABSOLUTE' | 'RELATIVE', mean = 0) => ({ kind: 'NORMAL', mean, sd, scale }) as const;

describe('normalLoss', () => {
  test.each(loss)('at %d agrees with mpmath to 1e-12', (k, value) => {
    expect(Math.abs(normalLoss(k) / value - 1)).toBeLessThan(1e-12);
  });

  test('of both tails differ by k, and one falls as the other rises', () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (k) => {
        expect(normalLoss(-k) - normalLoss(k)).toBeCloseTo(k, 12);
        expect(normalLoss(k + 0.01)).toBeLessThan(normalLoss(k));
      }),
    );
  });
});

describe('normalPosterior', () => {
  test('with a flat prior is the z test: interval and one-sided p', () => {
    fc.assert(
      fc.property(ordinarySample, ordinarySample, (control, treatment) => {
        const test = known(zTest(control, treatment, { level: 0.95 }));
        const posterior = known(effectPosterior(control, treatment, { ...flat, scale: 'ABSOLUTE' }));
        const unit = Math.max(Math.abs(test.difference), test.standardError);
        expect(Math.abs(posterior.interval.lower! - test.interval.lower!) / unit).toBeLessThan(1e-12);
        expect(Math.abs(posterior.interval.upper! - test.interval.upper!) / unit).toBeLessThan(1e-12);
        const worse = known(zTest(control, treatment, { level: 0.95, alternative: 'less' })).pValue;
        expect(posterior.chanceToBeatControl).toBeCloseTo(worse, 12);
      }),
    );
  });

  test('an ever wider prior becomes the flat one, an ever narrower one the prior itself', () => {
    const improper = known(normalPosterior(effect, null, options));
    const wide = known(normalPosterior(effect, { mean: 5, sd: 1e12 }, options));
    expect(wide.mean).toBeCloseTo(improper.mean, 14);
    expect(wide.sd).toBeCloseTo(improper.sd, 14);
    const narrow = known(normalPosterior(effect, { mean: 0.01, sd: 1e-9 }, options));
    expect(narrow.mean).toBeCloseTo(0.01, 14);
    expect(narrow.sd / 1e-9).toBeCloseTo(1, 12);
  });

  test('lies between prior and data, and is surer than either', () => {
    const prior = fc.record({
      mean: fc.double({ min: -5, max: 5, noNaN: true }),
      sd: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
    });
    const data = fc.record({
      estimate: fc.double({ min: -5, max: 5, noNaN: true }),
      standardError: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
    });
    fc.assert(
      fc.property(data, prior, ({ estimate, standardError }, belief) => {
        const { mean, sd } = known(normalPosterior({ estimate, standardError }, belief, options));
        expect(mean).toBeGreaterThanOrEqual(Math.min(estimate, belief.mean) - 1e-9);
        expect(mean).toBeLessThanOrEqual(Math.max(estimate, belief.mean) + 1e-9);
        expect(sd).toBeLessThanOrEqual(Math.min(standardError, belief.sd));
        const twice = known(normalPosterior({ estimate: mean, standardError: sd }, { mean, sd }, options));
        expect(twice.sd / sd).toBeCloseTo(Math.SQRT1_2, 12);
      }),
    );
  });

  test('two halves of the data one after the other give what both give at once', () => {
    const first = known(normalPosterior({ estimate: 0.05, standardError: 0.03 }, { mean: 0, sd: 0.1 }, options));
    const second = known(normalPosterior({ estimate: 0.01, standardError: 0.04 }, first, options));
    const [a, b] = [1 / 0.03 ** 2, 1 / 0.04 ** 2];
    const pooled = { estimate: (0.05 * a + 0.01 * b) / (a + b), standardError: 1 / Math.sqrt(a + b) };
    const once = known(normalPosterior(pooled, { mean: 0, sd: 0.1 }, options));
    expect(second.mean).toBeCloseTo(once.mean, 15);
    expect(second.sd).toBeCloseTo(once.sd, 15);
    expect(second.expectedLoss).toBeCloseTo(once.expectedLoss, 15);
  });

  test('a metric that is good when down has the chances and the losses swapped', () => {
    const [up, down] = [
      known(normalPosterior(effect, null, options)),
      known(normalPosterior(effect, null, { ...options, goodWhen: 'DOWN' })),
    ];
    expect(up.chanceToBeatControl + down.chanceToBeatControl).toBeCloseTo(1, 15);
    expect(down.expectedLoss).toBe(up.expectedLossOfKeeping);
    expect(down.expectedLossOfKeeping).toBe(up.expectedLoss);
    expect(down.interval).toEqual(up.interval);
  });

  test('the gain of shipping over keeping is the mean', () => {
    const { expectedLoss, expectedLossOfKeeping, mean } = known(normalPosterior(effect, null, options));
    expect(expectedLossOfKeeping - expectedLoss).toBeCloseTo(mean, 15);
  });

  test('the loss of a sure winner is small, not zero', () => {
    const sure = known(normalPosterior({ estimate: 30, standardError: 1 }, null, options));
    expect(sure.expectedLoss).toBeGreaterThan(0);
    expect(sure.expectedLoss).toBeLessThan(1e-197);
  });
});

describe('effectPosterior', () => {
  const control = { n: 200, mean: 2, variance: 9 };
  const treatment = { n: 190, mean: 2.4, variance: 8 };

  test('a relative prior of a difference is the absolute one times the control mean, and conversely', () => {
    const at = (scale: 'ABSOLUTE' | 'RELATIVE', prior: BayesianOptions['prior']) =>
      known(effectPosterior(control, treatment, { ...options, scale, prior }));
    expect(at('ABSOLUTE', normal(0.1, 'RELATIVE', 0.02))).toEqual(at('ABSOLUTE', normal(0.2, 'ABSOLUTE', 0.04)));
    expect(at('RELATIVE', normal(0.2, 'ABSOLUTE', 0.04))).toEqual(at('RELATIVE', normal(0.1, 'RELATIVE', 0.02)));
  });

  test('a change of the metric’s unit leaves a lift alone', () => {
    const scaled = ({ n, mean, variance }: typeof control) => ({ n, mean: mean * 100, variance: variance * 1e4 });
    const [plain, cents] = [
      known(effectPosterior(control, treatment, { ...flat, prior: normal(0.3, 'RELATIVE') })),
      known(effectPosterior(scaled(control), scaled(treatment), { ...flat, prior: normal(0.3, 'RELATIVE') })),
    ];
    numbersIn(plain).forEach((value, i) => {
      expect(numbersIn(cents)[i]).toBeCloseTo(value, 12);
    });
  });

  test('a divisor that may be zero is said', () => {
    const noisy = { ...control, mean: 0.5 }; // 2.4 standard errors from 0
    expect(known(effectPosterior(control, treatment, flat)).approximation).toBe('ADEQUATE');
    expect(known(effectPosterior(noisy, treatment, flat)).approximation).toBe('DOUBTFUL');
    expect(known(effectPosterior(noisy, treatment, { ...flat, scale: 'ABSOLUTE' })).approximation).toBe('ADEQUATE');
  });

  test.each([
    ['no units', { ...control, n: 0 }, flat, 'NO_UNITS'],
    ['one unit', { ...control, n: 1 }, flat, 'TOO_FEW_UNITS'],
    ['a zero control mean', { ...control, mean: 0 }, flat, 'ZERO_BASELINE'],
    ['a constant arm, relative', { ...control, variance: 0 }, flat, 'ZERO_VARIANCE'],
    ['a constant arm, absolute', { ...control, variance: 0 }, { ...flat, scale: 'ABSOLUTE' as const }, 'ZERO_VARIANCE'],
    [
      'a relative prior of a difference over zero',
      { ...control, mean: 0 },
      { ...flat, scale: 'ABSOLUTE' as const, prior: normal(0.1, 'RELATIVE') },
      'ZERO_BASELINE',
    ],
  ])('%s is refused', (_, arm, asked, reason) => {
    expect(effectPosterior(arm, treatment, asked)).toEqual({ ok: false, reason });
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('a prior sd of %d is a bug', (sd) => {
    expect(() => effectPosterior(control, treatment, { ...flat, prior: normal(sd, 'RELATIVE') })).toThrow(RangeError);
  });

  test('a mean of 1e8 with sd 1 keeps its digits', () => {
    const [c, t] = [1e8, 1e8 + 0.5].map((mean) => ({ n: 10_000, mean, variance: 1 }));
    const posterior = known(effectPosterior(c!, t!, { ...flat, scale: 'ABSOLUTE' }));
    expect(posterior.mean).toBe(0.5);
    expect(posterior.sd).toBeCloseTo(Math.sqrt(2e-4), 15);
  });

  test('only finite numbers come out, and chances between 0 and 1', () => {
    const priors = fc.constantFrom(
      flat.prior,
      normal(0.1, 'RELATIVE'),
      normal(1e300, 'ABSOLUTE'),
      normal(1e-300, 'RELATIVE'),
    );
    fc.assert(
      fc.property(
        extremeSample,
        extremeSample,
        priors,
        fc.constantFrom('ABSOLUTE', 'RELATIVE'),
        (c, t, prior, scale) => {
          const result = effectPosterior(c, t, { ...flat, prior, scale });
          expect(numbersIn(result).every(Number.isFinite)).toBe(true);
          if (!result.ok) return;
          expect(result.chanceToBeatControl).toBeGreaterThanOrEqual(0);
          expect(result.chanceToBeatControl).toBeLessThanOrEqual(1);
          expect(Math.min(result.expectedLoss, result.expectedLossOfKeeping)).toBeGreaterThanOrEqual(0);
          expect(result.sd).toBeGreaterThan(0);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('under its own prior the credible interval covers 95 %, and chances between 0.9 and 0.95 come true that often', () => {
    let state = 11;
    const uniform = () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
    };
    const draw = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    const simulations = 20_000;
    let [covered, sure, right] = [0, 0, 0];
    for (let simulation = 0; simulation < simulations; simulation++) {
      const truth = 0.1 * draw();
      const estimate = truth + 0.08 * draw();
      const posterior = known(normalPosterior({ estimate, standardError: 0.08 }, { mean: 0, sd: 0.1 }, options));
      covered += posterior.interval.lower! <= truth && truth <= posterior.interval.upper! ? 1 : 0;
      if (posterior.chanceToBeatControl < 0.9 || posterior.chanceToBeatControl > 0.95) continue;
      sure++;
      right += truth > 0 ? 1 : 0;
    }
    expect(covered / simulations).toBeGreaterThan(0.943);
    expect(covered / simulations).toBeLessThan(0.957);
    expect(right / sure).toBeGreaterThan(0.88);
    expect(right / sure).toBeLessThan(0.97);
  });
});
