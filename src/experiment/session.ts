import type { Catalog, Experiment } from '../catalog/catalog.ts';
import { MetricLayerError } from '../core/errors.ts';
import { type CanonicalInstant, parseInstant } from '../core/instant.ts';
import type { Evaluator } from '../evaluate/evaluator.ts';
import { checkFilter, type Filter } from '../plan/filter.ts';
import type { Population } from '../plan/question.ts';
import { assignmentSource } from '../plan/scope.ts';

/** What one request holds from start to end: one snapshot of the catalog, one clock reading, one evaluator. */
export interface Session {
  readonly catalog: Catalog;
  /** What is asked of it; the class also owns how, which only its maker needs to know. */
  readonly evaluator: Pick<Evaluator, 'ask' | 'estimate' | 'statements'>;
  /** The default asOf: the catalog's clock, else the request's, floored to the minute. */
  readonly now: CanonicalInstant;
}

/** Whether the experiment's assignments say when they happened. */
export function isTimed(session: Session, experiment: Experiment): boolean {
  return assignmentSource(session.catalog, experiment).timestamp !== null;
}

/** Refuses by name what needs the time of an assignment where there is none. */
export function requireTimestamps(session: Session, experiment: Experiment, what: string): void {
  if (isTimed(session, experiment)) return;
  throw new MetricLayerError(
    'NO_TIMESTAMP',
    `${what} cannot be had for experiment "${experiment.key}": its assignments ("${experiment.assignments}") have no timestamp. Declare one in the catalog, or ask without it.`,
  );
}

/** The asOf that a request names, or the default. */
export function resolveAsOf(
  session: Session,
  experiment: Experiment,
  asked: string | null | undefined,
): CanonicalInstant {
  if (asked == null) return session.now;
  requireTimestamps(session, experiment, 'asOf');
  const instant = parseInstant(asked);
  if (instant === null)
    throw new MetricLayerError('BAD_USER_INPUT', `"${asked}" is not an instant. Write it as 2026-03-20T00:00:00Z.`);
  return instant;
}

export function populationOf(
  session: Session,
  experiment: Experiment,
  where: Filter | null,
  asOf: CanonicalInstant,
): Population {
  if (where !== null) checkFilter(where, assignmentSource(session.catalog, experiment));
  return { experiment, where, asOf };
}
