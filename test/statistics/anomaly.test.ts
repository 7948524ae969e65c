import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnomalyPoint, Series } from '../../src/statistics/anomaly/anomaly.ts';
import { ewma, ewmaAnomalies } from '../../src/statistics/anomaly/ewma.ts';
import { median, robustScale } from '../../src/statistics/anomaly/robust-scale.ts';
import { robustZAnomalies } from '../../src/statistics/anomaly/robust-z.ts';
import { stl } from '../../src/statistics/anomaly/stl.ts';
import { stlAnomalies } from '../../src/statistics/anomaly/stl-anomalies.ts';
import { known, numbersIn } from './samples.ts';
import { seeded } from './series-draws.ts';

const reasons = (points: readonly AnomalyPoint[]) => points.map(({ reason }) => reason);
const flagged = (points: readonly AnomalyPoint[]) => points.flatMap(({ reason }, i) => (reason === null ? [] : [i]));
const WEEK = [0, 8, 9, 6, 1, -8, -6];

/** Weeks of a weekly pattern about 100 with unit noise and a slope per day. */
function weekly(weeks: number, seed: number, slope = 0): number[] {
  const { normal } = seeded(seed);
  return Array.from({ length: 7 * weeks }, (_, i) => 100 + slope * i + WEEK[i % 7]! + normal());
}

const replaced = (series: Series, i: number, value: number | null): Series => series.with(i, value);

describe('robust location and scale', () => {
  test.each([
    ['an odd number', [3, 1, 2], 2],
    ['an even number', [4, 1, 3, 2], 2.5],
    ['one', [7], 7],
    ['huge values', [1.7e308, 1.7e308], 1.7e308],
  ])('median of %s', (_, values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test('where most values are equal the mean deviation stands in; of equal values there is no scale', () => {
    // 1.2533 · mean(|x − 5|) = √(π/2) · 4/21
    expect(robustScale([...Array.from({ length: 20 }, () => 5), 9])).toBeCloseTo(Math.sqrt(Math.PI / 2) * (4 / 21), 14);
    expect(robustScale([0.1 + 0.2, 0.3, 0.3])).toBe(0);
    expect(() => median([])).toThrow(RangeError);
  });
});

/** The three detectors, each for a weekly series. */
const DETECTORS = [
  ['robust z', (series: Series) => robustZAnomalies(series, { period: 7 })],
  ['EWMA', (series: Series) => ewmaAnomalies(series, { period: 7 })],
  ['STL', (series: Series) => stlAnomalies(series, { period: 7 })],
] as const;

describe.each(DETECTORS)('%s', (_, detect) => {
  test('scaling the series leaves the scores, turning it over changes their sign', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.constantFrom(-3, 0.25, 1000), (seed, factor) => {
        const series = weekly(6, seed);
        const points = detect(series);
        const scaled = detect(series.map((value) => factor * value));
        scaled.forEach(({ score }, i) => {
          expect(score!).toBeCloseTo(Math.sign(factor) * points[i]!.score!, 6);
        });
      }),
      { numRuns: 15 },
    );
  });

  test('a level of 1e8 leaves the scores', () => {
    const series = weekly(6, 21);
    const points = detect(series);
    detect(series.map((value) => value + 1e8)).forEach(({ score }, i) => {
      expect(score!).toBeCloseTo(points[i]!.score!, 4);
    });
  });

  test('a missing value is reported with the value that was expected', () => {
    const point = detect(replaced(weekly(8, 3), 30, null))[30]!;
    expect(point).toMatchObject({ value: null, score: null, reason: 'MISSING', unknown: null });
    expect(Math.abs(point.expected!.centre - (100 + WEEK[30 % 7]!))).toBeLessThan(2);
  });

  test('a short series is not judged, but its gaps are reported', () => {
    const points = detect([100, null, 101, 99, 100, 250, 98]);
    expect(
      points.every(({ expected, score, unknown }) => expected === null && score === null && unknown !== null),
    ).toBe(true);
    expect(reasons(points)).toEqual([null, 'MISSING', null, null, null, null, null]);
    expect(points[5]!.unknown).toBe('TOO_FEW_UNITS');
    expect(detect([])).toEqual([]);
  });

  test('a constant series has no scale', () => {
    const points = detect(Array.from({ length: 42 }, () => 0.3));
    expect(points.every(({ unknown, reason }) => unknown === 'ZERO_VARIANCE' && reason === null)).toBe(true);
  });

  test('nothing that is not finite comes out, and NaN is a bug', () => {
    const value = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: null, freq: 8 });
    fc.assert(
      fc.property(fc.array(value, { minLength: 28, maxLength: 42 }), (series) => {
        expect(numbersIn(detect(series)).every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 40 },
    );
    expect(() => detect([Number.NaN, ...weekly(6, 1)])).toThrow(RangeError);
  });

  test('the score is beyond the threshold exactly outside the expected range', () => {
    for (const { value, score, expected, reason, ...rest } of detect(replaced(weekly(8, 17), 40, 130))) {
      const judgedValue = 'smoothed' in rest ? (rest.smoothed as number) : value!;
      const outside = judgedValue < expected!.lower || judgedValue > expected!.upper;
      expect(outside).toBe(reason !== null);
      expect(Math.sign(score!)).toBe(Math.sign(judgedValue - expected!.centre));
    }
  });
});

