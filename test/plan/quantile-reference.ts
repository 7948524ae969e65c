import { groupBy } from '../../src/core/group-by.ts';
import type { OrderStatistics } from '../../src/core/moments.ts';
import type { MomentNeed } from '../../src/plan/question.ts';
import {
  EXPERIMENTS,
  type ExperimentKey,
  type Loaded,
  type PlainQuantile,
  type QuantileWorld,
} from './quantile-world.ts';

/** What is asked of one quantile, in plain words. */
export interface PlainQuestion {
  readonly experiment: ExperimentKey;
  readonly metric: PlainQuantile;
  readonly asOf: number;
  readonly maturity: 'ALL' | 'REQUIRED';
  /** Countries told apart; null: no slices. */
  readonly slices: readonly (string | null)[] | null;
  readonly where: ((country: string | null) => boolean) | null;
  readonly first: boolean;
  readonly needs: readonly MomentNeed[];
}

export interface PlainArm {
  readonly variant: string;
  readonly slice: number;
  readonly exposed: number;
  readonly units: number;
  readonly order: OrderStatistics;
  readonly invalidRows: number;
  readonly rowsBelowMinimum: number;
}

/** The semantics of quantiles once more, row by row, in plain TypeScript and nothing of the product's code. */
export function quantilesBy(world: QuantileWorld, question: PlainQuestion): readonly PlainArm[] {
  const { metric, slices, where, needs } = question;
  const units = unitsOf(world, question)
    .filter(({ country }) => where === null || where(country))
    .map((unit) => ({ ...unit, ...valuesOf(world, question, unit) }));
  const groups = groupBy(units, ({ variant, country }) => {
    const found = slices?.indexOf(country) ?? 0;
    return `${variant} ${found < 0 ? slices!.length : found}`;
  });
  return [...groups].map(([key, group]) => {
    const [variant, slice] = key.split(' ');
    const counted = group.flatMap(({ values }) => (values === null ? [] : [values]));
    return {
      variant: variant!,
      slice: Number(slice),
      exposed: group.length,
      units: counted.length,
      order: orderOf(counted, metric, needs),
      invalidRows: total(group.map(({ invalid }) => invalid)),
      rowsBelowMinimum: total(group.map(({ below }) => below)),
    };
  });
}

interface PlainUnit {
  readonly unit: number;
  readonly variant: string;
  readonly t0: number;
  readonly country: string | null;
}

function unitsOf(world: QuantileWorld, { experiment, asOf, first }: PlainQuestion): readonly PlainUnit[] {
  const { start, end } = EXPERIMENTS[experiment];
  const rows = world.assignments.filter(
    (row) => row.experiment === experiment && row.at >= Date.parse(start) && row.at < Math.min(Date.parse(end), asOf),
  );
  return [...groupBy(rows, ({ unit }) => unit)].flatMap(([unit, own]) => {
    const earliest = own.toSorted((a, b) => a.at - b.at)[0]!;
    if (!first && new Set(own.map(({ variant }) => variant)).size > 1) return [];
    return [{ unit, variant: earliest.variant, t0: earliest.at, country: earliest.country }];
  });
}

/** A unit's values that count, null for none or an immature unit; and its faulty rows. */
function valuesOf(
  world: QuantileWorld,
  { metric, asOf, maturity, experiment }: PlainQuestion,
  { unit, t0 }: PlainUnit,
) {
  const { window, over, name, ofUnit, value = (row: Loaded) => row.ms } = metric;
  const from = t0 + (window?.delay ?? 0) * 1000;
  const until =
    window === null ? Math.min(asOf, Date.parse(EXPERIMENTS[experiment].end)) : from + window.length! * 1000;
  const rows = world.events.filter(
    (row) => row.unit === unit && row.name === name && row.at >= from && row.at < Math.min(until, asOf),
  );
  const raw = rows.flatMap((row) => value(row) ?? []);
  const usable = raw.filter((one) => Number.isFinite(one));
  const faults = {
    invalid: raw.length - usable.length,
    below: usable.filter((one) => one < (metric.minimum ?? Number.NEGATIVE_INFINITY)).length,
  };
  if (maturity === 'REQUIRED' && window !== null && until > asOf) return { ...faults, values: null };
  if (over === 'events') return { ...faults, values: usable.length === 0 ? null : usable };
  const one = ofUnit!(usable, rows.length);
  return { ...faults, values: one === null ? null : [one] };
}

function orderOf(
  units: readonly (readonly number[])[],
  { probability: p, over }: PlainQuantile,
  needs: readonly MomentNeed[],
): OrderStatistics {
  const sorted = units.flat().sort((a, b) => a - b);
  const n = sorted.length;
  const half = 1.959963984540054 * Math.sqrt((p * (1 - p)) / n);
  const spread = needs.includes('products');
  const at = (level: number) => (level > 0 && level < 1 ? percentile(sorted, level) : null);
  const estimate = n === 0 ? null : percentile(sorted, p);
  const pairs = units.map((values) => [values.filter((value) => value <= estimate!).length, values.length] as const);
  const moment = (of: (s: number, m: number) => number) => total(pairs.map(([s, m]) => of(s, m)));
  return {
    values: n,
    estimate,
    lower: spread && n > 0 ? at(p - half) : null,
    upper: spread && n > 0 ? at(p + half) : null,
    clusters:
      over === 'units' || !spread
        ? null
        : {
            units: units.length,
            pivots: [0, 0],
            sums: [moment((s) => s), n],
            products: [[moment((s) => s * s)], [moment((s, m) => s * m), moment((_, m) => m * m)]],
          },
  };
}

/** Linearly interpolated; a place that only rounding keeps from being an integer is that integer. */
function percentile(sorted: readonly number[], p: number): number {
  const place = p * (sorted.length - 1);
  const whole = Math.round(place);
  if (Math.abs(place - whole) < 1e-9) return sorted[whole]!;
  const below = sorted[Math.floor(place)]!;
  return below + (sorted[Math.ceil(place)]! - below) * (place - Math.floor(place));
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
