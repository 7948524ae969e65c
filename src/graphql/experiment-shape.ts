import type { Experiment } from '../catalog/catalog.ts';
import type { MetricRole } from '../core/vocabulary.ts';

/** How large an experiment is: all that the cost of reading it depends on. */
export interface ExperimentShape {
  readonly goals: number;
  readonly guardrails: number;
  readonly diagnostics: number;
  readonly variants: number;
  /** Days of exposure so far, in whole weeks. */
  readonly days: number;
}

export const NO_EXPERIMENT: ExperimentShape = { goals: 0, guardrails: 0, diagnostics: 0, variants: 0, days: 0 };

/** Where no start is declared. */
const UNKNOWN_DAYS = 371;
const WEEK_MS = 7 * 24 * 3600 * 1000;

export function shapeOf(experiment: Experiment, now: string): ExperimentShape {
  const count = (role: MetricRole) => experiment.metrics.filter((member) => member.role === role).length;
  return {
    goals: count('GOAL'),
    guardrails: count('GUARDRAIL'),
    diagnostics: count('DIAGNOSTIC'),
    variants: experiment.variants.length,
    days: daysOf(experiment, now),
  };
}

function daysOf({ start, end }: Experiment, now: string): number {
  if (start === null) return UNKNOWN_DAYS;
  const until = Math.min(Date.parse(now), end === null ? Number.POSITIVE_INFINITY : Date.parse(end));
  return 7 * Math.max(0, Math.ceil((until - Date.parse(start)) / WEEK_MS));
}

/** Lines of a scorecard: metric × treatment × slice, those that a `ResultFilter` lets through. */
export function linesOf(shape: ExperimentShape, filter: unknown, slices: number): number {
  const { metrics, roles, treatments, sliceBy } = (filter ?? {}) as {
    readonly [name: string]: readonly string[] | null | undefined;
  }; // coerced by the schema: lists of text; `where` is not read
  const has = (role: MetricRole) => roles?.includes(role) ?? true;
  const members =
    (has('GOAL') ? shape.goals : 0) +
    (has('GUARDRAIL') ? shape.guardrails : 0) +
    (has('DIAGNOSTIC') ? shape.diagnostics : 0);
  const chosen = Math.min(members, metrics?.length ?? members);
  const compared = Math.max(0, shape.variants - 1);
  return chosen * Math.min(compared, treatments?.length ?? compared) * ((sliceBy?.length ?? 0) > 0 ? slices : 1);
}
