import type { Experiment, Variant } from '../catalog/catalog.ts';
import { type CanonicalInstant, canonicalInstant } from '../core/instant.ts';
import type { TimeGrain } from '../core/vocabulary.ts';
import type { Trace } from '../evaluate/trace.ts';
import type { Filter } from '../plan/filter.ts';
import { byVariant } from './allocation.ts';
import { populationOf, requireTimestamps, type Session } from './session.ts';
import { dateIn, startOfDay } from './timezone.ts';

export interface ExposurePoint {
  /** Start of the period. */
  readonly at: CanonicalInstant;
  /** Its date in the experiment's time zone. */
  readonly date: string;
  readonly variant: Variant;
  readonly units: number;
  /** What was randomised, units or clusters, by phase. */
  readonly allocated: readonly number[];
}

/** Units by the period of their exposure, in every variant; cumulative: exposed up to the end of the period. */
export async function exposuresOf(
  session: Session,
  experiment: Experiment,
  where: Filter | null,
  asOf: CanonicalInstant,
  { grain, cumulative }: { readonly grain: TimeGrain; readonly cumulative: boolean },
  trace?: Trace,
): Promise<readonly ExposurePoint[]> {
  requireTimestamps(session, experiment, 'A series over time');
  const counts = await session.evaluator.ask(
    { kind: 'exposures', population: populationOf(session, experiment, where, asOf), grain },
    trace,
  );
  const periods = [...new Set(counts.map(({ period }) => period))].sort();
  const sums = new Map<string, Pick<ExposurePoint, 'units' | 'allocated'>>();
  return periods.flatMap((period) => {
    const at = grain === 'HOUR' ? canonicalInstant(period) : startOfDay(period, experiment.timezone);
    const date = grain === 'HOUR' ? dateIn(at, experiment.timezone) : period;
    return byVariant(
      experiment,
      counts.filter((count) => count.period === period),
    ).map(({ variant, units, allocated }) => {
      const own = { units, allocated: allocated! };
      const before = sums.get(variant.key);
      const sum =
        before === undefined
          ? own
          : {
              units: before.units + units,
              allocated: own.allocated.map((count, i) => before.allocated[i]! + count),
            };
      sums.set(variant.key, sum);
      return { at, date, variant, ...(cumulative ? sum : own) };
    });
  });
}