describe('robustZAnomalies', () => {
  test.each([
    ['a spike', 20, 'SPIKE'],
    ['a drop', -20, 'DROP'],
  ] as const)('%s of a weekday is found, however ordinary for other days', (_, by, reason) => {
    const series = weekly(8, 5);
    const changed = replaced(series, 30, series[30]! + by / 2);
    expect(robustZAnomalies(changed, { period: 7 })[30]!.reason).toBe(reason);
    expect(flagged(robustZAnomalies(changed, { period: 7 }))).toEqual([30]);
    expect(flagged(robustZAnomalies(changed))).toEqual([]);
  });

  test('a value does not shape its own expectation', () => {
    const series = weekly(5, 5);
    const [a, b] = [1e3, 1e6].map((value) => robustZAnomalies(replaced(series, 10, value), { period: 7 })[10]!);
    expect(a!.expected).toEqual(b!.expected);
  });

  test('three weeks are too few for a weekly season', () => {
    expect(robustZAnomalies(weekly(3, 1), { period: 7 })[0]!.unknown).toBe('TOO_FEW_UNITS');
    expect(robustZAnomalies(weekly(3, 1))[0]!.unknown).toBeNull();
  });

  test.each([
    [4, 0.009],
    [8, 0.004],
  ])('of %d ordinary weeks less than the share %f of points is flagged', (weeks, share) => {
    const points = Array.from({ length: 300 }, (_, seed) =>
      robustZAnomalies(weekly(weeks, seed), { period: 7 }),
    ).flat();
    expect(flagged(points).length / points.length).toBeLessThan(share);
  });

  test('a period or a threshold that is none is a bug', () => {
    expect(() => robustZAnomalies(weekly(4, 1), { period: 0 })).toThrow(RangeError);
    expect(() => robustZAnomalies(weekly(4, 1), { threshold: 0 })).toThrow(RangeError);
  });
});

describe('ewmaAnomalies', () => {
  test.each([
    ['up', 2, 'SHIFT_UP'],
    ['down', -2, 'SHIFT_DOWN'],
  ] as const)('a lasting shift %s of two deviations is found in nine of ten series', (_, by, reason) => {
    const found = Array.from({ length: 200 }, (_unused, seed) => {
      const series = weekly(8, seed).map((value, i) => (i >= 38 ? value + by : value));
      return ewmaAnomalies(series, { period: 7 }).findLastIndex((point) => point.reason === reason) >= 38;
    });
    expect(found.filter(Boolean).length).toBeGreaterThan(180);
  });

  test.each([
    ['with', 7],
    ['without', undefined],
  ])('few ordinary points are flagged (%s a season)', (_, period) => {
    const points = Array.from({ length: 300 }, (_unused, seed) => {
      const { normal } = seeded(seed);
      const series = period === 7 ? weekly(8, seed) : Array.from({ length: 56 }, normal);
      return period === undefined ? ewmaAnomalies(series) : ewmaAnomalies(series, { period });
    }).flat();
    expect(flagged(points).length / points.length).toBeLessThan(0.008);
  });

  test('its limits are those of Roberts (1959), and a gap moves nothing', () => {
    const series = weekly(2, 4);
    const points = ewmaAnomalies(series, { weight: 0.3, threshold: 2 });
    const differences = series.slice(1).map((value, i) => value - series[i]!);
    const scale = robustScale(differences, 0) / Math.SQRT2;
    points.forEach(({ expected }, i) => {
      const half = 2 * scale * Math.sqrt((0.3 / 1.7) * (1 - 0.7 ** (2 * (i + 1))));
      expect(expected!.upper - expected!.centre).toBeCloseTo(half, 10);
    });
    const gap = ewmaAnomalies([...series.slice(0, 5), null, ...series.slice(5)], { weight: 0.3, threshold: 2 });
    expect(gap[5]!.smoothed).toBe(gap[4]!.smoothed);
    expect(gap[5]!.expected).toEqual(gap[4]!.expected);
    expect(gap[6]!.smoothed).toBe(points[5]!.smoothed);
  });

  test('the average starts at the first value and keeps its level over a gap', () => {
    expect(ewma([null, 1, 3, null, 5], 0.5)).toEqual([null, 1, 2, 2, 3.5]);
    expect(() => ewma([1], 0)).toThrow(RangeError);
    expect(() => ewmaAnomalies(weekly(4, 1), { threshold: 0 })).toThrow(RangeError);
  });
});

