import { expect, it } from 'vitest';
import { loadCatalog } from '../../../src/catalog/load.ts';
import { groupBy } from '../../../src/core/group-by.ts';
import { covarianceOf, type Moments, meanOf } from '../../../src/core/moments.ts';
import { metricMoments } from '../../../src/models/results/metric-moments.ts';
import { describeOn } from '../../support/engines.ts';
import { folderWith } from '../../support/service.ts';
import { type Row, tablesOn } from './tables.ts';

const CATALOG = `
engine: { kind: duckdb }
sources:
  assigned: { kind: assignments, table: assigned, unit: u, experiment: e, variant: v, timestamp: at, dimensions: { country: { column: country }, device: { column: device } } }
  plain: { kind: assignments, table: plain, unit: u, experiment: e, variant: v, timestamp: at }
  facts: { kind: facts, table: facts, unit: u, timestamp: at }
metrics:
  clicks: { type: mean, source: facts, value: { aggregate: count }, window: { length: 168h }, goodWhen: up }
  visits: { type: mean, source: facts, value: { aggregate: count }, goodWhen: up, covariate: { lookback: 336h, missing: zero } }
  weight: { type: mean, source: facts, value: { column: x, whenMissing: exclude }, window: { length: 168h }, goodWhen: up, covariate: { lookback: 336h, missing: indicator } }
  spend: { type: mean, source: facts, value: { column: x }, window: { length: 24h }, goodWhen: up, covariate: { lookback: 336h, missing: indicator }, cap: { upper: { percentile: 0.9 }, lower: { percentile: 0.05 } } }
  basket: { type: mean, source: facts, value: { column: x }, window: { length: 24h }, goodWhen: up, covariate: { lookback: 336h, missing: zero }, cap: { upper: { percentile: 0.9 }, zeros: include } }
  profit: { type: mean, source: facts, value: { column: x }, goodWhen: up, cap: { upper: { value: 40 }, lower: { value: 1 } } }
  rate: { type: ratio, numerator: { source: facts, column: x }, denominator: { source: facts, aggregate: count }, goodWhen: up, covariate: { lookback: 336h, missing: zero }, cap: { upper: { percentile: 0.8 }, sides: both } }
  share: { type: ratio, numerator: { source: facts, column: x }, denominator: { source: facts, aggregate: count }, window: { length: 24h }, goodWhen: up }
  bought: { type: proportion, source: facts, value: { where: "true" }, window: { length: 168h }, goodWhen: up }
  middle: { type: quantile, quantile: 0.5, over: units, source: facts, value: { column: x }, window: { length: 24h }, goodWhen: up }
  slowest: { type: quantile, quantile: 0.9, over: units, source: facts, value: { column: x, whenMissing: exclude }, goodWhen: down }
experiments:
  sliced:
    assignments: assigned
    unit: u
    start: 2026-03-01T00:00:00Z
    treatmentEnd: 2026-03-20T00:00:00Z
    variants: { a: { weight: 0.5, control: true }, b: { weight: 0.5 } }
    goals: [clicks, visits, weight, spend, basket]
    diagnostics: [profit, rate, share, bought, middle, slowest]
  unsliced:
    assignments: plain
    unit: u
    start: 2026-03-01T00:00:00Z
    variants: { a: { weight: 0.4, control: true }, b: { weight: 0.3 }, c: { weight: 0.3 } }
    goals: [clicks, weight]
    diagnostics: [rate, spend, slowest]
`;

const AS_OF = '2026-03-18 12:00:00.000000';
/** Seconds that the observation of each experiment lasts, from the first exposure on. */
const OBSERVED = { sliced: 17.5 * 86_400, unsliced: 17.5 * 86_400 };

type Key = keyof typeof OBSERVED;
const VARIANTS: Record<Key, readonly string[]> = { sliced: ['a', 'b'], unsliced: ['a', 'b', 'c'] };
const METRICS: Record<Key, readonly string[]> = {
  sliced: ['clicks', 'visits', 'weight', 'spend', 'basket', 'profit', 'rate', 'share', 'bought', 'middle', 'slowest'],
  unsliced: ['clicks', 'weight', 'rate', 'spend', 'slowest'],
};

