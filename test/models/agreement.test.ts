import { expect, test } from 'vitest';
import type { Moments } from '../../src/core/moments.ts';
import { adjustedPValues } from '../../src/models/statistics/adjustment.ts';
import { type CupedFormulaOptions, cupedMean, cupedRatio } from '../../src/models/statistics/cuped.ts';
import { nonInferiorityTest as nonInferiorityFormula } from '../../src/models/statistics/non-inferiority.ts';
import { meanSample, proportionSample, ratioSample } from '../../src/models/statistics/samples.ts';
import { sampleRatioSteps } from '../../src/models/statistics/srm.ts';
import { ident, sql } from '../../src/sql/sql.ts';
import { statement } from '../../src/sql/statement.ts';
import * as cuped from '../../src/statistics/cuped/cuped.ts';
import type { Inference, Sample } from '../../src/statistics/inference.ts';
import { deltaLift } from '../../src/statistics/lift/delta.ts';
import { fiellerLift } from '../../src/statistics/lift/fieller.ts';
import { logLift } from '../../src/statistics/lift/log.ts';
import type { Lift } from '../../src/statistics/lift/method.ts';
import { adjustPValues } from '../../src/statistics/multiple-testing.ts';
import { constantMarginNonInferiority, nonInferiorityTest } from '../../src/statistics/non-inferiority.ts';
import { sampleOfMean, sampleOfProportion, sampleOfRatio } from '../../src/statistics/samples.ts';
import { asymptoticSequence, oneSidedSequentialP } from '../../src/statistics/sequential.ts';
import { sampleRatioTest } from '../../src/statistics/srm.ts';
import { welchTest } from '../../src/statistics/welch.ts';
import { zTest } from '../../src/statistics/z-test.ts';
import { describeOn } from '../support/engines.ts';
import { everyTest, momentCells, momentColumns, type Settings, settingCells, united } from './arm-columns.ts';
import { type Cell, casesStep, cellOf, dialectOf, evaluateOn, type Row, relativeError, runOn } from './support.ts';

/** One number that SQL and TypeScript must agree on, and the scale below which only the absolute error counts. */
type Expected = readonly [column: string, value: Cell, scale?: number];

/** A refusal as SQL shows it: the reason, and null for every number. */
function of<T>(
  name: string,
  result: Inference<T>,
  numbers: Readonly<Record<string, (known: T) => Cell | readonly [Cell, number]>>,
): Expected[] {
  const expected: Expected[] = [[`${name}.unknown`, result.ok ? null : result.reason]];
  for (const [column, read] of Object.entries(numbers)) {
    const value = result.ok ? read(result) : null;
    expected.push(
      Array.isArray(value) ? [`${name}.${column}`, value[0], value[1]] : [`${name}.${column}`, value as Cell],
    );
  }
  return expected;
}

/** What disagrees by more than a tolerance. */
function disagreements(
  rows: readonly Row[],
  got: readonly Readonly<Record<string, Cell>>[],
  expected: readonly (readonly Expected[])[],
  tolerance: number,
) {
  return rows.flatMap((row, i) =>
    expected[i]!.flatMap(([column, value, scale = 0]) => {
      const error = relativeError(got[i]![column]!, value, scale);
      return error <= tolerance
        ? []
        : [`${column}: ${got[i]![column]} for ${value}, error ${error}, of ${JSON.stringify(row)}`];
    }),
  );
}

