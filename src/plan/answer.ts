import type { Moments, OrderStatistics } from '../core/moments.ts';

/** One arm of one slice, for one metric. Arms without units have no entry. */
export interface ArmMoments {
  readonly variant: string;
  /** Index into the question's slices; its length for the rest; 0 without slices. */
  readonly slice: number;
  /** Index into the question's strata; their number for the rest; absent without strata. */
  readonly stratum?: number;
  /** Exposed units, mature or not. */
  readonly exposed: number;
  readonly moments: Moments;
  /**
   * Where whole clusters were randomised: over the clusters with a unit that counts, each variable's sum over the cluster's units,
   * about the pivots of `moments`, and last the number of its units. null or absent: units were randomised.
   */
  readonly clusters?: Moments | null;
  /** A quantile's; null for other metrics. `moments` then count the units. */
  readonly order: OrderStatistics | null;
  /** The variables as analysed, then their covariates; asked for by `covariates`. */
  readonly joint: JointMoments | null;
  /** Asked for by `shape`. */
  readonly shape: ArmShape | null;
  readonly unitsWithValue: number | null;
  readonly capping: ArmCapping | null;
  /** Rows whose value is no finite number. */
  readonly invalidRows: number | null;
  readonly rowsBelowMinimum: number | null;
}

export interface JointMoments {
  /**
   * Of a mean: value, value before (, 1 for a unit without rows before). Of a ratio: numerator, denominator, the same before.
   * A unit without rows before has 0; where an indicator tells it, the pivot, which is 0 unless plain sums would lose digits.
   */
  readonly moments: Moments;
  /** Units with rows before. */
  readonly unitsWithCovariate: number;
}

/** How the values of variable 0, as analysed, are spread; about the pivot of the moments. */
export interface ArmShape {
  /** Σ (x − k)³ */
  readonly cubes: number;
  readonly smallest: number | null;
  readonly largest: number | null;
}

/** The thresholds (the same in all arms) and what they did in this arm; for a ratio, those of the numerator. */
export interface ArmCapping {
  readonly lower: number | null;
  readonly upper: number | null;
  /** Least and greatest value before capping, over all arms. */
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly cappedUnits: number;
  readonly uncapped: Moments;
  /** As `ArmMoments.clusters`. */
  readonly uncappedClusters?: Moments | null;
}

export type MomentsAnswer = readonly ArmMoments[];

export const DROP_REASONS = [
  'NULL_UNIT',
  'NULL_VARIANT',
  'UNKNOWN_VARIANT',
  'OUTSIDE_PERIOD',
  'EXCLUDED_BY_RULE',
  'MULTIPLE_VARIANTS',
  'NOT_ACTIVATED',
] as const;
/** Why a row or a unit of the assignments is not analysed, in the order in which it is asked. */
export type DropReason = (typeof DROP_REASONS)[number];

/** Rows and units of one fate; `reason` null: they are analysed. */
export interface AssignmentCount {
  readonly reason: DropReason | null;
  /** Of the row, or the unit's first; null where the row has none that is configured. */
  readonly variant: string | null;
  readonly rows: number;
  readonly units: number;
  /** Where clusters are randomised; absent: units are. */
  readonly clusters?: number;
  /** Of its first exposure, where the experiment declares phases; null for dropped rows. */
  readonly phase?: number | null;
  /** Latest first exposure among them; null for dropped rows and without timestamps. */
  readonly lastExposure: string | null;
}

export type AssignmentsAnswer = readonly AssignmentCount[];

export interface ExposureCount {
  /** Start of the period: a date of the experiment's zone, or an instant for hours. */
  readonly period: string;
  readonly variant: string;
  readonly units: number;
  /** Clusters whose first unit was exposed in the period; absent: units are randomised. */
  readonly clusters?: number;
  /** Where the experiment declares phases: one entry a phase of the period. */
  readonly phase?: number;
}

export interface SliceCount {
  /** null: the rest, everything beyond the largest slices. */
  readonly values: readonly (string | null)[] | null;
  readonly variant: string;
  readonly units: number;
  /** Clusters with a unit in the slice; absent: units are randomised. */
  readonly clusters?: number;
  /** Where the experiment declares phases: one entry a phase. */
  readonly phase?: number;
}

/** What one period added to an arm, for one metric. Arms and periods that nothing happened in have no entry. */
export interface SeriesPoint {
  /** Start of the period: a date of the experiment's zone, or an instant for hours. The day, from 0, since exposure. */
  readonly period: string | number;
  readonly variant: string;
  /** Index into the question's slices; its length for the rest; 0 without slices. */
  readonly slice: number;
  /** Units whose values count from this period on: exposed in it; or mature in it. On DAYS_SINCE_EXPOSURE the cohort, on day 0. */
  readonly entered: number;
  /** Sums and products of the units' values of this period alone, over units that have one; `units` are those. */
  readonly alone: Moments;
  /** What the period adds to the sums and products of the units' values up to its end; `units` is `entered`. Add them up. */
  readonly added: Moments;
}

export interface FreshnessAnswer {
  readonly rows: number;
  readonly latest: string | null;
}

/** What each kind of question is answered with. */
export interface Answers {
  readonly moments: MomentsAnswer;
  readonly assignments: AssignmentsAnswer;
  readonly exposures: readonly ExposureCount[];
  readonly slices: readonly SliceCount[];
  readonly freshness: FreshnessAnswer;
  readonly series: readonly SeriesPoint[];
  /** `slice` is the index of the seed; variants are `0` and `1`. */
  readonly rerandomised: MomentsAnswer;
}
