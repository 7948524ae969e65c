import type { MetricType } from '../core/vocabulary.ts';
import { mean } from './mean.ts';
import { proportion } from './proportion.ts';
import { ratio } from './ratio.ts';

/** Every kind of metric. To add one: its word in the vocabulary, its file here beside, and one line. */
export const METRIC_KINDS = {
  MEAN: mean,
  PROPORTION: proportion,
  RATIO: ratio,
} as const satisfies Record<MetricType, unknown>;
