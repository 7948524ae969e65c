import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { effectTrend, FEWEST_DAYS } from '../../src/statistics/novelty.ts';
import { known, numbersIn } from './samples.ts';
import { relativeError, seeded } from './series-draws.ts';

const days = (estimates: readonly number[], errors: readonly number[] = estimates.map(() => 1)) =>
  estimates.map((estimate, day) => ({ day, estimate, standardError: errors[day]! }));

const fading = days([0.5, 0.45, 0.41, 0.3, 0.33, 0.2, 0.22, 0.1], [0.1, 0.1, 0.12, 0.11, 0.13, 0.15, 0.2, 0.25]);

describe('effectTrend', () => {
  test('agrees with statsmodels WLS', () => {
    // statsmodels 0.15.0: WLS(y, add_constant(t), weights=1/se**2).fit(), printed to 8 digits
    const trend = known(effectTrend(fading, 0.95));
    expect(trend.slope).toBeCloseTo(-0.05386272, 8);
    expect(trend.standardError).toBeCloseTo(0.00561047, 8);
    expect(trend.statistic).toBeCloseTo(-9.60040128, 6);
    expect(relativeError(trend.pValue, 7.30486317e-5)).toBeLessThan(1e-7);
    expect(trend.interval.lower).toBeCloseTo(-0.06759103, 8);
    expect(trend.interval.upper).toBeCloseTo(-0.0401344, 7);
    expect(trend.firstEffect).toBeCloseTo(0.5009669, 7);
    expect(trend).toMatchObject({ degreesOfFreedom: 6, pattern: 'FADING' });
  });

  test('a fading harm fades, its mirror in time grows, noise is neither', () => {
    const harm = fading.map((effect) => ({ ...effect, estimate: -effect.estimate }));
    expect(known(effectTrend(harm, 0.95)).pattern).toBe('FADING');
    const mirrored = fading.map((effect) => ({ ...effect, day: -effect.day }));
    expect(known(effectTrend(mirrored, 0.95)).pattern).toBe('GROWING');
    expect(known(effectTrend(days([1, 2, 1, 2, 1, 2, 1, 2, 1]), 0.95)).pattern).toBe('NONE');
  });

  const effects = fc.array(
    fc.record({
      // thousandths: an estimate of 1e-161 is lost when the level is shifted
      estimate: fc.integer({ min: -5000, max: 5000 }).map((x) => x / 1000),
      standardError: fc.double({ min: 0.1, max: 2, noNaN: true }),
    }),
    { minLength: FEWEST_DAYS, maxLength: 20 },
  );

  test('origin of days, level of effects, scale of errors and order do not matter', () => {
    fc.assert(
      fc.property(effects, (list) => {
        const series = list.map((effect, day) => ({ day, ...effect }));
        const trend = effectTrend(series, 0.95);
        if (!trend.ok) return;
        const other = effectTrend(
          series.toReversed().map(({ day, estimate, standardError }) => ({
            day: day + 100,
            estimate: estimate + 3,
            standardError: 5 * standardError,
          })),
          0.95,
        );
        expect(known(other).slope).toBeCloseTo(trend.slope, 8);
        expect(known(other).pValue).toBeCloseTo(trend.pValue, 6);
      }),
    );
  });

  test.each([
    ['six days', days([1, 3, 2, 4, 3, 5]), 'TOO_FEW_UNITS'],
    [
      'seven estimates of six days',
      [...days([1, 3, 2, 4, 3, 5]), { day: 5, estimate: 4, standardError: 1 }],
      'TOO_FEW_UNITS',
    ],
    ['days on a line', days([1, 2, 3, 4, 5, 6, 7]), 'ZERO_VARIANCE'],
    ['a constant effect', days([0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]), 'ZERO_VARIANCE'],
    ['a day without error', days([1, 3, 2, 4, 3, 5, 1], [1, 1, 0, 1, 1, 1, 1]), 'ZERO_VARIANCE'],
  ] as const)('%s: refused', (_, series, reason) => {
    expect(effectTrend(series, 0.95)).toEqual({ ok: false, reason });
  });

  test('nothing that is not finite comes out', () => {
    const any = fc.record({
      estimate: fc.double({ noNaN: true, noDefaultInfinity: true }),
      standardError: fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 7, maxLength: 9 }), (list) => {
        const trend = effectTrend(
          list.map((effect, day) => ({ day, ...effect })),
          0.95,
        );
        expect(numbersIn(trend).every(Number.isFinite)).toBe(true);
      }),
    );
  });

  test('days that share their units, without a trend, are called a trend 5 % of the time', () => {
    const { normal } = seeded(9);
    const rejected = Array.from({ length: 4000 }, () => {
      const shared = 3 * normal();
      return known(effectTrend(days(Array.from({ length: 10 }, () => 1 + shared + normal())), 0.95)).pValue < 0.05;
    }).filter(Boolean).length;
    expect(Math.abs(rejected / 4000 - 0.05)).toBeLessThan(0.013);
  });
});