interface Unit {
  readonly experiment: Key;
  readonly unit: string;
  readonly variant: string;
  /** Seconds after the start. */
  readonly exposed: number;
  readonly country: string | null;
  readonly device: string | null;
  readonly of: Readonly<Record<string, Values>>;
}

/** A unit's values of a metric; null: it does not count. */
interface Values {
  readonly value: number | null;
  readonly denominator: number | null;
  readonly before: number | null;
  readonly denominatorBefore: number | null;
  readonly known: number | null;
}

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What each metric is of a random unit: idle units, ties, negative values, values far from zero. */
const DRAWS: Record<string, (random: () => number) => Partial<Values>> = {
  clicks: (random) => ({ value: random() < 0.5 ? 0 : Math.ceil(random() * 5) }),
  visits: (random) => {
    const before = random() < 0.6 ? 0 : Math.ceil(random() * 4);
    return { value: Math.floor(random() * 3), before, known: before > 0 ? 1 : 0 };
  },
  weight: (random) => {
    const known = random() < 0.7;
    const value = random() < 0.8 ? 1e8 + random() * 3 : null;
    return { value, before: known ? 1e8 + random() * 3 : 0, known: known ? 1 : 0 };
  },
  spend: (random) => {
    const known = random() < 0.7;
    const value = random() < 0.4 ? 0 : Math.round(1e4 * random() ** 4) / 100;
    return { value, before: known ? value + Math.round(50 * random()) : 0, known: known ? 1 : 0 };
  },
  basket: (random) => {
    const before = random() < 0.5 ? 0 : random() * 9;
    return { value: random() < 0.6 ? 0 : random() * 90 - 20, before, known: before > 0 ? 1 : 0 };
  },
  profit: (random) => ({ value: random() < 0.5 ? 0 : random() * 90 - 30 }),
  rate: (random) => {
    const [denominator, denominatorBefore] = [Math.floor(random() * 4), Math.floor(random() * 3)];
    return {
      ...{ value: denominator * random() * 10, denominator, known: denominatorBefore > 0 ? 1 : 0 },
      ...{ before: denominatorBefore * random() * 10, denominatorBefore },
    };
  },
  share: (random) => {
    const denominator = Math.floor(random() * 4);
    return { value: denominator * random(), denominator };
  },
  bought: (random) => ({ value: random() < 0.3 ? 1 : 0 }),
  middle: (random) => ({ value: random() < 0.5 ? 0 : random() * 9 - 2 }),
  slowest: (random) => ({ value: random() < 0.3 ? null : random() * 9 }),
};