describe('stl', () => {
  const SERIES = [
    10, 12, 15, 14, 9, 5, 4, 11, 13, 15, 16, 10, 6, 5, 12, 13, 40, 15, 11, 7, 5, 12, 15, 17, 16, 12, 7, 6, 13, 15,
  ];

  // statsmodels 0.15.0: STL(SERIES, period=7, robust=…).fit(), at the points 0, 10, 16 and 29, rounded to 10 digits
  test.each([
    [
      true,
      [9.4179078913, 10.8625474637, 11.4530161188, 12.5965999721],
      [0.5838739235, 4.0727257675, 5.1154810078, 2.4032795574],
      [-0.0017818149, 1.0647267687, 23.4315028734, 0.0001204707],
    ],
    [
      false,
      [9.6974496348, 11.0582853703, 14.3428861909, 13.2342608644],
      [0.6960509111, 3.5078108168, 11.6134572174, 1.8489399869],
      [-0.3935005459, 1.433903813, 14.0436565917, -0.0832008513],
    ],
  ])('agrees with statsmodels (robust %s)', (robust, trend, seasonal, residual) => {
    const parts = known(stl(SERIES, { period: 7, robust }));
    [0, 10, 16, 29].forEach((i, k) => {
      expect(parts.trend[i]).toBeCloseTo(trend[k]!, 8);
      expect(parts.seasonal[i]).toBeCloseTo(seasonal[k]!, 8);
      expect(parts.residual[i]).toBeCloseTo(residual[k]!, 8);
    });
  });

  test('the parts add up to the series', () => {
    const series = weekly(6, 2, 0.3);
    const parts = known(stl(series, { period: 7, robust: true }));
    series.forEach((value, i) => {
      expect(parts.trend[i]! + parts.seasonal[i]! + parts.residual[i]!).toBeCloseTo(value, 10);
    });
  });

  test('a line with a fixed season has no residual, with gaps or without', () => {
    const line: Series = Array.from({ length: 56 }, (_, i) => 5 + 0.5 * i + WEEK[i % 7]!);
    for (const series of [line, line.with(9, null).with(30, null).with(31, null)]) {
      const { residual, trend, seasonal } = known(stl(series, { period: 7, robust: false, seasonalWindow: 35 }));
      residual.forEach((value, i) => {
        if (series[i] === null) expect(value).toBeNull();
        else expect(Math.abs(value!)).toBeLessThan(0.2);
        expect(Math.abs(trend[i]! + seasonal[i]! - line[i]!)).toBeLessThan(0.2);
      });
    }
  });

  test('what stands in for a missing value has no say', () => {
    const series = weekly(8, 6, 0.2);
    const a = known(stl(replaced(series, 25, null), { period: 7, robust: true }));
    // moving the other values of the phase far up moves the stand-in, and the fit with them only through those values
    const b = known(
      stl(
        replaced(series, 25, null).map((value) => (value === null ? null : value + 1000)),
        { period: 7, robust: true },
      ),
    );
    expect(b.trend[25]! + b.seasonal[25]!).toBeCloseTo(a.trend[25]! + a.seasonal[25]! + 1000, 6);
  });

  test.each([
    ['less than two weeks', weekly(2, 1).slice(0, 13), 'TOO_FEW_UNITS'],
    ['a weekday with one value', weekly(2, 1).with(3, null as unknown as number), 'TOO_FEW_UNITS'],
    ['a gap of many weeks', weekly(20, 1).map((value, i) => (i > 20 && i < 125 ? null : value)), 'TOO_FEW_UNITS'],
    ['values beyond a double', weekly(4, 1).map((value) => value * 1.5e306), 'OVERFLOW'],
  ] as const)('%s: refused', (_, series, reason) => {
    expect(stl(series, { period: 7, robust: false })).toEqual({ ok: false, reason });
  });

  test('a window or a period that is none is a bug', () => {
    expect(() => stl(SERIES, { period: 7, robust: false, seasonalWindow: 8 })).toThrow(RangeError);
    expect(() => stl(SERIES, { period: 1.5, robust: false })).toThrow(RangeError);
  });
});

describe('stlAnomalies', () => {
  test('a spike on a slope is found, and the slope is not', () => {
    const series = weekly(8, 14, 1);
    expect(flagged(stlAnomalies(replaced(series, 40, series[40]! + 12), { period: 7 }))).toContain(40);
    expect(flagged(stlAnomalies(series, { period: 7 }))).toEqual([]);
  });

  test('few ordinary points are flagged', () => {
    const points = Array.from({ length: 60 }, (_, seed) => stlAnomalies(weekly(6, seed, 0.5), { period: 7 })).flat();
    expect(flagged(points).length / points.length).toBeLessThan(0.01);
  });
});
