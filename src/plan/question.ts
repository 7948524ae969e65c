import type { Experiment, MetricVersion, Source } from '../catalog/catalog.ts';
import { assertNever } from '../core/errors.ts';
import type { CanonicalInstant } from '../core/instant.ts';
import type { Maturity, TimeGrain, TimelineAxis } from '../core/vocabulary.ts';
import type { Filter } from './filter.ts';

/** Whose units: those of one experiment, as known at asOf, narrowed by a filter over the assignments' dimensions. */
export interface Population {
  readonly experiment: Experiment;
  readonly where: Filter | null;
  readonly asOf: CanonicalInstant;
}

/** One combination of dimension values, in the order of `sliceBy`; null is a missing value. */
export type SliceKey = readonly (string | null)[];

/** Groups of units that estimates are stratified by: the values to tell apart, everything else being one rest. */
export interface Strata {
  /** Dimensions; `PHASE` among them, where the allocation changed. */
  readonly by: readonly string[];
  readonly keys: readonly SliceKey[];
}

/**
 * What moments of a metric are wanted beyond units and sums. `products`: variances; `values`: how many units have one;
 * `capping`: thresholds and what they took away; `quality`: rows whose value is unusable or below the stated minimum;
 * `covariates`: products with the values before exposure; `shape`: how the values are spread.
 */
export const MOMENT_NEEDS = ['products', 'values', 'capping', 'quality', 'covariates', 'shape'] as const;
export type MomentNeed = (typeof MOMENT_NEEDS)[number];

export interface MomentsQuestion {
  readonly kind: 'moments';
  readonly population: Population;
  readonly metric: MetricVersion;
  readonly maturity: Maturity;
  readonly sliceBy: readonly string[];
  /** The slices to tell apart; everything else falls into one rest. Empty without `sliceBy`. */
  readonly slices: readonly SliceKey[];
  /** Tell each slice apart by these, too; null or absent: not. */
  readonly strata?: Strata | null;
  readonly needs: readonly MomentNeed[];
  /** Constants near the means, where the plain sums would lose digits; null: 0. */
  readonly pivots: readonly number[] | null;
}

/**
 * A metric by period, one statement for its daily and its cumulative series. `maturity` REQUIRED: a unit's whole value counts in
 * the period in which it is mature.
 */
export interface SeriesQuestion {
  readonly kind: 'series';
  readonly population: Population;
  readonly metric: MetricVersion;
  readonly maturity: Maturity;
  readonly axis: TimelineAxis;
  /** Of the calendar; DAY on DAYS_SINCE_EXPOSURE. */
  readonly grain: TimeGrain;
  /** On DAYS_SINCE_EXPOSURE: only units observed for this many whole days, and their first days. */
  readonly days: number | null;
  readonly sliceBy: readonly string[];
  readonly slices: readonly SliceKey[];
  /** What values so far are cut to where a cap is a percentile: as the moments at asOf tell it. null: no such cap. */
  readonly thresholds: { readonly lower: number | null; readonly upper: number | null } | null;
  /** As of moments. */
  readonly pivots: readonly number[] | null;
}

/** The units of all variants, each assigned anew to one of two halves for each seed: moments of a metric as of A/A tests. */
export interface RerandomisedQuestion {
  readonly kind: 'rerandomised';
  readonly population: Population;
  readonly metric: MetricVersion;
  readonly maturity: Maturity;
  readonly seeds: readonly string[];
  readonly needs: readonly MomentNeed[];
  /** As of a moments question: those that its answer came with. */
  readonly pivots: readonly number[] | null;
}

/** Assignment rows and units, kept and dropped, with reasons. Reads no fact source. */
export interface AssignmentsQuestion {
  readonly kind: 'assignments';
  readonly population: Population;
  /** Tell units apart that were not activated; reads the activation's facts. Absent: they count as analysed. */
  readonly activated?: true;
}

/** Units by the period of their exposure and variant. */
export interface ExposuresQuestion {
  readonly kind: 'exposures';
  readonly population: Population;
  readonly grain: TimeGrain;
}

/** Slices by units, the largest `limit` apart and the rest together. */
export interface SlicesQuestion {
  readonly kind: 'slices';
  readonly population: Population;
  readonly sliceBy: readonly string[];
  readonly limit: number;
}

/** Rows of a source before asOf, and when the newest happened. */
export interface FreshnessQuestion {
  readonly kind: 'freshness';
  readonly source: Source;
  readonly asOf: CanonicalInstant;
}

export type Question =
  | MomentsQuestion
  | AssignmentsQuestion
  | ExposuresQuestion
  | SlicesQuestion
  | FreshnessQuestion
  | SeriesQuestion
  | RerandomisedQuestion;

/**
 * A dimension that every assignment has where the experiment declares phases: the number of the phase, from 0, that the unit was
 * exposed in. No dimension of a catalog can be called so.
 */
export const PHASE = 'phase of the experiment';

/** The same question has the same key, whoever asks it. */
export function questionKey(question: Question): string {
  switch (question.kind) {
    case 'moments':
      return JSON.stringify([
        question.kind,
        populationKey(question.population),
        question.metric.metric,
        question.metric.number,
        question.maturity,
        question.sliceBy,
        question.slices,
        question.strata ?? null,
        question.needs,
        question.pivots,
      ]);
    case 'assignments':
      return JSON.stringify([question.kind, populationKey(question.population), question.activated ?? false]);
    case 'series':
      return JSON.stringify([
        question.kind,
        populationKey(question.population),
        question.metric.metric,
        question.metric.number,
        question.maturity,
        question.axis,
        question.grain,
        question.days,
        question.sliceBy,
        question.slices,
        question.thresholds,
        question.pivots,
      ]);
    case 'rerandomised':
      return JSON.stringify([
        question.kind,
        populationKey(question.population),
        question.metric.metric,
        question.metric.number,
        question.maturity,
        question.seeds,
        question.needs,
        question.pivots,
      ]);
    case 'exposures':
      return JSON.stringify([question.kind, populationKey(question.population), question.grain]);
    case 'slices':
      return JSON.stringify([question.kind, populationKey(question.population), question.sliceBy, question.limit]);
    case 'freshness':
      return JSON.stringify([question.kind, question.source.name, question.asOf]);
    default:
      return assertNever(question);
  }
}

export function populationKey(population: Population): readonly unknown[] {
  return [population.experiment.key, population.where, population.asOf];
}
