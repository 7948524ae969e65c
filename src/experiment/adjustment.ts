import { METRIC_KINDS } from '../metric-types/registry.ts';
import { type CupedAdjusted, cupedMean, cupedRatio } from '../statistics/cuped/cuped.ts';
import { type Inference, notComputable } from '../statistics/inference.ts';
import type { Arms } from './arm-pair.ts';
import { capFault } from './arms.ts';
import type { ResultRow } from './result-row.ts';

export const ADJUSTMENTS = ['POST_STRATIFICATION', 'CUPED'] as const;
/** What makes the arms of a comparison more alike, or more precise; strata first. */
export type Adjustment = (typeof ADJUSTMENTS)[number];

/**
 * CUPED of a line's two arms, whatever the analysis, θ pooled over the two. Refused: a quantile (NOT_APPLICABLE), a metric
 * without a covariate (NO_COVARIATE), a degenerate cap, a covariate that does not help, and what the samples refuse.
 */
export function cupedOf({ metric }: ResultRow, arms: Arms): Inference<CupedAdjusted> {
  const { estimator } = METRIC_KINDS[metric.type];
  if (estimator === 'QUANTILE') return notComputable('NOT_APPLICABLE');
  // The covariates' sums are over units, and clusters were randomised.
  if (arms.control.clusters != null || arms.treatment.clusters != null) return notComputable('NOT_APPLICABLE');
  if (metric.covariate == null) return notComputable('NO_COVARIATE');
  const degenerate = capFault(arms);
  if (degenerate !== null) return notComputable(degenerate);
  const { control, treatment } = arms;
  if (control.joint === null || treatment.joint === null) return notComputable('NO_UNITS');
  const cuped = estimator === 'RATIO' ? cupedRatio : cupedMean;
  const result = cuped(control.joint.moments, treatment.joint.moments, {
    unitsWithCovariate: control.joint.unitsWithCovariate + treatment.joint.unitsWithCovariate,
  });
  if (!result.ok) return result;
  return result.kind === 'ADJUSTED' ? { ...result, ok: true } : notComputable(result.reason);
}
