import type { MetricType } from '../core/vocabulary.ts';
import { funnel } from './funnel.ts';
import { mean } from './mean.ts';
import { participation } from './participation.ts';
import { proportion } from './proportion.ts';
import { quantile } from './quantile.ts';
import { ratio } from './ratio.ts';
import { retention } from './retention.ts';

/** Every kind of metric. To add one: its word in the vocabulary, its file here beside, and one line. */
export const METRIC_KINDS = {
  MEAN: mean,
  PROPORTION: proportion,
  RATIO: ratio,
  QUANTILE: quantile,
  RETENTION: retention,
  FUNNEL: funnel,
  PARTICIPATION: participation,
} as const satisfies Record<MetricType, unknown>;
