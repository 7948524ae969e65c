import { addSeconds, type CanonicalInstant, canonicalInstant } from '../core/instant.ts';
import type { Trace } from '../evaluate/trace.ts';
import { maturesAfter } from '../metric-types/metric-type.ts';
import { type Comparison, compare } from './comparison.ts';
import { informationOf, looksReached } from './looks.ts';
import type { ResultRow } from './result-row.ts';
import { isTimed, populationOf, type Session } from './session.ts';

/**
 * The comparison as a group-sequential decision takes it: on the data as of the moment when the latest declared look was
 * reached. So a look says the same whenever it is read before the next, and reading it often costs no error. The last look, and
 * any where assignments have no times, is read on the data at hand. Other monitorings: the data at hand.
 */
export async function atLook(session: Session, row: ResultRow, trace?: Trace): Promise<Comparison> {
  const now = await compare(session, row, trace);
  const plan = row.experiment.groupSequential ?? null;
  const information = informationOf(now);
  if (row.experiment.monitoring !== 'GROUP_SEQUENTIAL' || plan === null || information === null) return now;
  const look = looksReached(plan, information);
  if (look === 0 || look === plan.looks.length || !isTimed(session, row.experiment)) return now;
  const share = plan.looks[look - 1]!;
  const asOf = await reachedAt(session, row, share * row.experiment.plan!.unitsPerVariant!, trace); // information needs a plan
  if (asOf === null || asOf >= row.analysis.asOf) return now;
  const then = await compare(session, { ...row, analysis: { ...row.analysis, asOf } }, trace);
  return { ...then, look };
}

const HOUR = 3600;

/** The end of the hour in which both arms had so many units, after which those are mature; null: they never had. */
async function reachedAt(
  session: Session,
  row: ResultRow,
  units: number,
  trace?: Trace,
): Promise<CanonicalInstant | null> {
  const population = populationOf(session, row.experiment, row.where, row.analysis.asOf);
  const counts = await session.evaluator.ask({ kind: 'exposures', population, grain: 'HOUR' }, trace);
  const arms = [row.analysis.control.key, row.treatment.key].map((key) =>
    counts.filter(({ variant }) => variant === key).sort((a, b) => (a.period < b.period ? -1 : 1)),
  );
  const reached = arms.map((hours) => {
    let sum = 0;
    return hours.find((hour) => {
      sum += hour.units;
      return sum >= units;
    })?.period;
  });
  if (reached.some((period) => period === undefined)) return null;
  const last = reached
    .map((period) => canonicalInstant(period!))
    .sort()
    .at(-1)!;
  return addSeconds(last, HOUR + (maturesAfter(row.metric) ?? 0));
}