const UNITS = [
  [0, 10],
  [1, 10],
  [2, 2],
  [2, 40],
  [5, 5],
  [30, 20],
  [1e3, 1e3],
  [1e5, 3e5],
  [1e9, 1e9],
] as const;
const MEANS = [
  [10, 10],
  [10, 10.1],
  [10, 12],
  [10, -1],
  [-10, -9],
  [0, 1],
  [1e-3, 1.1e-3],
  [1e8, 1e8 + 1],
  [1e-160, 1e-160],
] as const;
const VARIANCES = [
  [4, 4],
  [1, 100],
  [900, 1],
  [0, 3],
  [3, 0],
  [0, 0],
  [1e-4, 1e-4],
  [1e-300, 1e-300],
] as const;
const SETTINGS: readonly Settings[] = [
  { level: 0.95, tuning: 5000, margin: 0.02, good: 'UP' },
  { level: 0.99, tuning: 1e6, margin: 0, good: 'DOWN' },
  { level: 0.8, tuning: 100, margin: 0.5, good: 'DOWN' },
  { level: 0.9999, tuning: 20, margin: 0.1, good: 'UP' },
];

interface Pair extends Settings {
  readonly control: Sample;
  readonly treatment: Sample;
}

const PAIRS: readonly Pair[] = UNITS.flatMap(([nC, nT], i) =>
  MEANS.flatMap(([mC, mT], j) =>
    VARIANCES.map(([vC, vT], k) => ({
      control: { n: nC, mean: mC, variance: vC },
      treatment: { n: nT, mean: mT, variance: vT },
      ...SETTINGS[(i + j + k) % SETTINGS.length]!,
    })),
  ),
);

const sampleRow = ({ control, treatment, ...settings }: Pair): Row => ({
  c_n: control.n,
  c_mean: control.mean,
  c_variance: control.variance,
  t_n: treatment.n,
  t_mean: treatment.mean,
  t_variance: treatment.variance,
  ...settingCells(settings),
});

const sampleColumns = (arm: string) => ({
  n: ident(`${arm}_n`),
  mean: ident(`${arm}_mean`),
  variance: ident(`${arm}_variance`),
  unknown: sql`cast(null as varchar)`,
});

interface Bounded {
  readonly interval: { readonly lower: number | null; readonly upper: number | null } | null;
}

