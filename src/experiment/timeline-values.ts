import { type Moments, mergeMoments, repivot } from '../core/moments.ts';
import type { TimelineAxis, Unknown } from '../core/vocabulary.ts';
import { seriesForm } from '../plan/series-form.ts';
import type { ResultRow } from './result-row.ts';

/** What rows of one period come to means something by itself, and nothing is 0. */
const OF_A_PERIOD: ReadonlySet<string> = new Set(['sum', 'count', 'count_distinct', 'min', 'max', 'avg']);

/** Why the values of a period alone mean nothing; null: they do. */
export function refusalAlone(
  { metric, analysis }: Pick<ResultRow, 'metric'> & { readonly analysis: Pick<ResultRow['analysis'], 'maturity'> },
  axis: TimelineAxis,
): Unknown | null {
  if (seriesForm({ axis, maturity: analysis.maturity, metric }) === 'MATURED') return null;
  const hasValue = metric.variables.every(
    ({ measures, transform, combine }) =>
      combine === undefined &&
      (transform === 'identity' || transform === 'indicator') &&
      measures.every(({ aggregate }) => OF_A_PERIOD.has(aggregate)),
  );
  return hasValue ? null : 'NOT_APPLICABLE';
}

/** Of no units, about pivots. */
export function noMoments(pivots: readonly number[]): Moments {
  return {
    units: 0,
    pivots,
    sums: pivots.map(() => 0),
    products: pivots.map((_, i) => Array.from({ length: i + 1 }, () => 0)),
  };
}

/** The moments of so many units: those that did nothing in the period are 0. */
export function withIdle(alone: Moments, units: number): Moments {
  if (alone.pivots.every((pivot) => pivot === 0)) return { ...alone, units };
  const idle = { ...noMoments(alone.pivots.map(() => 0)), units: units - alone.units };
  return mergeMoments(alone, repivot(idle, alone.pivots));
}
