import { type Moments, mergeMoments } from '../../src/core/moments.ts';
import { type Batch, drawBatch } from './batch.ts';
import { DAYS, type Design, metricsOf, variantsOf, WINDOW_DAYS, weightsAt } from './design.ts';
import type { Random } from './random.ts';

/** Which units: those that entered in [from, before); at an instant in days since the start, all or only mature ones. */
export interface Which {
  readonly from: number;
  readonly before: number;
  readonly at: number;
  readonly matureOnly: boolean;
}

/** Everything that happens in one experiment, by day of entry and variant. */
export interface History {
  readonly variants: readonly string[];
  /** Units of a variant that entered in [from, before). */
  exposed(variant: string, from: number, before: number): number;
  /** A metric's moments as far as they are known then; null: there are no units. */
  moments(variant: string, metric: string, which: Which): Moments | null;
}

export function drawHistory(random: Random, design: Design): History {
  const metrics = metricsOf(design);
  const variants = variantsOf(design);
  const days = Array.from({ length: DAYS }, (_, day) => {
    const arrived = Math.round(design.dailyUnits * WEEKLY_CROWD[day % 7]!);
    const sizes = random.multinomial(arrived, weightsAt(design, day));
    return variants.map((_, v): { units: number; batch: Batch } => {
      const units = sizes[v]!;
      const circumstances = {
        effects: v === 0 ? {} : design.effects,
        level: design.level(day),
        timing: v === 0 ? design.timing.control : design.timing.treatment,
      };
      return { units, batch: drawBatch(random, units, metrics, circumstances) };
    });
  });
  /** Running totals of complete moments, by variant and metric. */
  const totals = new Map(
    variants.flatMap((variant, v) =>
      metrics.map(({ name }): [string, (Moments | null)[]] => {
        let so: Moments | null = null;
        const running = days.map((arms) => {
          so = merged(so, arms[v]!.batch[name]!.at(-1)!);
          return so;
        });
        return [`${variant} ${name}`, [null, ...running]];
      }),
    ),
  );
  const index = (variant: string) => variants.indexOf(variant);
  return {
    variants,
    exposed: (variant, from, before) =>
      days.slice(from, before).reduce((sum, arms) => sum + arms[index(variant)]!.units, 0),
    moments: (variant, metric, { from, before, at, matureOnly }) => {
      const until = Math.min(before, DAYS, matureOnly ? Math.floor(at) - WINDOW_DAYS + 1 : Math.ceil(at));
      if (matureOnly && from === 0) return totals.get(`${variant} ${metric}`)![Math.max(0, until)]!;
      return days.slice(from, until).reduce<Moments | null>((so, arms, i) => {
        const ages = arms[index(variant)]!.batch[metric]!;
        const age = Math.min(Math.floor(at) - (from + i), WINDOW_DAYS);
        if (age < 1 && ages.length > 1) throw new Error('Units of less than a day have no purchases to tell of.');
        return merged(so, ages[age - 1] ?? ages.at(-1)!);
      }, null);
    },
  };
}

/** Arrivals of the days of a week. */
const WEEKLY_CROWD = [1.05, 1.05, 1.03, 1.02, 1, 0.9, 0.95];

function merged(a: Moments | null, b: Moments): Moments {
  return a === null ? b : mergeMoments(a, b);
}