/** Everything that the functions say of two arms, by the columns of `everyTest`. */
function expectedOf({ control, treatment, level, tuning, margin, good }: Pair): Expected[] {
  const alpha = 1 - level;
  const welch = welchTest(control, treatment, { level });
  const greater = welchTest(control, treatment, { level, alternative: 'greater' });
  const z = zTest(control, treatment, { level });
  const delta = deltaLift(control, treatment, { level });
  const log = logLift(control, treatment, { level });
  const fieller = fiellerLift(control, treatment, { level });
  const fiellerGreater = fiellerLift(control, treatment, { level, alternative: 'greater' });
  const fiellerZ = fiellerLift(control, treatment, { level, reference: 'NORMAL' });
  const options = { margin: margin!, goodWhen: good, alpha } as const;
  const inferior = nonInferiorityTest(control, treatment, options);
  const constant = constantMarginNonInferiority(control, treatment, options);
  const look = { units: control.n + treatment.n, alpha, tuningUnits: tuning };
  const sequenceOf = (estimate: number, standardError: number) =>
    asymptoticSequence({ ...look, estimate, standardError });
  const sequence = welch.ok ? sequenceOf(welch.difference, welch.standardError) : welch;
  const relative = delta.ok ? sequenceOf(delta.value, delta.standardError!) : delta;
  const less = welch.ok
    ? oneSidedSequentialP({
        ...look,
        estimate: welch.difference,
        standardError: welch.standardError,
        alternative: 'less',
      })
    : welch;
  const interval = <T extends Bounded>(scale: (test: T) => number) => ({
    lower: (test: T) => [test.interval?.lower ?? null, scale(test)] as const,
    upper: (test: T) => [test.interval?.upper ?? null, scale(test)] as const,
  });
  const bad = welch.ok
    ? welchTest(control, treatment, { level, alternative: good === 'UP' ? 'less' : 'greater' })
    : welch;
  const bounds = {
    value: (test: { readonly value: number }) => test.value,
    ...interval<Bounded>(() => 1),
    intervalUnknown: (test: { readonly intervalUnknown: string | null }) => test.intervalUnknown,
  };
  return [
    ...of('welch', welch, {
      difference: (test) => [test.difference, test.standardError],
      standardError: (test) => test.standardError,
      degreesOfFreedom: (test) => test.degreesOfFreedom,
      statistic: (test) => [test.statistic, 1],
      pValue: (test) => test.pValue,
      criticalValue: (test) => test.criticalValue,
      ...interval<Bounded & { readonly standardError: number }>((test) => test.standardError),
    }),
    ...of('greater', greater, {
      pValue: (test) => test.pValue,
      ...interval<Bounded & { readonly standardError: number }>((test) => test.standardError),
    }),
    ['harm.pValue', bad.ok ? bad.pValue : null],
    ...of('z', z, {
      statistic: (test) => [test.statistic, 1],
      pValue: (test) => test.pValue,
      ...interval<Bounded & { readonly standardError: number }>((test) => test.standardError),
    }),
    ...of('delta', delta, {
      value: (test) => test.value,
      standardError: (test) => test.standardError,
      pValue: (test) => test.pValue,
      ...interval<Lift>((test) => test.standardError!),
    }),
    ...of('log', log, { ...bounds, standardError: (test) => test.standardError }),
    ...of('fieller', fieller, bounds),
    ...of('fiellerGreater', fiellerGreater, bounds),
    ...of('fiellerZ', fiellerZ, bounds),
    ...of('sequence', sequence, {
      pValue: (test) => test.pValue,
      criticalValue: (test) => test.criticalValue,
      ...interval(() => (welch.ok ? welch.standardError : 0)),
    }),
    ...of('relative', relative, {
      pValue: (test) => test.pValue,
      ...interval(() => (delta.ok ? delta.standardError! : 0)),
    }),
    ['sequence.pLess', less.ok ? less.pValue : null],
    ...of('nonInferiority', inferior, { pValue: (test) => test.pValue, holds: (test) => test.holds }),
    ...of('constantMargin', constant, {
      pValue: (test) => test.pValue,
      nullDifference: (test) => test.nullDifference,
      holds: (test) => test.holds,
      ...interval(() => (welch.ok ? welch.standardError : 0)),
    }),
  ];
}

/** Moments of values about a pivot. */
function momentsAbout(values: readonly (readonly number[])[], pivots: readonly number[]): Moments {
  const shifted = values.map((row) => row.map((value, i) => value - pivots[i]!));
  const sum = (of: (row: readonly number[]) => number) => shifted.reduce((total, row) => total + of(row), 0);
  return {
    units: values.length,
    pivots,
    sums: pivots.map((_, i) => sum((row) => row[i]!)),
    products: pivots.map((_, i) => Array.from({ length: i + 1 }, (__, j) => sum((row) => row[i]! * row[j]!))),
  };
}

