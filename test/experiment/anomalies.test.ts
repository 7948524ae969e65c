import { describe, expect, test } from 'vitest';
import type { DailyValue } from '../../src/experiment/anomalies-daily.ts';
import { findAnomalies } from '../../src/experiment/anomalies-detect.ts';
import { seeded } from '../statistics/series-draws.ts';

const WEEKDAYS = [1, 1.1, 1.05, 1, 1.2, 0.7, 0.6];

interface Drawn {
  readonly days: number;
  readonly seed: number;
  readonly change?: (day: number, value: number) => number | null;
}

/** Daily values about 100 with a weekly season of ±40 % and noise of 5 %. */
function drawn({ days, seed, change = (_, value) => value }: Drawn): readonly DailyValue[] {
  const { normal } = seeded(seed);
  return Array.from({ length: days }, (_, i) => {
    const value = change(i, 100 * WEEKDAYS[i % 7]! + 5 * normal());
    const date = new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10);
    const at = `${date}T00:00:00.000000Z`;
    return {
      period: { name: date, at, end: at, date },
      ...{ value, standardError: 5, atRisk: 1000, active: value === null ? 0 : 400 },
    };
  });
}

/** Over so many series: the share of days in a finding about single days, and of series with a level shift. */
function alarms(days: number, series: number, change?: Drawn['change']) {
  let [single, shifts] = [0, 0];
  for (let seed = 0; seed < series; seed++) {
    for (const { kind, first, last } of findAnomalies(
      drawn({ days, seed: 1000 * days + seed, ...(change && { change }) }),
    ))
      if (kind === 'LEVEL_SHIFT') shifts += 1;
      else single += last! - first + 1;
  }
  return { perDay: single / series / days, shifts: shifts / series };
}

describe('noise with a weekly season raises few alarms', () => {
  test.each([
    [365, 40, 0.001],
    [91, 150, 0.0025],
    [56, 200, 0.003],
    [28, 300, 0.007],
    [20, 300, 0.001],
  ])('%i days', (days, series, most) => {
    const { perDay, shifts } = alarms(days, series);
    expect(perDay).toBeLessThan(most);
    expect(shifts).toBeLessThan(0.01);
  });

  test('a trend is neither a shift nor a row of outliers', () => {
    const { perDay, shifts } = alarms(56, 100, (day, value) => value + 0.5 * day);
    expect(perDay).toBeLessThan(0.001);
    expect(shifts).toBeLessThan(0.02);
  });
});

describe('what was put into a series is found', () => {
  const found = (change: Drawn['change'], hit: (findings: ReturnType<typeof findAnomalies>) => boolean) =>
    Array.from({ length: 50 }, (_, seed) => findAnomalies(drawn({ days: 56, seed, change: change! }))).filter(hit)
      .length / 50;

  test.each([
    ['SPIKE', 35],
    ['DROP', -35],
  ] as const)('a %s of seven standard deviations', (kind, size) => {
    const share = found(
      (day, value) => (day === 40 ? value + size : value),
      (findings) => findings.some((one) => one.kind === kind && one.first === 40 && one.last === 40),
    );
    expect(share).toBeGreaterThan(0.9);
  });

  test.each([25, -25, 60])('a level that changes by %i for good, from its first day on', (size) => {
    const share = found(
      (day, value) => (day >= 38 ? value + size : value),
      (findings) =>
        findings.some(
          ({ kind, first, last }) => kind === 'LEVEL_SHIFT' && Math.abs(first - 38) <= 1 && last === null,
        ) && findings.every(({ kind, first }) => kind === 'LEVEL_SHIFT' || first < 37),
    );
    expect(share).toBeGreaterThan(0.85);
  });

  test('a row of days that ends again', () => {
    const share = found(
      (day, value) => (day >= 30 && day < 37 ? value - 60 : value),
      (findings) => findings.some(({ kind, first, last }) => kind === 'DROP' && first === 30 && last === 36),
    );
    expect(share).toBeGreaterThan(0.8);
  });

  test('days without rows, as one finding', () => {
    const [finding, ...others] = findAnomalies(
      drawn({ days: 56, seed: 5, change: (day, value) => (day === 30 || day === 31 ? null : value) }),
    );
    expect(finding).toMatchObject({ kind: 'MISSING_DATA', first: 30, last: 31, observed: null, score: -400 });
    expect(others).toEqual([]);
  });

  test('the expectation and the score are those of the day', () => {
    const days = drawn({ days: 56, seed: 9, change: (day, value) => (day === 40 ? 200 : value) });
    const [finding] = findAnomalies(days);
    const { lower, upper } = finding!.expected!;
    expect(finding).toMatchObject({ kind: 'SPIKE', first: 40, observed: 200 });
    // Day 40 is a Saturday of these weeks: 70 ± 3.5 · 5.
    expect((lower! + upper!) / 2).toBeGreaterThan(60);
    expect((lower! + upper!) / 2).toBeLessThan(80);
    expect(finding!.score).toBeCloseTo((200 - (lower! + upper!) / 2) / ((upper! - lower!) / 7), 9);
  });
});

describe('what cannot be judged is not judged', () => {
  test('two weeks are too few', () => {
    expect(findAnomalies(drawn({ days: 13, seed: 1, change: (day, value) => (day === 5 ? 900 : value) }))).toEqual([]);
  });

  test('a day that is less certain must be farther out', () => {
    const days = (standardError: number) =>
      drawn({ days: 56, seed: 2, change: (day, value) => (day === 3 ? value + 40 : value) }).map((day, i) =>
        i === 3 ? { ...day, standardError } : day,
      );
    expect(findAnomalies(days(5)).map(({ first }) => first)).toEqual([3]);
    expect(findAnomalies(days(20))).toEqual([]);
  });

  test('values that never change, and none', () => {
    expect(findAnomalies(drawn({ days: 56, seed: 1, change: () => 5 }))).toEqual([]);
    expect(findAnomalies([])).toEqual([]);
  });
});
