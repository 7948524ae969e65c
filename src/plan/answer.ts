import type { Moments } from '../core/moments.ts';

/** One arm of one slice, for one metric. Arms without units have no entry. */
export interface ArmMoments {
  readonly variant: string;
  /** Index into the question's slices; its length for the rest; 0 without slices. */
  readonly slice: number;
  /** Exposed units, mature or not. */
  readonly exposed: number;
  readonly moments: Moments;
  readonly unitsWithValue: number | null;
  readonly capping: ArmCapping | null;
  /** Rows whose value is no finite number. */
  readonly invalidRows: number | null;
  readonly rowsBelowMinimum: number | null;
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
}

export type MomentsAnswer = readonly ArmMoments[];

export type DropReason =
  | 'NULL_UNIT'
  | 'NULL_VARIANT'
  | 'UNKNOWN_VARIANT'
  | 'OUTSIDE_PERIOD'
  | 'EXCLUDED_BY_RULE'
  | 'MULTIPLE_VARIANTS';

/** Rows and units of one fate; `reason` null: they are analysed. */
export interface AssignmentCount {
  readonly reason: DropReason | null;
  /** Of the row, or the unit's first; null where the row has none that is configured. */
  readonly variant: string | null;
  readonly rows: number;
  readonly units: number;
  /** Latest first exposure among them; null for dropped rows and without timestamps. */
  readonly lastExposure: string | null;
}

export type AssignmentsAnswer = readonly AssignmentCount[];

export interface ExposureCount {
  /** Start of the period: a date of the experiment's zone, or an instant for hours. */
  readonly period: string;
  readonly variant: string;
  readonly units: number;
}

export interface SliceCount {
  /** null: the rest, everything beyond the largest slices. */
  readonly values: readonly (string | null)[] | null;
  readonly variant: string;
  readonly units: number;
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
}
