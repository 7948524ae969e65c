import type { Experiment, MetricVersion, Source } from '../catalog/catalog.ts';
import { assertNever } from '../core/errors.ts';
import type { CanonicalInstant } from '../core/instant.ts';
import type { Maturity, TimeGrain } from '../core/vocabulary.ts';
import type { Filter } from './filter.ts';

/** Whose units: those of one experiment, as known at asOf, narrowed by a filter over the assignments' dimensions. */
export interface Population {
  readonly experiment: Experiment;
  readonly where: Filter | null;
  readonly asOf: CanonicalInstant;
}

/** One combination of dimension values, in the order of `sliceBy`; null is a missing value. */
export type SliceKey = readonly (string | null)[];

/**
 * What moments of a metric are wanted beyond units and sums. `products`: variances; `values`: how many units have one;
 * `capping`: thresholds and what they took away; `quality`: rows whose value is unusable or below the stated minimum.
 */
export const MOMENT_NEEDS = ['products', 'values', 'capping', 'quality'] as const;
export type MomentNeed = (typeof MOMENT_NEEDS)[number];

export interface MomentsQuestion {
  readonly kind: 'moments';
  readonly population: Population;
  readonly metric: MetricVersion;
  readonly maturity: Maturity;
  readonly sliceBy: readonly string[];
  /** The slices to tell apart; everything else falls into one rest. Empty without `sliceBy`. */
  readonly slices: readonly SliceKey[];
  readonly needs: readonly MomentNeed[];
  /** Constants near the means, where the plain sums would lose digits; null: 0. */
  readonly pivots: readonly number[] | null;
}

/** Assignment rows and units, kept and dropped, with reasons. Reads no fact source. */
export interface AssignmentsQuestion {
  readonly kind: 'assignments';
  readonly population: Population;
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

export type Question = MomentsQuestion | AssignmentsQuestion | ExposuresQuestion | SlicesQuestion | FreshnessQuestion;

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
        question.needs,
        question.pivots,
      ]);
    case 'assignments':
      return JSON.stringify([question.kind, populationKey(question.population)]);
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