/** Uniform numbers, the same in every run (Park & Miller 1988). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

const MOMENTS: readonly Moments[] = [
  { units: 0, pivots: [3, 2], sums: [0, 0], products: [[0], [0, 0]] },
  { units: 1, pivots: [3, 2], sums: [1, 1], products: [[1], [1, 1]] },
  { units: 3, pivots: [0.1, 0], sums: [-0.3 + 1e-17, 3], products: [[0.03], [-0.3, 3]] },
  { units: 10, pivots: [0, 0], sums: [5, 0], products: [[5], [0, 0]] },
  { units: 10, pivots: [0, 1], sums: [5, -10], products: [[5], [-5, 10]] },
  { units: 10, pivots: [0, 0], sums: [10, 7], products: [[10], [7, 7]] },
  { units: 10, pivots: [0, 0], sums: [30, 20], products: [[90], [60, 40]] },
  { units: 10, pivots: [1e8, 1e8], sums: [3, 4], products: [[19], [2, 17]] },
  { units: 10, pivots: [1e300, 1], sums: [1e308, 4], products: [[Number.POSITIVE_INFINITY], [1, 7]] },
  { units: 10, pivots: [0, 0], sums: [Number.NaN, 4], products: [[10], [1, 7]] },
  ...[0.5, 3, 1e6].map((scale, i) => {
    const random = uniform(11 + i);
    const values = Array.from({ length: 50 }, () => [scale + random(), scale * random() + 1]);
    return momentsAbout(values, [scale, 1]);
  }),
];

/** Arms of four variables that belong together more or less, and what is degenerate. */
const COVARIED: readonly { readonly control: Moments; readonly treatment: Moments }[] = [
  [40, 45, 0.7, 0],
  [40, 45, 0.7, 5],
  [15, 4, 0.9, 0],
  [400, 300, 0, 0],
  [100, 100, 1, 0],
  [50, 50, 0.5, 1e6],
  [1, 30, 0.5, 0],
  [2, 30, 0.5, 0],
].map(([nC, nT, share, offset], i) => {
  const random = uniform(100 + i);
  const units = (count: number, effect: number) =>
    Array.from({ length: count }, () => {
      const [x, size] = [random(), 1 + random()];
      const y = share! * x + (1 - share!) * random() + effect;
      return [offset! + y * size, size, offset! + x * size, size + 0.3 * random()];
    });
  const pivots = [offset! + 1, 1.5, offset! + 1, 1.5];
  return {
    control: momentsAbout(units(nC!, 0), pivots),
    treatment: momentsAbout(units(nT!, 0.05), i % 2 ? pivots : pivots.map((k) => k + 0.25)),
  };
});
const CONSTANT = [
  [0, 1],
  [1, 1],
  [2, 1],
  [5, 1],
].map(([y, d]) => [y!, d!, 2, 1]);
const EMPTY = [
  [0, 1],
  [1, 2],
  [2, 1],
  [5, 1],
].map(([y, d]) => [y!, d!, 0, 0]);
const SAME = [
  [3, 1],
  [3, 1],
  [3, 1],
  [3, 1],
].map(([y, d], i) => [y!, d!, i, 1]);
const DEGENERATE = [CONSTANT, EMPTY, SAME].map((values) => {
  const arm = momentsAbout([...values, ...values, ...values, ...values, ...values], [1, 1, 1, 1]);
  return { control: arm, treatment: arm };
});

const projected = ({ units, pivots, sums, products }: Moments, kept: readonly number[]): Moments => ({
  units,
  pivots: kept.map((i) => pivots[i]!),
  sums: kept.map((i) => sums[i]!),
  products: kept.map((i, row) => kept.slice(0, row + 1).map((j) => products![i]![j]!)),
});

