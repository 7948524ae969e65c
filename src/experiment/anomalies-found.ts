import type { MetricVersion, Variant } from '../catalog/catalog.ts';
import type { CanonicalInstant } from '../core/instant.ts';
import type { Interval } from '../statistics/inference.ts';
import type { Severity } from './rules/rule.ts';

export const ANOMALY_KINDS = ['SPIKE', 'DROP', 'LEVEL_SHIFT', 'MISSING_DATA', 'LATE_DATA', 'OUTLIER_UNIT'] as const;
export type AnomalyKind = (typeof ANOMALY_KINDS)[number];
export const ANOMALY_SCOPES = ['SHARED', 'VARIANT'] as const;
/** All variants together, or one of them on days on which all together are as usual. */
export type AnomalyScope = (typeof ANOMALY_SCOPES)[number];

/** Something unusual in a metric. */
export interface MetricAnomaly {
  readonly kind: AnomalyKind;
  readonly scope: AnomalyScope;
  readonly severity: Severity;
  readonly metric: MetricVersion;
  /** null: all of them. */
  readonly variant: Variant | null;
  readonly startAt: CanonicalInstant;
  /** null: it goes on, or it is of no days. */
  readonly endAt: CanonicalInstant | null;
  readonly observed: number | null;
  readonly expected: Interval | null;
  /** Standard deviations from what is expected; of a unit, its share of the arm's total; of missing data, units that were expected. */
  readonly score: number;
  readonly message: string;
}
