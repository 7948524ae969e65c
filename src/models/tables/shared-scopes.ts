import type { Catalog, Experiment } from '../../catalog/catalog.ts';
import { groupBy } from '../../core/group-by.ts';
import { activationKey } from '../../plan/activation.ts';
import { phaseDimension } from '../../plan/phases.ts';
import type { Population } from '../../plan/question.ts';
import { assignmentSource, clusterByTime, type Scope } from '../../plan/scope.ts';
import { bind, ident, join, type Sql, sql } from '../../sql/sql.ts';
import { and, as, unionAll } from '../../sql/statement.ts';
import { populationUntilHorizon } from '../as-of.ts';
import type { ModelColumn, ModelContext } from '../model.ts';
import { nothing } from './shared-columns.ts';

/**
 * Populations of experiments, those together whose units one scan of the assignments tells. `by`: what else they must agree on.
 * `apartInTime`: those that are far apart in time are not together.
 */
export function sharedPopulations(
  catalog: Catalog,
  experiments: readonly Experiment[],
  {
    by = ({ activation }) => activationKey(activation),
    apartInTime = true,
  }: { readonly by?: (experiment: Experiment) => unknown; readonly apartInTime?: boolean } = {},
): readonly (readonly Population[])[] {
  const populations = experiments.map(populationUntilHorizon);
  const groups = groupBy(populations, ({ experiment }) => {
    const { experiment: column } = assignmentSource(catalog, experiment);
    return JSON.stringify([
      experiment.assignments,
      column === null ? experiment.key : null,
      experiment.multiExposure,
      isPhased(experiment),
      by(experiment),
    ]);
  });
  if (!apartInTime) return [...groups.values()];
  return [...groups.values()].flatMap((group) =>
    clusterByTime(group, assignmentSource(catalog, group[0]!.experiment).timestamp !== null),
  );
}

/** Whether the experiment's units are told apart by phase. */
export const isPhased = (experiment: Experiment): boolean =>
  phaseDimension([populationUntilHorizon(experiment)]).length > 0;

/** The key of a row's (`r`) experiment: a column where there are several, else the only one. */
export function experimentSql({ keys, populations, dialect }: Scope): Sql {
  if (keys.length > 0) return ident('r', 'experiment');
  return as(dialect.text(bind(populations[0]!.experiment.key)), 'experiment');
}

/** Joins a step's rows (`r`) to the variants (`c`) that their arms are. */
export function namedArms({ keys }: Scope, step: string, kind: 'join' | 'left join' = 'join'): Sql {
  const on = and(['arm', ...keys].map((key) => sql`${ident('c', key)} = ${ident('r', key)}`));
  const word = kind === 'join' ? sql`join` : sql`left join`;
  return sql`${ident(step)} as r\n${word} configured as c on ${on}`;
}

/** Statements of the same columns as one; without any, no rows. */
export function united(context: ModelContext, columns: readonly ModelColumn[], parts: readonly Sql[]): Sql {
  if (parts.length === 0) {
    const nulls = columns.map(({ name, type }) => as(nothing(context, type), name));
    return sql`select ${join(nulls, ', ')} where false`;
  }
  return unionAll(
    columns.map(({ name }) => name),
    parts,
  );
}
