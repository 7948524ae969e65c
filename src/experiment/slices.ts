import type { Experiment } from '../catalog/catalog.ts';
import { MetricLayerError } from '../core/errors.ts';
import { groupBy } from '../core/group-by.ts';
import type { CanonicalInstant } from '../core/instant.ts';
import type { Trace } from '../evaluate/trace.ts';
import type { SliceCount } from '../plan/answer.ts';
import { dimensionType, type Filter } from '../plan/filter.ts';
import { assignmentSource } from '../plan/scope.ts';
import { populationOf, type Session } from './session.ts';

/** So many slices are told apart; the units of all others are one rest, never dropped. */
export const MOST_SLICES = 50;

export interface Slice {
  /** null: the rest. */
  readonly values: readonly (string | null)[] | null;
  readonly counts: readonly SliceCount[];
}

/** The combinations of the dimensions' values, largest first, then the rest, if there is any. */
export async function slicesOf(
  session: Session,
  experiment: Experiment,
  where: Filter | null,
  asOf: CanonicalInstant,
  sliceBy: readonly string[],
  trace?: Trace,
): Promise<readonly Slice[]> {
  const source = assignmentSource(session.catalog, experiment);
  for (const dimension of sliceBy) dimensionType(source, dimension);
  if (new Set(sliceBy).size !== sliceBy.length)
    throw new MetricLayerError('BAD_USER_INPUT', `sliceBy names a dimension twice: ${sliceBy.join(', ')}.`);
  const counts = await session.evaluator.ask(
    { kind: 'slices', population: populationOf(session, experiment, where, asOf), sliceBy, limit: MOST_SLICES },
    trace,
  );
  return [...groupBy(counts, ({ values }) => JSON.stringify(values)).values()].map((group) => ({
    values: group[0]!.values,
    counts: group,
  }));
}
