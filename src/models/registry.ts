import { metricAnomalies } from './anomalies/metric-anomalies.ts';
import { metricDays } from './anomalies/metric-days.ts';
import { experimentSummary } from './decision/experiment-summary.ts';
import { sampleRatioMismatch } from './decision/sample-ratio-mismatch.ts';
import type { Model } from './model.ts';
import { experimentResults } from './results/experiment-results.ts';
import { metricMoments } from './results/metric-moments.ts';
import { experimentAssignments } from './tables/experiment-assignments.ts';
import { experimentExclusions } from './tables/experiment-exclusions.ts';
import { metricCalculations } from './tables/metric-calculations.ts';
import { metricDefinitions } from './tables/metric-definitions.ts';
import { metricTimeline } from './tables/metric-timeline.ts';
import { sourceFreshness } from './tables/source-freshness.ts';

/** All models, in the order in which they are built: that of MODEL_NAMES. */
export const MODELS: readonly Model[] = [
  metricDefinitions,
  experimentAssignments,
  experimentExclusions,
  sourceFreshness,
  metricCalculations,
  metricTimeline,
  metricMoments,
  experimentResults,
  sampleRatioMismatch,
  experimentSummary,
  metricDays,
  metricAnomalies,
];
