import type { Trace } from '../evaluate/trace.ts';
import { seriesForm, seriesRefusal } from '../plan/series-form.ts';
import type { Inference } from '../statistics/inference.ts';
import { notComputable } from '../statistics/inference.ts';
import { type EffectTrend, effectTrend, FEWEST_DAYS } from '../statistics/novelty.ts';
import { differenceOf } from './comparison.ts';
import type { ResultRow } from './result-row.ts';
import type { Session } from './session.ts';
import { timelineOf } from './timeline.ts';

/** How a line's effect changes with the days since exposure, and on how many days that rests. */
export type Novelty = Inference<EffectTrend & { readonly days: number }>;

/**
 * The trend of the daily effects over the days since exposure, of one cohort that was observed on all of them. A day on which the
 * effect cannot be computed is left out; fewer than seven others are TOO_FEW_POINTS.
 */
export async function noveltyOf(session: Session, row: ResultRow, trace?: Trace): Promise<Novelty> {
  const form = seriesForm({ axis: 'DAYS_SINCE_EXPOSURE', maturity: row.analysis.maturity, metric: row.metric });
  if (seriesRefusal(row.metric, form) !== null) return notComputable('NOT_APPLICABLE');
  const options = { grain: 'DAY', cumulative: false, by: 'DAYS_SINCE_EXPOSURE' } as const;
  const points = await timelineOf(session, row, options, trace);
  const estimates = points.map(({ day, comparison }) => ({ day: day!, ...differenceOf(comparison) }));
  if (estimates.some(({ unknown }) => unknown === 'NOT_APPLICABLE')) return notComputable('NOT_APPLICABLE');
  const effects = estimates.flatMap(({ day, value, standardError, unknown }) =>
    unknown === null && value !== null && standardError !== null ? [{ day, estimate: value, standardError }] : [],
  );
  if (effects.length < FEWEST_DAYS) return notComputable('TOO_FEW_POINTS');
  const trend = effectTrend(effects, row.analysis.level);
  return trend.ok ? { ...trend, days: effects.length } : trend;
}
