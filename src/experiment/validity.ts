import type { SequentialMethod } from '../core/vocabulary.ts';
import { isRamped } from './allocation.ts';
import type { ResultRow } from './result-row.ts';

/** What a test's error rate is known to be: right for many units; or only like that of a test for which it is. */
export type Validity = 'ASYMPTOTIC' | 'HEURISTIC';

/**
 * Always-valid tests are claimed for means, proportions and ratios of mature units: a quantile is no sum over units, and the
 * values of immature units still change. A quantile by buckets is off by the buckets' width.
 */
export function validityOf({ metric, analysis, experiment }: ResultRow, sequential: SequentialMethod): Validity {
  if (metric.quantile?.method === 'approximate') return 'HEURISTIC';
  // Its strata cannot be put together, so that arms of other times are compared.
  if (metric.type === 'QUANTILE' && isRamped(experiment)) return 'HEURISTIC';
  if (sequential === 'NONE') return 'ASYMPTOTIC';
  return metric.type === 'QUANTILE' || analysis.maturity === 'ALL' ? 'HEURISTIC' : 'ASYMPTOTIC';
}