function draw(seed: number): readonly Unit[] {
  const random = randomOf(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  return (['sliced', 'unsliced'] as const).flatMap((experiment) =>
    Array.from(
      { length: experiment === 'sliced' ? 700 : 300 },
      (_, i): Unit => ({
        experiment,
        unit: `u${i}`,
        variant: pick(VARIANTS[experiment]),
        exposed: Math.floor(random() * 17 * 86_400),
        country: experiment === 'unsliced' ? null : random() < 0.1 ? null : `c${Math.floor(60 * random() ** 2)}`,
        device: experiment === 'unsliced' ? null : pick(['phone', "table't", '(other)']),
        of: Object.fromEntries(
          METRICS[experiment].map((metric) => [
            metric,
            {
              value: null,
              denominator: null,
              before: null,
              denominatorBefore: null,
              known: null,
              ...DRAWS[metric]!(random),
            },
          ]),
        ),
      }),
    ),
  );
}

const AFTER: Record<string, number> = Object.fromEntries([
  ...['clicks', 'weight', 'bought'].map((metric) => [metric, 168 * 3600]),
  ...['spend', 'basket', 'share', 'middle'].map((metric) => [metric, 24 * 3600]),
]);
const countsFor = ({ experiment, exposed, of }: Unit, metric: string): boolean =>
  exposed + (AFTER[metric] ?? 0) <= OBSERVED[experiment] && of[metric]!.value !== null;

const text = (value: string | null) => (value === null ? 'null' : `'${value.replaceAll("'", "''")}'`);
const number = (value: number | null) => (value === null ? 'null' : `${value}::double`);

/** The tables as they are built: rows that only say that a unit is idle are left out. */
function tables(units: readonly Unit[]) {
  const assignments = units.map(
    ({ experiment, unit, variant, exposed, country, device }) =>
      `('${experiment}', '${unit}', '${variant}', timestamp '2026-03-01' + interval ${exposed} second, ${text(country)}, ${text(device)})`,
  );
  const calculations = units.flatMap((unit) =>
    Object.entries(unit.of).flatMap(([metric, { value, denominator, before, denominatorBefore, known }]) => {
      const all = [value, denominator, before, denominatorBefore];
      if (value === null || (known !== 1 && all.every((one) => one === null || one === 0))) return [];
      const mature = countsFor(unit, metric);
      return `('${unit.experiment}', '${metric}', 1::bigint, '${unit.unit}', '${unit.variant}', ${[value, denominator, before, denominatorBefore, known].map(number).join(', ')}, ${mature})`;
    }),
  );
  const horizon = `timestamp '${AS_OF}' as as_of`;
  return {
    experiment_assignments: `select experiment, unit, variant, exposed_at, dim_country::varchar as dim_country, dim_device::varchar as dim_device, ${horizon} from (values ${assignments.join(',')}) as t(experiment, unit, variant, exposed_at, dim_country, dim_device)`,
    metric_calculations: `select *, ${horizon} from (values ${calculations.join(',')}) as t(experiment, metric, version, unit, variant, value, denominator, value_before, denominator_before, known_before, mature)`,
  };
}

/** Linear interpolation between order statistics. */
function quantileOf(values: readonly number[], p: number): number | null {
  const sorted = [...values].sort((x, y) => x - y);
  if (sorted.length === 0) return null;
  const h = p * (sorted.length - 1);
  const [below, above] = [
    sorted[Math.floor(h + 1e-9)]!,
    sorted[Math.min(sorted.length - 1, Math.floor(h + 1e-9) + 1)]!,
  ];
  return below + (above - below) * Math.max(0, h - Math.floor(h + 1e-9));
}

interface Thresholds {
  readonly lower: number | null;
  readonly upper: number | null;
}

/** The thresholds that the catalog declares, of one variable's values over all arms. */
const CAPS: Record<string, (values: readonly number[]) => Thresholds> = {
  spend: (values) => {
    const some = values.filter((value) => value !== 0);
    return { lower: quantileOf(some, 0.05), upper: quantileOf(some, 0.9) };
  },
  basket: (values) => ({ lower: null, upper: quantileOf(values, 0.9) }),
  profit: () => ({ lower: 1, upper: 40 }),
  rate: (values) => ({
    lower: null,
    upper: quantileOf(
      values.filter((value) => value !== 0),
      0.8,
    ),
  }),
};

const cut = (value: number, { lower, upper }: Thresholds) =>
  upper !== null && value > upper ? upper : lower !== null && value < lower ? lower : value;

const INDICATORS = ['weight', 'spend'];

/** The variables of a unit, in the order of `JointMoments`, before they are cut. */
function variablesOf(
  metric: string,
  { value, denominator, before, denominatorBefore, known }: Values,
): readonly number[] {
  const own = denominator === null ? [value!] : [value!, denominator];
  const earlier = before === null ? [] : denominatorBefore === null ? [before] : [before, denominatorBefore];
  return [...own, ...earlier, ...(INDICATORS.includes(metric) ? [1 - known!] : [])];
}

interface Expected {
  readonly exposed: number;
  readonly units: number;
  readonly moments: Moments;
  readonly thresholds: Thresholds | null;
  readonly capped: number | null;
  readonly values: readonly number[];
}

function expectedOf(units: readonly Unit[], metric: string, slice: readonly Unit[]): Expected {
  const counting = units.filter((unit) => countsFor(unit, metric));
  const vectors = counting.map(({ of }) => variablesOf(metric, of[metric]!));
  const cap = CAPS[metric];
  const isRatio = metric === 'rate';
  const width = vectors[0]?.length ?? 0;
  const indicator = INDICATORS.includes(metric) ? width - 1 : width;
  const thresholds = Array.from(
    { length: width },
    (_, i): Thresholds =>
      cap === undefined || i >= indicator ? { lower: null, upper: null } : cap(vectors.map((vector) => vector[i]!)),
  );
  const own = slice.filter((unit) => countsFor(unit, metric)).map(({ of }) => variablesOf(metric, of[metric]!));
  const as = own.map((vector) => vector.map((value, i) => cut(value, thresholds[i]!)));
  const pivots = Array.from({ length: width }, (_, i) => (i < indicator ? (vectors[0]?.[i] ?? 0) : 0));
  // A value before that is not there is the pivot.
  const shifted = as.map((vector) =>
    vector.map((value, i) => (indicator < width && i === 1 && vector[indicator] === 1 ? 0 : value - pivots[i]!)),
  );
  const add = (of: (vector: readonly number[]) => number) => shifted.reduce((sum, vector) => sum + of(vector), 0);
  return {
    exposed: slice.length,
    units: own.length,
    moments: {
      ...{ units: own.length, pivots, sums: pivots.map((_, i) => add((vector) => vector[i]!)) },
      products: pivots.map((_, i) => pivots.slice(0, i + 1).map((__, j) => add((vector) => vector[i]! * vector[j]!))),
    },
    thresholds: cap === undefined ? null : thresholds[0]!,
    capped:
      cap === undefined
        ? null
        : own.filter((vector) =>
            vector.slice(0, isRatio ? 2 : 1).some((value, i) => cut(value, thresholds[i]!) !== value),
          ).length,
    values: own.map(([value]) => value!),
  };
}

/** The slices of a dimension, as the server has them: the 50 largest, then the rest. */
function slicesOf(
  units: readonly Unit[],
  dimension: 'country' | 'device',
): ReadonlyMap<string | null, readonly Unit[]> {
  const by = groupBy(units, (unit) => unit[dimension]);
  const order = (value: string | null) => value ?? '\uffff';
  const sorted = [...by].sort(([a, x], [b, y]) => y.length - x.length || (order(a) < order(b) ? -1 : 1));
  const slices = new Map<string | null, readonly Unit[]>();
  sorted.forEach(([value, own], i) => {
    const name = i < 50 ? value : '(other)';
    slices.set(name, [...(slices.get(name) ?? []), ...own]);
  });
  return slices;
}

const momentsOf = (row: Row, width: number): Moments => {
  const indices = Array.from({ length: width }, (_, i) => i);
  return {
    units: Number(row.units),
    pivots: indices.map((i) => Number(row[`pivot_${i}`])),
    sums: indices.map((i) => Number(row[`sum_${i}`])),
    products: indices.map((i) => indices.slice(0, i + 1).map((j) => Number(row[`product_${i}${j}`]))),
  };
};

function close(got: number, expected: number, scale: number, what: string): void {
  if (
    !(Math.abs(got - expected) <= 1e-9 * Math.max(scale, Math.abs(expected))) &&
    !(Number.isNaN(got) && Number.isNaN(expected))
  )
    throw new Error(`${what}: ${got}, not ${expected}`);
}

function compareRow(row: Row, metric: string, expected: Expected, what: string): void {
  expect([what, row.exposed, row.units]).toEqual([what, expected.exposed, expected.units]);
  const quantile = { middle: 0.5, slowest: 0.9 }[metric];
  if (quantile !== undefined) {
    expect([what, row.quantile_values, row.sum_0]).toEqual([what, expected.units, null]);
    const estimate = quantileOf(expected.values, quantile);
    if (estimate === null) expect(row.quantile_estimate).toBeNull();
    else close(Number(row.quantile_estimate), estimate, 1, `${what} estimate`);
    const half = 1.959963984540054 * Math.sqrt((quantile * (1 - quantile)) / expected.units);
    for (const [side, p] of [
      ['lower', quantile - half],
      ['upper', quantile + half],
    ] as const) {
      const bound = row[`quantile_${side}`] ?? null;
      if (expected.units === 0 || !(p > 0 && p < 1)) expect([what, side, bound]).toEqual([what, side, null]);
      else close(Number(bound), quantileOf(expected.values, p)!, 1, `${what} ${side}`);
    }
    return;
  }
  if (expected.thresholds !== null) {
    for (const side of ['lower', 'upper'] as const) {
      const threshold = expected.thresholds[side];
      if (threshold === null) expect(row[side]).toBeNull();
      else close(Number(row[side]), threshold, 1, `${what} ${side}`);
    }
    expect([what, row.capped_units]).toEqual([what, expected.capped]);
  } else expect([what, row.lower, row.upper, row.capped_units]).toEqual([what, null, null, null]);
  const { moments } = expected;
  const width = moments.pivots.length;
  expect(row[`sum_${width}`] ?? null).toBeNull();
  const got = momentsOf(row, width);
  // What stands for a value before that is not there is each one's own pivot, so that such sums compare after adjusting only.
  const comparable = INDICATORS.includes(metric) ? [0, 2] : moments.pivots.map((_, i) => i);
  if (expected.units === 0) return;
  for (const i of comparable) {
    close(meanOf(got, i), meanOf(moments, i), 0, `${what} mean ${i}`);
    for (const j of comparable.filter((other) => other <= i)) {
      // What the sums are of: values less a pivot among them.
      const scale = Math.sqrt(moments.products![i]![i]! * moments.products![j]![j]!) / moments.units;
      close(covarianceOf(got, i, j), covarianceOf(moments, i, j), Math.max(1, scale), `${what} covariance ${i}${j}`);
    }
  }
}

for (const engine of ['DuckDB', 'Trino'] as const) {
  describeOn(engine, () => {
    it.each([1, 2])('gives the moments of random units that are computed one by one (seed %i)', async (seed) => {
      const loaded = loadCatalog(folderWith(CATALOG), { env: {} });
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
      const units = draw(seed);
      const rows = await (await tablesOn(engine, tables(units))).rowsOf(metricMoments, loaded.catalog, AS_OF);
      const keyOf = (...parts: readonly unknown[]) => JSON.stringify(parts);
      const found = new Map(
        rows.map((row) => [keyOf(row.experiment, row.metric, row.variant, row.slice_dimension, row.slice_value), row]),
      );
      expect(found.size).toBe(rows.length);
      let compared = 0;
      for (const experiment of ['sliced', 'unsliced'] as const) {
        const own = units.filter((unit) => unit.experiment === experiment);
        const slices: (readonly [string | null, string | null, readonly Unit[]])[] = [[null, null, own]];
        for (const dimension of ['country', 'device'] as const)
          if (experiment === 'sliced')
            for (const [value, some] of slicesOf(own, dimension)) slices.push([dimension, value, some]);
        for (const [dimension, value, some] of slices)
          for (const variant of VARIANTS[experiment]) {
            const arm = some.filter((unit) => unit.variant === variant);
            for (const metric of METRICS[experiment]) {
              const what = keyOf(experiment, metric, variant, dimension, value);
              const row = found.get(what);
              if (arm.length === 0) expect([what, row]).toEqual([what, undefined]);
              else {
                if (row === undefined) throw new Error(`No row for ${what}.`);
                compareRow(row, metric, expectedOf(own, metric, arm), what);
                compared += 1;
              }
            }
          }
      }
      expect(compared).toBe(rows.length);
    });
  });
}
