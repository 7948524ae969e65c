import type { Moments } from '../../src/core/moments.ts';
import { AMOUNT_SD, CLASSES, type FleetMetric, SESSIONS_SD } from './population.ts';
import type { Random } from './random.ts';

/** What is particular about a variant on a day. */
export interface Circumstances {
  /** Relative changes of `bought` and `amount` and of guardrails by name; absent: none. */
  readonly effects: Readonly<Record<string, number>>;
  /** Multiplies every mean and share of the day but those of sessions, in all variants alike. */
  readonly level: number;
  /** Shares of the purchases by their day in the window; one entry: nobody asks when. */
  readonly timing: readonly number[];
}

/** Units that enter together, of one variant: a metric's moments at the age of so many days, complete ones last. */
export type Batch = Readonly<Record<string, readonly Moments[]>>;

interface Totals {
  units: number;
  sums: [number, number];
  /** Σx², Σxy, Σy². */
  products: [number, number, number];
}

const nothing = (): Totals => ({ units: 0, sums: [0, 0], products: [0, 0, 0] });

/**
 * Sufficient statistics of n independent units, drawn exactly: the classes are multinomial; within a class and a day of
 * purchase, sums are normal, sums of squares about the mean chi-square, and those of products normal given one of them.
 */
export function drawBatch(random: Random, n: number, metrics: readonly FleetMetric[], on: Circumstances): Batch {
  const change = (name: string) => 1 + (on.effects[name] ?? 0);
  const ages = on.timing.length;
  const complete = new Map(metrics.map(({ name }) => [name, nothing()]));
  /** By the day of purchase: buyers, Σ amount, Σ amount², Σ amount·sessions. */
  const purchases = on.timing.map(() => [0, 0, 0, 0]);
  const sessions = nothing();
  const sizes = random.multinomial(
    n,
    CLASSES.map(({ share }) => share),
  );
  CLASSES.forEach((kind, c) => {
    const size = sizes[c]!;
    const buyers = random.binomial(size, Math.min(1, kind.buys * on.level * change('bought')));
    const cells = [...random.multinomial(buyers, on.timing), size - buyers];
    cells.forEach((units, day) => {
      if (units === 0) return;
      const common = { sum: Math.sqrt(units) * random.normal(), square: random.chiSquare(units - 1) };
      const visit = normals(random, units, common, {
        mean: kind.sessions * change('sessions'),
        ...SESSIONS_SD,
      });
      const visits = { sum: visit.sum, square: visit.square };
      add(sessions, units, visit.sum, 0, [raw(visit.square, visit.sum, visit.sum, units), 0, 0]);
      if (day < ages) {
        const mean = kind.amount * change('amount');
        const amount = withRegressor(random, units, visits, { level: units * mean, slope: 0, own: AMOUNT_SD });
        const at = purchases[day]!;
        at[0]! += units;
        at[1]! += amount.sum;
        at[2]! += raw(amount.square, amount.sum, amount.sum, units);
        at[3]! += raw(amount.product, amount.sum, visits.sum, units);
      }
      for (const { name, origin } of metrics) {
        const totals = complete.get(name)!;
        if (origin.kind === 'normal') {
          const mean = origin.means[c]! * on.level * change(name);
          const { sum, square } = normals(random, units, common, { mean, common: origin.common, own: origin.own });
          add(totals, units, sum, 0, [raw(square, sum, sum, units), 0, 0]);
        } else if (origin.kind === 'perSession') {
          const slope = origin.rate * on.level * change(name);
          const level = slope * visits.sum;
          const { sum, square, product } = withRegressor(random, units, visits, { level, slope, own: origin.own });
          add(totals, units, sum, visits.sum, [
            raw(square, sum, sum, units),
            raw(product, sum, visits.sum, units),
            raw(visits.square, visits.sum, visits.sum, units),
          ]);
        }
      }
    });
    for (const { name, origin } of metrics) {
      if (origin.kind !== 'share') continue;
      const share = Math.min(1, origin.shares[c]! * on.level * change(name));
      const count = random.binomial(size, share);
      add(complete.get(name)!, size, count, 0, [count, 0, 0]);
    }
  });
  return Object.fromEntries(
    metrics.map((metric) => [
      metric.name,
      ageTotals(metric, { n, complete: complete.get(metric.name)!, purchases, sessions }).map((totals) =>
        momentsOf(totals, metric.type === 'RATIO'),
      ),
    ]),
  );
}

interface Drawn {
  readonly n: number;
  readonly complete: Totals;
  readonly purchases: readonly (readonly number[])[];
  readonly sessions: Totals;
}

/** A metric's totals as they grow with the units' age, if they do. */
function ageTotals({ origin }: FleetMetric, { n, complete, purchases, sessions }: Drawn): readonly Totals[] {
  if (origin.kind === 'sessions') return [sessions];
  if (origin.kind === 'normal' || origin.kind === 'share' || origin.kind === 'perSession') return [complete];
  let so: readonly number[] = [0, 0, 0, 0];
  return purchases.map((day) => {
    so = so.map((value, i) => value + day[i]!);
    const [buyers, sum, square, product] = so as [number, number, number, number];
    if (origin.kind === 'bought') return { units: n, sums: [buyers, 0], products: [buyers, 0, 0] };
    return { units: n, sums: [sum, sessions.sums[0]], products: [square, product, sessions.products[0]] };
  });
}

/** Moments about zero. */
function momentsOf({ units, sums, products }: Totals, isRatio: boolean): Moments {
  return isRatio
    ? { units, pivots: [0, 0], sums, products: [[products[0]], [products[1], products[2]]] }
    : { units, pivots: [0], sums: [sums[0]], products: [[products[0]]] };
}

function add(totals: Totals, units: number, x: number, y: number, products: readonly [number, number, number]): void {
  totals.units += units;
  totals.sums[0] += x;
  totals.sums[1] += y;
  for (const i of [0, 1, 2] as const) totals.products[i] += products[i];
}

/** Σxy from the sum of products about the means. */
const raw = (about: number, x: number, y: number, units: number) => about + (x * y) / units;

/** Σ and Σ(x − x̄)² of x = mean + common·f + own·e, given those of the standard normal f. */
function normals(
  random: Random,
  units: number,
  f: { readonly sum: number; readonly square: number },
  { mean, common, own }: { readonly mean: number; readonly common: number; readonly own: number },
): { readonly sum: number; readonly square: number } {
  return withRegressor(random, units, f, { level: units * mean + common * f.sum, slope: common, own });
}

/**
 * Σy, Σ(y − ȳ)² and Σ(x − x̄)(y − ȳ) of y = … + slope·x + own·e, given Σ(x − x̄)², with `level` the sum without e: of n
 * standard normal e, Σ(x − x̄)(e − ē) is √Σ(x − x̄)² times a normal z, and Σ(e − ē)² is z² and a chi-square with n − 2
 * degrees of freedom.
 */
function withRegressor(
  random: Random,
  units: number,
  x: { readonly square: number },
  { level, slope, own }: { readonly level: number; readonly slope: number; readonly own: number },
): { readonly sum: number; readonly square: number; readonly product: number } {
  const z = units > 1 ? random.normal() : 0;
  const along = Math.sqrt(x.square) * z;
  const noise = z * z + random.chiSquare(units - 2);
  return {
    sum: level + own * Math.sqrt(units) * random.normal(),
    square: slope * slope * x.square + 2 * slope * own * along + own * own * noise,
    product: slope * x.square + own * along,
  };
}