for (const engine of ['DuckDB', 'Trino'] as const)
  describeOn(engine, () => {
    test('tests of two arms', async () => {
      const rows = PAIRS.map(sampleRow);
      const arms = { control: sampleColumns('c'), treatment: sampleColumns('t') };
      const got = await evaluateOn(engine, rows, (dialect) => everyTest(arms, dialect));
      expect(disagreements(rows, got, PAIRS.map(expectedOf), 2e-12)).toEqual([]);
    });

    test('the bound of non-inferiority, which is settled from a few units on', async () => {
      const pairs = PAIRS.filter(({ control, treatment }) => Math.min(control.n, treatment.n) >= 2);
      const arms = { control: sampleColumns('c'), treatment: sampleColumns('t') };
      const margin = { margin: ident('margin'), goodWhen: ident('good') };
      const got = await evaluateOn(engine, pairs.map(sampleRow), (dialect) =>
        nonInferiorityFormula('ni', arms, margin, { alpha: sql`(1e0 - ${ident('level')})` }, dialect),
      );
      const wrong = pairs.flatMap((pair, i) => {
        const { control, treatment, level, margin: tolerated, good } = pair;
        const test = nonInferiorityTest(control, treatment, { margin: tolerated!, goodWhen: good, alpha: 1 - level });
        const expected = test.ok ? test.bound : null;
        const { bound } = got[i]!;
        const few = Math.min(control.n, treatment.n) < 10;
        if (few && (bound === null || treatment.n < 5)) return [];
        return relativeError(bound, expected, 1) <= 1e-9 ? [] : [`${bound} for ${expected} of ${JSON.stringify(pair)}`];
      });
      expect(wrong).toEqual([]);
    });

    test('samples of means, shares and ratios', async () => {
      const rows = MOMENTS.map((moments) => momentCells('x', moments));
      const moments = momentColumns('x', 2);
      const got = await evaluateOn(engine, rows, (dialect) =>
        united({
          mean: meanSample('m', moments, dialect),
          second: meanSample('m2', moments, dialect, 1),
          share: proportionSample('p', moments, dialect),
          binomial: proportionSample('b', moments, dialect, 'BINOMIAL'),
          ratio: ratioSample('r', moments, dialect),
        }),
      );
      const numbers = { mean: (sample: Sample) => sample.mean, variance: (sample: Sample) => sample.variance };
      const attempt = (sample: () => Inference<Sample>): Inference<Sample> => {
        try {
          return sample();
        } catch {
          return { ok: false, reason: 'NOT_APPLICABLE' }; // no proportion
        }
      };
      const expected = MOMENTS.map((one) => {
        // an infinite sum of products: the function would take the variance for rounding, and say 0
        const overflow = one.products!.flat().includes(Number.POSITIVE_INFINITY);
        const either = (sample: () => Inference<Sample>): Inference<Sample> =>
          overflow ? { ok: false, reason: 'OVERFLOW' } : sample();
        return [
          ...of(
            'mean',
            either(() => sampleOfMean(one)),
            numbers,
          ),
          ...of('second', sampleOfMean(one, 1), numbers),
          ...of(
            'share',
            attempt(() => sampleOfProportion(one)),
            numbers,
          ),
          ...of(
            'binomial',
            attempt(() => sampleOfProportion(one, 'BINOMIAL')),
            numbers,
          ),
          ...of(
            'ratio',
            either(() => sampleOfRatio(one)),
            numbers,
          ),
        ];
      });
      expect(disagreements(rows, got, expected, 1e-12)).toEqual([]);
    });

    test.each([
      ['by default', {}],
      ['about the origin', { centre: 'ORIGIN', leastUnits: 0 }],
      ['for a tenth at least', { leastReduction: 0.1, leastUnits: 50 }],
    ] as const)('CUPED %s', async (_, options: CupedFormulaOptions) => {
      const cases = [...COVARIED, ...DEGENERATE];
      const rows = cases.map(({ control, treatment }) => ({
        ...momentCells('c', control),
        ...momentCells('t', treatment),
      }));
      const [c, t] = [momentColumns('c', 4), momentColumns('t', 4)];
      const only = (all: typeof c, kept: readonly number[]): typeof c => ({
        units: all.units,
        pivots: kept.map((i) => all.pivots[i]!),
        sums: kept.map((i) => all.sums[i]!),
        products: kept.map((i, row) => kept.slice(0, row + 1).map((j) => all.products[i]![j]!)),
      });
      const got = await evaluateOn(engine, rows, (dialect) =>
        united({
          mean: cupedMean('m', { control: only(c, [0, 2]), treatment: only(t, [0, 2]) }, options, dialect),
          ratio: cupedRatio('r', { control: c, treatment: t }, options, dialect),
        }),
      );
      const numbers = {
        controlMean: (arms: cuped.Cuped) => arms.control.mean,
        treatmentMean: (arms: cuped.Cuped) => arms.treatment.mean,
        controlVariance: (arms: cuped.Cuped) => arms.control.variance,
        treatmentVariance: (arms: cuped.Cuped) => arms.treatment.variance,
        theta: (arms: cuped.Cuped) => (arms.kind === 'ADJUSTED' ? arms.theta[0]! : null),
        varianceReduction: (arms: cuped.Cuped) =>
          arms.kind === 'ADJUSTED' ? ([arms.varianceReduction, 1] as const) : null,
        notAdjusted: (arms: cuped.Cuped) => (arms.kind === 'ADJUSTED' ? null : arms.reason),
      };
      const { unitsWithCovariate: _all, ...same } = options;
      const expected = cases.map(({ control, treatment }) => [
        ...of('mean', cuped.cupedMean(projected(control, [0, 2]), projected(treatment, [0, 2]), same), numbers),
        ...of('ratio', cuped.cupedRatio(control, treatment, same), numbers),
      ]);
      expect(disagreements(rows, got, expected, 1e-9)).toEqual([]);
    });

    test('sample ratio', async () => {
      const tests = [
        [
          [5000, 0.5],
          [5100, 0.5],
        ],
        [
          [5000, 1],
          [9000, 1],
        ],
        [
          [1e6, 1],
          [1.4e6, 1],
        ],
        [
          [0, 1],
          [0, 1],
        ],
        [[10, 1]],
        [
          [10, 1],
          [12, 0],
        ],
        [
          [10, 1],
          [12, null],
        ],
        [
          [10, 1],
          [12, 2],
          [9, 1],
          [11, 1],
          [40, 4],
        ],
        [
          [null, 1],
          [3, 1],
        ],
        [
          [1e9, 0.1],
          [8.999e9, 0.9],
        ],
      ] as const;
      const rows = tests.flatMap((arms, i) => arms.map(([observed, weight]) => ({ experiment: i, observed, weight })));
      const dialect = dialectOf(engine);
      const named = { test: ['experiment'], observed: ident('observed'), weight: ident('weight') };
      const steps = [casesStep(engine, 'cases', rows), ...sampleRatioSteps('srm', ident('cases'), named, dialect)];
      const final = sql`select "chi_square", "p_value", "unknown" from "srm" order by "experiment"`;
      const got = (await runOn(engine, statement(steps, final, dialect.reuse))).map((row) => {
        const [chiSquare, pValue, unknown] = row.map(cellOf);
        return { 'srm.chiSquare': chiSquare!, 'srm.pValue': pValue!, 'srm.unknown': unknown! };
      });
      const expected = tests.map((arms) => {
        const test = sampleRatioTest(
          arms.map(([observed, weight]) => ({ observed: observed ?? 0, weight: weight ?? 0 })),
        );
        return of('srm', test, { chiSquare: (known) => known.chiSquare, pValue: (known) => known.pValue });
      });
      expect(
        disagreements(
          tests.map((_, i) => ({ i })),
          got,
          expected,
          1e-12,
        ),
      ).toEqual([]);
    });

    test('adjusted p-values of several families, with ties and unknown ones', async () => {
      const random = uniform(7);
      const families: readonly (readonly (number | null)[])[] = [
        [0.01, 0.01, 0.02, 0.03, 0.03, 0.03, 0.5],
        [1e-300, 0, 1, null, 0.04],
        [null, null],
        [0.2],
        Array.from({ length: 60 }, () => (random() < 0.1 ? null : Math.round(1000 * random() ** 3) / 1000)),
      ];
      const rows = families.flatMap((p, family) => p.map((value) => ({ family, p: value })));
      const corrections = ['NONE', 'BONFERRONI', 'HOLM', 'HOCHBERG', 'BENJAMINI_HOCHBERG'] as const;
      const columns = { pValue: ident('p'), family: [ident('family')] };
      const got = await evaluateOn(engine, rows, () =>
        united(
          Object.fromEntries(corrections.map((name) => [name, adjustedPValues(name.toLowerCase(), columns, name)])),
        ),
      );
      for (const name of corrections) {
        const expected = families.flatMap((p) => adjustPValues(p, name));
        expect(got.map((row) => row[`${name}.adjusted`])).toEqual(expected);
      }
    });
  });
